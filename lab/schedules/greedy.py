"""GreedyLR as released: transformers' `GreedyLR`, bit for bit.

With the metric m_t (under `smooth` its mean over the last `window_size` calls):

    better_t:  m_t < best - threshold            threshold_mode abs
               m_t < best (1 - threshold)        threshold_mode rel
    better     best = m_t, good += 1, bad = 0;   otherwise bad += 1, good = 0
    good > patience:  lr = min(lr / factor, max_lr), then `warmup` calls of rest
    bad > patience:   lr = max(lr factor, min_lr), then `cooldown` calls of rest

A change of at most `eps` is skipped. At rest nothing is compared and both counts are 0. A reduction
that ends at min_lr counts `reset_start` down, an increase restores it; at 0 the rate returns to the
initial one and best, counts and window start anew. Mode max mirrors every comparison.

With patience 1, the second of two better losses in a row raises the rate, the second of two others
lowers it:

>>> import numpy as np
>>> from lab.replay import replay
>>> from lab.schedules import SCHEDULES
>>> greedy = SCHEDULES.choose("greedy:patience=1,factor=0.5,min_lr=0.01")
>>> replay(greedy, np.array([3.0, 2.0, 2.0, 2.0, 1.0]), lr=0.1).tolist()
[0.1, 0.2, 0.2, 0.1, 0.1]

Source: transformers 5.24, `transformers/optimization.py`, `GreedyLR` and `StreamingAverage`;
GreedyLR, arXiv 2512.14527, Algorithms 2-3, from which the release differs.
"""

from __future__ import annotations

import math

from lab.component import Feedback, Parameter, Percent, State, Values
from lab.engine.bits import to_integer

INFINITY = math.inf
EXACT = 1
RELATIVE = 1


def step(
    metric, lr, initial_lr, current, best, bad, good, cooldown_left, warmup_left, resets_left,
    recent, total, filled, slot,
    factor, patience, threshold, threshold_mode, cooldown, warmup, min_lr, max_lr, eps,
    smooth, window_size, reset_start, mode, window,
):  # fmt: skip
    """One call of the schedule for every lane."""
    resting = (cooldown > 0) | (warmup > 0)
    if smooth | resting:
        if not smooth:
            for k in range(lr.shape[0]):
                current[k] = metric[k]
        elif window == EXACT:
            exact_mean(metric, current, recent, filled, slot, window_size)
        else:
            running_mean(metric, current, recent, total, filled, slot, window_size)
        decide(
            current, lr, initial_lr, best, bad, good, cooldown_left, warmup_left, resets_left,
            total, filled, factor, patience, threshold, threshold_mode, cooldown, warmup,
            min_lr, max_lr, eps, reset_start, mode, True,
        )  # fmt: skip
    else:
        # Half of the fields are idle then; a copy of the code without them takes half the time.
        decide(
            metric, lr, initial_lr, best, bad, good, cooldown_left, warmup_left, resets_left,
            total, filled, factor, patience, threshold, threshold_mode, cooldown, warmup,
            min_lr, max_lr, eps, reset_start, mode, False,
        )  # fmt: skip


def decide(
    current, lr, initial_lr, best, bad, good, cooldown_left, warmup_left, resets_left,
    total, filled, factor, patience, threshold, threshold_mode, cooldown, warmup,
    min_lr, max_lr, eps, reset_start, mode, memory,
):  # fmt: skip
    """Compare `current` with the best so far and set the rates.

    Without `memory` there is neither a window nor a rest, and the fields of both are left alone.
    """
    # Mode max is mode min on mirrored numbers: negation is exact. So are the factor 1 and the
    # margin 0 with which each of the two modes of the threshold fits one formula.
    sign = 1.0 - 2.0 * mode
    share = 1.0 - sign * threshold if threshold_mode == RELATIVE else 1.0
    margin = 0.0 if threshold_mode == RELATIVE else threshold
    for k in range(lr.shape[0]):
        seen = sign * current[k]
        better = seen < best[k] * share - margin
        worse = not better
        if memory:
            awake = (cooldown_left[k] <= 0.0) & (warmup_left[k] <= 0.0)
            better, worse = awake & better, awake & worse
        good_count = good[k] + 1.0 if better else 0.0
        bad_count = bad[k] + 1.0 if worse else 0.0
        rise = good_count > patience
        fall = bad_count > patience

        old = lr[k]
        up = old / factor
        up = max_lr if max_lr < up else up
        down = old * factor
        down = min_lr if min_lr > down else down
        rate = up if rise & (up - old > eps) else old
        rate = down if fall & (old - down > eps) else rate

        lowest = fall & (not rate > min_lr)
        left = reset_start if rise else resets_left[k] - (1.0 if lowest else 0.0)
        reset = lowest & (left <= 0.0)

        lr[k] = initial_lr[k] if reset else rate
        best[k] = INFINITY if reset else (seen if better else best[k])
        good[k] = 0.0 if rise else good_count
        bad[k] = 0.0 if fall else bad_count
        resets_left[k] = reset_start if reset else left
        if memory:
            warming = warmup_left[k] - (1.0 if cooldown_left[k] <= 0.0 else 0.0)
            cooling = cooldown_left[k] - 1.0
            warmup_left[k] = warmup if rise else (warming if warming > 0.0 else 0.0)
            cooldown_left[k] = cooldown if fall else (cooling if cooling > 0.0 else 0.0)
            total[k] = 0.0 if reset else total[k]
            filled[k] = 0.0 if reset else filled[k]


def running_mean(metric, mean, recent, total, filled, slot, window_size):
    """Mean of the window from a running sum: what once enters the sum leaves rounding behind.

    `slot`, the row that is written next, is the same in all lanes; a lane's window is the last
    `filled` rows before it.
    """
    row = to_integer(slot[0])
    for k in range(metric.shape[0]):
        added = total[k] + metric[k]
        full = filled[k] >= window_size
        total[k] = added - recent[row, k] if full else added
        filled[k] = filled[k] if full else filled[k] + 1.0
        mean[k] = total[k] / filled[k]
        recent[row, k] = metric[k]
    advance(slot, row, window_size)


def exact_mean(metric, mean, recent, filled, slot, window_size):
    """Mean of the window's own values, summed from the oldest on."""
    row = to_integer(slot[0])
    for k in range(metric.shape[0]):
        recent[row, k] = metric[k]
        filled[k] = filled[k] if filled[k] >= window_size else filled[k] + 1.0
        mean[k] = 0.0
    for age in range(window_size - 1, -1, -1):
        source = row - age if row >= age else row - age + window_size
        for k in range(metric.shape[0]):
            mean[k] += recent[source, k] if age < filled[k] else 0.0
    for k in range(metric.shape[0]):
        mean[k] /= filled[k]
    advance(slot, row, window_size)


def advance(slot, row, window_size):
    """Move on to the next row of the ring."""
    following = 0.0 if row + 1 == window_size else row + 1.0
    for k in range(slot.shape[0]):
        slot[k] = following


def window_rows(values: Values) -> int:
    """Rows of the window: none without smoothing."""
    return values["window_size"] if values["smooth"] else 0


def limits(values: Values) -> str:
    """What is wrong with the bounds of the rate, or nothing."""
    low, high = values["min_lr"], values["max_lr"]
    return f"min_lr={low:g} is above max_lr={high:g}" if low > high else ""


GREEDY = Feedback(
    name="greedy",
    summary="GreedyLR as released: raises the rate after a run of improvements, lowers it after a"
    " run of none",
    source="transformers 5.24, GreedyLR; arXiv 2512.14527",
    kernel=step,
    parameters=(
        Parameter(
            "preset",
            "hf",
            "values where none are given: hf = transformers' defaults; paper = the paper's"
            " experiments (smooth, min_lr=10%); study = its robustness study (factor=0.9,"
            " min_lr=1e-05)",
            choices=("hf", "paper", "study"),
            source="arXiv 2512.14527, sections 4 and 5",
        ),
        Parameter("factor", 0.95, "the rate is divided or multiplied by it", "(0, 1)"),
        Parameter("patience", 10, "calls in a row that may pass before the rate moves", "[0, inf)"),
        Parameter("threshold", 1e-6, "margin by which a loss must be better", "[0, inf)"),
        Parameter(
            "threshold_mode",
            "abs",
            "whether the margin is absolute or relative to the best loss",
            choices=("abs", "rel"),
        ),
        Parameter("cooldown", 0, "calls of rest after a reduction", "[0, inf)"),
        Parameter("warmup", 0, "calls of rest after an increase", "[0, inf)"),
        Parameter("min_lr", 1e-3, "lower bound of a reduction", "[0, inf)", rate=True),
        Parameter("max_lr", 1.0, "upper bound of an increase", "(0, inf]", rate=True),
        Parameter("eps", 1e-8, "a change of at most this much is skipped", "[0, inf)"),
        Parameter("smooth", False, "compare the mean of the last window_size losses"),
        Parameter("window_size", 50, "losses in that mean", "[1, 10000]"),
        Parameter(
            "reset_start",
            500,
            "reductions at min_lr, with no increase between them, until the rate returns to the"
            " initial one",
            "[0, inf)",
        ),
        Parameter("mode", "min", "whether a smaller metric is better", choices=("min", "max")),
        Parameter(
            "window",
            "running",
            "how the mean is formed: running = transformers' running sum, in which a spike leaves"
            " rounding and an infinity NaN for ever; exact = from the losses in the window",
            choices=("running", "exact"),
        ),
    ),
    presets={
        "paper": {"smooth": True, "min_lr": Percent(10.0)},
        "study": {"factor": 0.9, "min_lr": 1e-5},
    },
    rule=limits,
    state={
        "initial_lr": State(initial="lr"),
        "current": State(),
        "best": State(initial=INFINITY),
        "bad": State(),
        "good": State(),
        "cooldown_left": State(),
        "warmup_left": State(),
        "resets_left": State(initial="reset_start"),
        "recent": State(rows=window_rows),
        "total": State(),
        "filled": State(),
        "slot": State(),
    },
    notes="warmup is a rest after an increase, not a ramp at the start. reset_start counts"
    " reductions at min_lr, not steps. An initial rate below min_lr is never reduced. With the"
    " absolute threshold a loss below 1e-6 cannot improve. The algorithm printed in the paper is"
    " greedy-paper, Algorithm 1 greedy-simple.",
    aliases=("GreedyLR",),
)
