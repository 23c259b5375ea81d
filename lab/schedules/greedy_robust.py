"""GreedyLR with its defects repaired and its rule kept.

With the metric m_t (under `smooth` the mean of the last `window_size` ones, exactly):

    better_t:  m_t < best - threshold |best|
    better     best = m_t, good += 1, bad = 0;   otherwise bad += 1, good = 0
    good > patience:  lr = min(lr / factor, high)
    bad > patience:   lr = max(lr factor, low),  best = the lowest metric since the last change

What differs from the release (`greedy`), and why:

- best is forgotten. In the release it is the lowest metric ever seen: one that is low by accident,
  or a loss whose floor has risen, makes every later call a failure, and the rate falls to min_lr
  for good. Here a reduction starts the comparison anew from what the calls since the last change
  have shown, so that the question is always whether *this* rate makes progress.
- the margin is relative to the best metric's size, whatever its sign: the rule does the same if the
  loss is multiplied by a constant. The release's absolute margin calls every loss below it a
  failure; its relative one calls a constant negative loss an improvement.
- the bounds leave room on both sides of the initial rate: low = min(min_lr, lr_0 / room) and
  high = max(max_lr, lr_0 room). The release leaves a rate below min_lr, or above max_lr, where it
  is for ever.
- the first metric is no improvement: there was nothing to improve on.
- the window's mean is formed from the window, so that a spike is gone when it leaves.
- there is no reset, which in the release takes the rate back to its initial value after 500
  reductions at min_lr: what it was there for, forgetting best does. Nor are there eps, which
  freezes rates below 2e-7, and rests.

State: best, lowest, bad, good and the initial rate; under `smooth` the window.

With patience 1 a jump of the loss to a higher floor costs one reduction; then the fall of the loss
counts again, where the release goes on to min_lr:

>>> import numpy as np
>>> from lab.replay import replay
>>> from lab.schedules import SCHEDULES
>>> robust = SCHEDULES.choose("greedy-robust:patience=1,factor=0.5")
>>> losses = np.array([3.0, 2.0, 1.0, 9.0, 8.0, 7.0, 6.0, 5.0])
>>> replay(robust, losses, lr=0.1).tolist()
[0.1, 0.1, 0.2, 0.2, 0.1, 0.1, 0.2, 0.2]
>>> replay(SCHEDULES.choose("greedy:patience=1,factor=0.5"), losses, lr=0.1).tolist()
[0.1, 0.2, 0.2, 0.2, 0.1, 0.1, 0.05, 0.05]

Source: this laboratory; GreedyLR, arXiv 2512.14527, as released in transformers 5.24.
"""

from __future__ import annotations

import math

from lab.component import Feedback, Parameter, State
from lab.schedules.greedy import exact_mean, limits, window_rows

INFINITY = math.inf


def step(
    metric, lr, initial_lr, current, move, best, lowest, bad, good, recent, filled, slot,
    factor, patience, threshold, min_lr, max_lr, room, smooth, window_size, mode,
):  # fmt: skip
    """One call of the schedule for every lane."""
    if smooth:
        exact_mean(metric, current, recent, filled, slot, window_size)
    else:
        for k in range(lr.shape[0]):
            current[k] = metric[k]
    decide(current, move, best, lowest, bad, good, patience, threshold, 1.0 - 2.0 * mode)
    for k in range(lr.shape[0]):
        near, far = initial_lr[k] / room, initial_lr[k] * room
        low = near if near < min_lr else min_lr
        high = far if far > max_lr else max_lr
        up = lr[k] / factor
        up = high if high < up else up
        down = lr[k] * factor
        down = low if low > down else down
        lr[k] = up if move[k] > 0.0 else (down if move[k] < 0.0 else lr[k])


def decide(current, move, best, lowest, bad, good, patience, threshold, sign):
    """Fill `move` (lanes,): 1 where the rate shall rise, -1 where it shall fall, otherwise 0.

    current: (lanes,), the metric of this call; sign -1 looks for high ones. A metric that is not
    finite is a failure, and nothing that best falls back to.
    """
    for k in range(move.shape[0]):
        seen = sign * current[k]
        size = abs(best[k]) if abs(best[k]) < INFINITY else 0.0
        better = seen < best[k] - threshold * size
        least = seen if seen < lowest[k] else lowest[k]
        # The first metric is better than nothing, which is no progress yet.
        step_forward = 1.0 if best[k] < INFINITY else 0.0
        good_count = good[k] + step_forward if better else 0.0
        bad_count = 0.0 if better else bad[k] + 1.0
        rise = good_count > patience
        fall = bad_count > patience
        known = abs(least) < INFINITY
        old = least if fall & known else best[k]
        best[k] = seen if better else old
        lowest[k] = INFINITY if rise | fall else least
        good[k] = 0.0 if rise else good_count
        bad[k] = 0.0 if fall else bad_count
        move[k] = 1.0 if rise else (-1.0 if fall else 0.0)


#: Parameters that schedules of this family share, apart from the factor.
PARAMETERS = (
    Parameter("patience", 10, "calls in a row that may pass before the rate moves", "[0, inf)"),
    Parameter("threshold", 1e-6, "margin, relative to the best metric's size", "[0, inf)"),
    Parameter("min_lr", 1e-3, "lower bound of a reduction", "[0, inf)", rate=True),
    Parameter("max_lr", 1.0, "upper bound of an increase", "(0, inf]", rate=True),
    Parameter(
        "room",
        10.0,
        "a bound nearer to the initial rate than this factor, or beyond it, gives way to it",
        "[1, inf)",
    ),
    Parameter("smooth", False, "compare the mean of the last window_size losses"),
    Parameter("window_size", 50, "losses in that mean", "[1, 10000]"),
    Parameter("mode", "min", "whether a smaller metric is better", choices=("min", "max")),
)
#: The memory of `decide` and of the window.
MEMORY = {
    "initial_lr": State(initial="lr"),
    "current": State(),
    "move": State(),
    "best": State(initial=INFINITY),
    "lowest": State(initial=INFINITY),
    "bad": State(),
    "good": State(),
    "recent": State(rows=window_rows),
    "filled": State(),
    "slot": State(),
}

GREEDY_ROBUST = Feedback(
    name="greedy-robust",
    summary="GreedyLR repaired: best is forgotten after a reduction, the margin is relative",
    source="this laboratory, after transformers 5.24, GreedyLR",
    kernel=step,
    parameters=(
        Parameter("factor", 0.95, "the rate is divided or multiplied by it", "(0, 1)"),
        *PARAMETERS,
    ),
    rule=limits,
    state=MEMORY,
    notes="docs/greedy-defects.md has each defect of the release with its smallest reproduction,"
    " and what the repairs gain and cost. They gain at a rate that was not tuned, most in long"
    " runs. At a tuned rate, and where the gradient is noisy all the time, the release, whose rate"
    " never rises again, anneals, and is as good or better.",
)
