"""The rate times gamma at every step: lr_t = lr_(t-1) gamma.

>>> rates(1.0, 4, {"gamma": 0.5}).tolist()
[1.0, 0.5, 0.25, 0.125]

Source: torch 2.13, `ExponentialLR`.
"""

from __future__ import annotations

import numpy as np

from lab.component import OpenLoop, Parameter, Values


def rates(lr: float, steps: int, values: Values) -> np.ndarray:
    """Rates of the steps 0 .. steps - 1."""
    factors = np.full(steps, values["gamma"])
    factors[:1] = lr
    return np.multiply.accumulate(factors)


EXPONENTIAL = OpenLoop(
    name="exponential",
    summary="the rate times gamma at every step",
    source="torch 2.13, ExponentialLR",
    parameters=(Parameter("gamma", 0.95, "factor of every step (torch has no default)", "(0, 1]"),),
    rates=rates,
    aliases=("ExponentialLR",),
    not_the_same={
        "exponential_decay": "optax's exponential_decay takes decay_rate to the power"
        " t / transition_steps",
    },
)
