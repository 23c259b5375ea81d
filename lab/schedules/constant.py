"""The initial rate at every step: lr_t = lr_0.

>>> rates(0.1, 3, {}).tolist()
[0.1, 0.1, 0.1]

Source: transformers 5.24, `get_constant_schedule`.
"""

from __future__ import annotations

import numpy as np

from lab.component import OpenLoop, Values


def rates(lr: float, steps: int, values: Values) -> np.ndarray:
    """Rates of the steps 0 .. steps - 1."""
    return np.full(steps, lr, dtype=np.float64)


CONSTANT = OpenLoop(
    name="constant",
    summary="the initial rate at every step",
    source="transformers 5.24, get_constant_schedule",
    rates=rates,
    notes="torch's ConstantLR, which starts with a share of the rate, is constant-lr.",
    aliases=("get_constant_schedule",),
)
