"""A straight line between two shares of the initial rate, then the second share.

    lr_t = lr_0 (start_factor + (end_factor - start_factor) min(t, n) / n),  n = total_iters

computed, as in the reference, from the rate before it:

    lr_t = lr_(t-1) (1 + d / (n start_factor + (t - 1) d)),  d = end_factor - start_factor

>>> rates(1.0, 5, {"start_factor": 0.25, "end_factor": 1.0, "total_iters": 3}).tolist()
[0.25, 0.5, 0.75, 1.0, 1.0]

Source: torch 2.13, `LinearLR`.
"""

from __future__ import annotations

import numpy as np

from lab.component import OpenLoop, Parameter, Values


def rates(lr: float, steps: int, values: Values) -> np.ndarray:
    """Rates of the steps 0 .. steps - 1."""
    start, end, n = values["start_factor"], values["end_factor"], values["total_iters"]
    difference = end - start
    out = np.empty(steps)
    rate = lr * start
    for t in range(steps):
        if 0 < t <= n:
            rate = rate * (1.0 + difference / (n * start + (t - 1) * difference))
        out[t] = rate
    return out


LINEAR_LR = OpenLoop(
    name="linear-lr",
    summary="a straight line between two shares of the initial rate, then the second share",
    source="torch 2.13, LinearLR",
    parameters=(
        Parameter("start_factor", 1.0 / 3, "share of the initial rate at step 0", "(0, 1]"),
        Parameter("end_factor", 1.0, "share of the initial rate in the end", "[0, 1]"),
        Parameter("total_iters", 5, "steps from the one to the other", "[1, inf)"),
    ),
    rates=rates,
    notes="By default a short warm-up, after which the rate stays; the decay to 0 is linear.",
    aliases=("LinearLR",),
)
