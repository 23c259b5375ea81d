"""Algorithm 1 of GreedyLR: the rate moves at every step.

    l_t < l_(t-1):  lr_t = min(max(lr_(t-1) / F, min_lr), max_lr)
    otherwise:      lr_t = min(max(lr_(t-1) F, min_lr), max_lr)

lr_t is the rate of the same step t, whose loss l_t decided it; at the first loss there is nothing
to compare and the rate stays. `lagged` compares l_(t-1) with l_(t-2) instead, so that lr_t does not
depend on the sample of step t: the first two rates are the initial one.

>>> import numpy as np
>>> from lab.replay import replay
>>> from lab.schedules import SCHEDULES
>>> losses = np.array([4.0, 3.0, 3.0, 2.0])
>>> replay(SCHEDULES.choose("greedy-simple:F=0.5"), losses, lr=1.0).tolist()
[1.0, 2.0, 1.0, 2.0]
>>> replay(SCHEDULES.choose("greedy-simple:F=0.5,lagged=true"), losses, lr=1.0).tolist()
[1.0, 1.0, 2.0, 1.0]

Source: GreedyLR, arXiv 2512.14527, Algorithm 1; the bounds are those of Theorem A.1.
"""

from __future__ import annotations

import math

from lab.component import Feedback, Parameter, State
from lab.schedules.greedy import limits


def step(metric, lr, previous, older, seen, F, min_lr, max_lr, lagged):
    """One decision for every lane."""
    needed = 2.0 if lagged else 1.0
    for k in range(lr.shape[0]):
        newer = previous[k] if lagged else metric[k]
        reference = older[k] if lagged else previous[k]
        rate = lr[k] / F if newer < reference else lr[k] * F
        rate = min_lr if rate < min_lr else rate
        rate = max_lr if rate > max_lr else rate
        lr[k] = rate if seen[k] >= needed else lr[k]
        older[k] = previous[k]
        previous[k] = metric[k]
        seen[k] = seen[k] + 1.0


GREEDY_SIMPLE = Feedback(
    name="greedy-simple",
    summary="Algorithm 1 of the paper: at every step rate / F if the loss fell, else rate * F",
    source="arXiv 2512.14527, Algorithm 1",
    kernel=step,
    parameters=(
        Parameter("F", 0.9, "the rate is divided or multiplied by it", "(0, 1)"),
        Parameter("min_lr", 0.0, "lower bound of a changed rate", "[0, inf)", rate=True),
        Parameter("max_lr", math.inf, "upper bound of a changed rate", "(0, inf]", rate=True),
        Parameter("lagged", False, "decide from the two losses before the present one"),
    ),
    rule=limits,
    state={"previous": State(), "older": State(), "seen": State()},
    before=True,
    notes="It acts before the step whose loss it compares. The bounds are the theorem's; without"
    " them, as printed, the rate is unbounded. The paper gives no default for F: 0.9 is the factor"
    " of its robustness study.",
)
