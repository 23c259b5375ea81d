"""GreedyLR as its authors' robustness study ran it: their `AdvancedGreedyLR`.

With the raw metric m, number n of the series, in this order:

    1. n > 5 and m > 2 x mean of the last 5, m included:  bad = max(0, bad - 2)
    2. c = mean of the last `window_size` metrics (smooth), or m
    3. margin = 1e-6, or, with n > 10, max(1e-6, 0.1 x population deviation of the last 10)
    4. c < best - margin:   best = c, bad = 0, good += 1, improvements += 1
       otherwise:           bad += 1, good = 0
    5. adaptive_patience:   max(5, patience // 2) above 10 improvements, min(30, 2 patience) below 3
    6. 50 divides n:        improvements = 0
    7. cooldown runs:       cooldown -= 1, bad = 0;   warmup runs: warmup -= 1, good = 0
    8. bad > patience:      r = factor + k momentum_factor, lr = max(lr r, min_lr), k = r - factor,
                            cooldown = max(3, patience // 3), bad = 0
    9. good > patience:     u = 1 / factor - k momentum_factor, lr = min(lr u, max_lr),
                            k = 1 / factor - u, warmup = max(3, patience // 3), good = 0

The momentum k of the rate starts at 0 and by 8 and 9 stays there: momentum_factor has no effect.

>>> import numpy as np
>>> from lab.replay import replay
>>> from lab.schedules import SCHEDULES
>>> research = SCHEDULES.choose("greedy-research:patience=1,factor=0.5,smooth=false")
>>> replay(research, np.array([4.0, 3.0, 3.0, 3.0, 3.0]), lr=0.1).tolist()
[0.1, 0.2, 0.2, 0.1, 0.1]

Source: GreedyLR, arXiv 2512.14527, the code of its robustness study.
"""

from __future__ import annotations

import math

from lab.component import Feedback, Parameter, State, Values
from lab.engine.bits import to_integer
from lab.schedules.greedy import advance, limits

INFINITY = math.inf
#: Lengths of the windows behind the spike test and the margin.
SHORT, LONG = 5, 10
#: Calls after which the improvements are counted anew.
PERIOD = 50
#: Shortest rest after a change, in calls.
REST = 3


def step(
    metric, lr, short, current, deviation, best, bad, good, improvements,
    cooldown_left, warmup_left, momentum, recent, calls, slot,
    patience, factor, smooth, window_size, min_lr, max_lr, adaptive_patience, momentum_factor,
    spike_detection,
):  # fmt: skip
    """One call of the schedule for every lane."""
    n = to_integer(calls[0]) + 1
    look_back(metric, short, current, deviation, recent, slot, n, window_size if smooth else 1)
    forgiving = spike_detection and n > SHORT
    varied = n > LONG
    over = n % PERIOD == 0
    eager = max(5, patience // 2) if adaptive_patience else patience
    slow = min(30, 2 * patience) if adaptive_patience else patience
    eager_rest, slow_rest = max(REST, eager // 3), max(REST, slow // 3)
    usual_rest = max(REST, patience // 3)
    for k in range(lr.shape[0]):
        spike = forgiving & (metric[k] > 2.0 * short[k])
        forgiven = bad[k] - 2.0 if bad[k] > 2.0 else 0.0
        wide = varied & (0.1 * deviation[k] > 1e-6)
        better = current[k] < best[k] - (0.1 * deviation[k] if wide else 1e-6)
        count = improvements[k] + 1.0 if better else improvements[k]
        allowed = eager if count > 10.0 else (slow if count < 3.0 else patience)
        rest = eager_rest if count > 10.0 else (slow_rest if count < 3.0 else usual_rest)

        cooling = cooldown_left[k] > 0.0
        warming = warmup_left[k] > 0.0
        bad_count = 0.0 if better | cooling else (forgiven if spike else bad[k]) + 1.0
        good_count = good[k] + 1.0 if better & (not warming) else 0.0
        fall = bad_count > allowed
        rise = good_count > allowed

        shrink = factor + momentum[k] * momentum_factor
        grow = 1.0 / factor - momentum[k] * momentum_factor
        down = lr[k] * shrink
        down = min_lr if min_lr > down else down
        up = lr[k] * grow
        up = max_lr if max_lr < up else up

        lr[k] = down if fall else (up if rise else lr[k])
        momentum[k] = shrink - factor if fall else (1.0 / factor - grow if rise else momentum[k])
        best[k] = current[k] if better else best[k]
        bad[k] = 0.0 if fall else bad_count
        good[k] = 0.0 if rise else good_count
        improvements[k] = 0.0 if over else count
        cooldown_left[k] = rest if fall else cooldown_left[k] - (1.0 if cooling else 0.0)
        warmup_left[k] = rest if rise else warmup_left[k] - (1.0 if warming else 0.0)
        calls[k] = n


def look_back(metric, short, current, deviation, recent, slot, n, window):
    """Enter the metric, number n; the means and the deviation of the last ones."""
    row = to_integer(slot[0])
    for k in range(metric.shape[0]):
        recent[row, k] = metric[k]
    mean_of_last(short, recent, row, min(n, SHORT))
    mean_of_last(current, recent, row, min(n, LONG))
    deviation_of_last(deviation, current, recent, row, min(n, LONG))
    mean_of_last(current, recent, row, min(n, window))
    advance(slot, row, recent.shape[0])


def mean_of_last(mean, recent, row, count):
    """Mean of the rows row - count + 1 .. row of the ring."""
    for k in range(mean.shape[0]):
        mean[k] = 0.0
    for age in range(count - 1, -1, -1):
        source = row - age if row >= age else row - age + recent.shape[0]
        for k in range(mean.shape[0]):
            mean[k] += recent[source, k]
    for k in range(mean.shape[0]):
        mean[k] /= count


def deviation_of_last(deviation, mean, recent, row, count):
    """Population standard deviation of the same rows, from their mean."""
    for k in range(mean.shape[0]):
        deviation[k] = 0.0
    for age in range(count - 1, -1, -1):
        source = row - age if row >= age else row - age + recent.shape[0]
        for k in range(mean.shape[0]):
            gap = recent[source, k] - mean[k]
            deviation[k] += gap * gap
    for k in range(mean.shape[0]):
        deviation[k] = math.sqrt(deviation[k] / count)


def history_rows(values: Values) -> int:
    """Rows of the ring: the longest window."""
    return max(LONG, values["window_size"] if values["smooth"] else 1)


GREEDY_RESEARCH = Feedback(
    name="greedy-research",
    summary="GreedyLR as its authors' robustness study ran it",
    source="arXiv 2512.14527, code of the robustness study (AdvancedGreedyLR)",
    kernel=step,
    parameters=(
        Parameter("patience", 10, "calls in a row that may pass before the rate moves", "[0, inf)"),
        Parameter("factor", 0.95, "the rate is divided or multiplied by it", "(0, 1)"),
        Parameter("smooth", True, "compare the mean of the last window_size losses"),
        Parameter("window_size", 10, "losses in that mean", "[1, 10000]"),
        Parameter("min_lr", 1e-5, "lower bound of a reduction", "[0, inf)", rate=True),
        Parameter("max_lr", 1.0, "upper bound of an increase", "(0, inf]", rate=True),
        Parameter("adaptive_patience", False, "whether the patience follows the improvements"),
        Parameter(
            "momentum_factor", 0.9, "momentum of the rate; without effect, see the notes", "[0, 1]"
        ),
        Parameter("spike_detection", True, "whether a spike takes back two failures"),
    ),
    rule=limits,
    state={
        "short": State(),
        "current": State(),
        "deviation": State(),
        "best": State(initial=INFINITY),
        "bad": State(),
        "good": State(),
        "improvements": State(),
        "cooldown_left": State(),
        "warmup_left": State(),
        "momentum": State(),
        "recent": State(rows=history_rows),
        "calls": State(),
        "slot": State(),
    },
    notes="The study used factor=0.9 with patience=1 and with patience=10. momentum_factor"
    " multiplies a momentum that is always 0.",
    aliases=("AdvancedGreedyLR",),
)
