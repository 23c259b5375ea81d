"""GreedyLR as printed in the paper: Algorithms 2 and 3.

With the metric m_t (under `smooth` the mean of the last `window_size` ones), in this order:

    m_t < best (1 - threshold):  best = m_t, good += 1, bad = 0;   otherwise bad += 1, good = 0
    cooldown runs:               cooldown -= 1, bad = 0
    warmup runs:                 warmup -= 1, good = 0
    bad > patience:              lr = max(lr factor, min_lr), unless the change is at most eps;
                                 cooldown begins, bad = 0
    good > patience:             lr = min(lr / factor, max_lr); warmup begins, good = 0
    reset_start = 0:             best, counts and counters start anew, reset_start is restored;
                                 the rate stays
    lr at its lower bound:       reset_start -= 1

Here, unlike in the release (`greedy`), the comparison and best go on while a cooldown or a warmup
runs, the threshold is relative, and a reset leaves the rate. `reset=printed` counts reset_start
down at every call: the printed test, that all rates are equal, always holds with one group of
parameters; `reset=bound` is what its comment says.

>>> import numpy as np
>>> from lab.replay import replay
>>> from lab.schedules import SCHEDULES
>>> paper = SCHEDULES.choose("greedy-paper:patience=1,factor=0.5,cooldown=1")
>>> replay(paper, np.array([4.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0]), lr=0.1).tolist()
[0.1, 0.2, 0.2, 0.1, 0.1, 0.1, 0.05]

Source: GreedyLR, arXiv 2512.14527, Algorithms 2 and 3.
"""

from __future__ import annotations

import math

from lab.component import Feedback, Parameter, State
from lab.schedules.greedy import exact_mean, limits, window_rows

INFINITY = math.inf
PRINTED = 1


def step(
    metric, lr, current, best, bad, good, cooldown_left, warmup_left, resets_left,
    recent, filled, slot,
    factor, patience, threshold, cooldown, warmup, min_lr, max_lr, eps,
    smooth, window_size, reset_start, reset,
):  # fmt: skip
    """One call of the schedule for every lane."""
    if smooth:
        exact_mean(metric, current, recent, filled, slot, window_size)
    else:
        for k in range(lr.shape[0]):
            current[k] = metric[k]
    for k in range(lr.shape[0]):
        better = current[k] < best[k] * (1.0 - threshold)
        cooling = cooldown_left[k] > 0.0
        warming = warmup_left[k] > 0.0
        bad_count = 0.0 if better | cooling else bad[k] + 1.0
        good_count = good[k] + 1.0 if better & (not warming) else 0.0
        fall = bad_count > patience
        rise = good_count > patience

        old = lr[k]
        down = old * factor
        down = min_lr if min_lr > down else down
        up = old / factor
        up = max_lr if max_lr < up else up
        rate = down if fall & (old - down > eps) else old
        rate = up if rise else rate
        renew = resets_left[k] == 0.0
        left = reset_start if renew else resets_left[k]

        lr[k] = rate
        best[k] = INFINITY if renew else (current[k] if better else best[k])
        bad[k] = 0.0 if fall | renew else bad_count
        good[k] = 0.0 if rise | renew else good_count
        cooling_left = cooldown if fall else cooldown_left[k] - (1.0 if cooling else 0.0)
        warming_left = warmup if rise else warmup_left[k] - (1.0 if warming else 0.0)
        cooldown_left[k] = 0.0 if renew else cooling_left
        warmup_left[k] = 0.0 if renew else warming_left
        lowest = (reset == PRINTED) | (rate <= min_lr)
        resets_left[k] = left - (1.0 if lowest else 0.0)


GREEDY_PAPER = Feedback(
    name="greedy-paper",
    summary="GreedyLR as printed: Algorithms 2 and 3 of the paper",
    source="arXiv 2512.14527, Algorithms 2 and 3",
    kernel=step,
    parameters=(
        Parameter("factor", 0.95, "the rate is divided or multiplied by it", "(0, 1)"),
        Parameter("patience", 10, "calls in a row that may pass before the rate moves", "[0, inf)"),
        Parameter("threshold", 1e-6, "share of best by which a loss must be better", "[0, 1]"),
        Parameter("cooldown", 0, "calls after a reduction that do not count as bad", "[0, inf)"),
        Parameter("warmup", 0, "calls after an increase that do not count as good", "[0, inf)"),
        Parameter("min_lr", 1e-3, "lower bound of a reduction", "[0, inf)", rate=True),
        Parameter("max_lr", 1.0, "upper bound of an increase", "(0, inf]", rate=True),
        Parameter("eps", 1e-8, "a reduction of at most this much is skipped", "[0, inf)"),
        Parameter("smooth", False, "compare the mean of the last window_size losses"),
        Parameter("window_size", 50, "losses in that mean", "[1, 10000]"),
        Parameter("reset_start", 500, "calls at min_lr until a new start", "[1, inf)"),
        Parameter(
            "reset",
            "bound",
            "which calls count for reset_start: those with the rate at min_lr, or, as printed, all",
            choices=("bound", "printed"),
        ),
    ),
    rule=limits,
    state={
        "current": State(),
        "best": State(initial=INFINITY),
        "bad": State(),
        "good": State(),
        "cooldown_left": State(),
        "warmup_left": State(),
        "resets_left": State(initial="reset_start"),
        "recent": State(rows=window_rows),
        "filled": State(),
        "slot": State(),
    },
    notes="The paper prints no defaults: these are the release's. Its prose describes cooldown and"
    " warmup otherwise (keep reducing, keep increasing); the algorithm is what is followed.",
)
