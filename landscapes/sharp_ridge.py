"""The sharp ridge of the BBOB functions: a gentle slope along the bottom of a V-shaped valley."""

from __future__ import annotations

import math

import numpy as np

from lab.component import Facts, Landscape, Parameter, Values
from lab.engine.bits import fma


def sharp_ridge(x, value, grad, slope):
    """Fill `value` (lanes,) and `grad` (dim, lanes) at `x` (dim, lanes).

    On the ridge, where coordinates 2 .. dim are 0, the gradient does not exist; along them the
    kernel returns 0, which is a subgradient's part.
    """
    dim, n = x.shape
    for k in range(n):
        value[k] = 0.0
    for i in range(1, dim):
        for k in range(n):
            value[k] = fma(x[i, k], x[i, k], value[k])
    for k in range(n):
        distance = math.sqrt(value[k])
        value[k] = fma(x[0, k], x[0, k], slope * distance)
        # The pull per coordinate, kept in the first row until that row's own turn.
        grad[0, k] = slope / distance if distance > 0.0 else 0.0
    for j in range(dim - 1):
        i = dim - 1 - j
        for k in range(n):
            grad[i, k] = grad[0, k] * x[i, k]
    for k in range(n):
        grad[0, k] = 2.0 * x[0, k]


def facts(values: Values) -> Facts:
    """Minimiser 0 with f* = 0: convex, a parabola plus a norm."""
    return Facts(
        dim=values["dim"],
        minimum=0.0,
        minimiser=np.zeros(values["dim"]),
        base_lr=0.1 / values["slope"],
        mu=0.0,
        reason="L: the gradient jumps across the ridge, where coordinates 2 .. dim are 0",
        G=math.inf,
        unique=True,
    )


SHARP_RIDGE = Landscape(
    name="sharp-ridge",
    summary="a gentle parabola along the bottom of a V-shaped valley",
    source=(
        "Hansen, Finck, Ros & Auger, Real-parameter black-box optimization benchmarking 2009:"
        " noiseless functions definitions, INRIA RR-6829, f13"
    ),
    parameters=(
        Parameter("dim", 10, "number of coordinates", "[2, 10000]"),
        Parameter("slope", 100.0, "slope of the valley's sides", "(0, inf)"),
    ),
    notes=(
        "The raw formula, without rotation. The gradient points at the bottom, hardly along it: a"
        " fixed rate jumps from side to side. At the bottom itself the subgradient returned is the"
        " one along it."
    ),
    formula="x_1^2 + slope sqrt(sum_{i=2}^{dim} x_i^2)",
    kernel=sharp_ridge,
    facts=facts,
)
