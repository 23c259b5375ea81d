"""The rate times gamma at each of the milestones.

    lr_t = lr_(t-1) gamma^(times that t stands among the milestones)

>>> rates(1.0, 6, {"milestones": (2.0, 4.0, 4.0), "gamma": 0.5}).tolist()
[1.0, 1.0, 0.5, 0.5, 0.125, 0.125]

Source: torch 2.13, `MultiStepLR`.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from lab.component import OpenLoop, Parameter, Values


def rates(lr: float, steps: int, values: Values) -> np.ndarray:
    """Rates of the steps 0 .. steps - 1."""
    factors = np.ones(steps)
    for milestone, times in Counter(values["milestones"]).items():
        if milestone < steps:
            factors[int(milestone)] = values["gamma"] ** times
    if steps:
        factors[0] = lr * factors[0]
    return np.multiply.accumulate(factors)


def whole(values: Values) -> str:
    """What is wrong with the milestones, or nothing."""
    broken = [m for m in values["milestones"] if m != int(m)]
    return f"milestone {broken[0]:g} is not a whole step" if broken else ""


MULTISTEP = OpenLoop(
    name="multistep",
    summary="the rate times gamma at each of the milestones",
    source="torch 2.13, MultiStepLR",
    parameters=(
        Parameter("milestones", (100.0, 150.0), "steps of a reduction", "[0, 1e15]", required=True),
        Parameter("gamma", 0.1, "factor of a reduction", "(0, 1]"),
    ),
    rates=rates,
    rule=whole,
    aliases=("MultiStepLR",),
)
