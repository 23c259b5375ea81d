"""The sum of absolute values: convex, with a kink along every axis."""

from __future__ import annotations

import math

import numpy as np

from lab.component import Facts, Landscape, Parameter, Values


def absolute(x, value, grad):
    """Fill `value` (lanes,) and `grad` (dim, lanes) at `x` (dim, lanes).

    Where a coordinate is 0 the kernel returns the subgradient 0 along it.
    """
    dim, n = x.shape
    for k in range(n):
        value[k] = 0.0
    for i in range(dim):
        for k in range(n):
            a = x[i, k]
            value[k] += abs(a)
            grad[i, k] = 1.0 if a > 0.0 else -1.0 if a < 0.0 else 0.0


def facts(values: Values) -> Facts:
    """Minimiser 0 with f* = 0; the Lipschitz constant of f itself is sqrt(dim)."""
    return Facts(
        dim=values["dim"],
        minimum=0.0,
        minimiser=np.zeros(values["dim"]),
        base_lr=0.02,
        mu=0.0,
        reason="L: the gradient jumps by 2 where a coordinate changes its sign",
        G=math.sqrt(values["dim"]),
        unique=True,
    )


ABSOLUTE = Landscape(
    name="absolute",
    summary="sum of absolute values: slopes that do not fade at the minimum",
    source="Nesterov, Lectures on Convex Optimization, 2nd ed. 2018, section 3.2",
    parameters=(Parameter("dim", 2, "number of coordinates", "[1, 10000]"),),
    notes=(
        "A fixed rate ends by jumping to and fro within half a step of the minimum; a rate that"
        " falls like 1/sqrt(t) converges. Where a coordinate is 0 the subgradient along it is 0."
    ),
    formula="sum_i |x_i|",
    kernel=absolute,
    facts=facts,
)
