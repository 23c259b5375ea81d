"""A share of the initial rate for some steps, then the initial rate.

    lr_t = lr_0 factor for t < total_iters, then lr_0 factor (1 / factor)

The last product is the reference's way back, which may miss lr_0 by a rounding.

>>> rates(1.0, 4, {"factor": 0.25, "total_iters": 2}).tolist()
[0.25, 0.25, 1.0, 1.0]

Source: torch 2.13, `ConstantLR`.
"""

from __future__ import annotations

import numpy as np

from lab.component import OpenLoop, Parameter, Values


def rates(lr: float, steps: int, values: Values) -> np.ndarray:
    """Rates of the steps 0 .. steps - 1."""
    factor, end = values["factor"], values["total_iters"]
    low = lr * factor
    # The reference looks for the step t = end after the first one: with end = 0 it never comes.
    high = low * (1.0 / factor) if end > 0 else low
    return np.where(np.arange(steps) < end, low, high)


CONSTANT_LR = OpenLoop(
    name="constant-lr",
    summary="a share of the initial rate for some steps, then the initial rate",
    source="torch 2.13, ConstantLR",
    parameters=(
        Parameter("factor", 1.0 / 3, "share of the initial rate at first", "(0, 1]"),
        Parameter("total_iters", 5, "steps at that share; 0 = all steps", "[0, inf)"),
    ),
    rates=rates,
    aliases=("ConstantLR",),
)
