"""Decay to 0 along a power of the remaining share of total_iters steps.

    lr_t = lr_0 (1 - min(t, n) / n)^power,  n = total_iters

computed, as in the reference, from the rate before it:

    lr_t = lr_(t-1) ((1 - t / n) / (1 - (t - 1) / n))^power

>>> rates(1.0, 6, {"total_iters": 4, "power": 1.0}).tolist()
[1.0, 0.75, 0.5, 0.25, 0.0, 0.0]

Source: torch 2.13, `PolynomialLR`.
"""

from __future__ import annotations

import numpy as np

from lab.component import OpenLoop, Parameter, Values


def rates(lr: float, steps: int, values: Values) -> np.ndarray:
    """Rates of the steps 0 .. steps - 1."""
    n, power = values["total_iters"], values["power"]
    out = np.empty(steps)
    rate = lr
    for t in range(steps):
        if 0 < t <= n:
            rate = rate * ((1.0 - t / n) / (1.0 - (t - 1) / n)) ** power
        out[t] = rate
    return out


POLYNOMIAL_LR = OpenLoop(
    name="polynomial-lr",
    summary="decay to 0 along a power of the remaining share of steps",
    source="torch 2.13, PolynomialLR",
    parameters=(
        Parameter(
            "total_iters",
            0,
            "step at which the rate is 0; 0 = all steps of the run (torch's default: 5)",
            "[0, inf)",
            zero_is_steps=True,
        ),
        Parameter("power", 1.0, "exponent; 1 is a straight line", "(0, inf)"),
    ),
    rates=rates,
    aliases=("PolynomialLR",),
)
