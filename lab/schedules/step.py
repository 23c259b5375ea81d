"""The rate times gamma after every step_size steps.

    lr_t = lr_(t-1) gamma where step_size divides t, otherwise lr_(t-1)

>>> rates(1.0, 5, {"step_size": 2, "gamma": 0.5}).tolist()
[1.0, 1.0, 0.5, 0.5, 0.25]

Source: torch 2.13, `StepLR`.
"""

from __future__ import annotations

import numpy as np

from lab.component import OpenLoop, Parameter, Values


def rates(lr: float, steps: int, values: Values) -> np.ndarray:
    """Rates of the steps 0 .. steps - 1."""
    factors = np.ones(steps)
    factors[:: values["step_size"]] = values["gamma"]
    factors[:1] = lr
    return np.multiply.accumulate(factors)


STEP = OpenLoop(
    name="step",
    summary="the rate times gamma after every step_size steps",
    source="torch 2.13, StepLR",
    parameters=(
        Parameter("step_size", 50, "steps between two reductions", "[1, inf)", required=True),
        Parameter("gamma", 0.1, "factor of a reduction", "(0, 1]"),
    ),
    rates=rates,
    aliases=("StepLR",),
)
