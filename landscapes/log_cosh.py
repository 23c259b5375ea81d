"""The logarithm of the hyperbolic cosine: a smooth absolute value."""

from __future__ import annotations

import math

import numpy as np

from lab.component import Facts, Landscape, Parameter, Values
from lab.engine.maths import LN2, expm1, log1p


def log_cosh(x, value, grad):
    """Fill `value` (lanes,) and `grad` (dim, lanes) at `x` (dim, lanes).

    With m = exp(-2 |x|) - 1 the slope is tanh |x| = -m / (2 + m). Near 0, where the logarithm of
    the cosine would cancel, it is -log(1 - tanh^2) / 2; further out |x| - log 2 + log(2 + m).
    """
    dim, n = x.shape
    for k in range(n):
        value[k] = 0.0
    for i in range(dim):
        for k in range(n):
            a = abs(x[i, k])
            m = expm1(-2.0 * a)
            slope = -m / (2.0 + m)
            inside = a < 1.0
            rest = log1p(-slope * slope if inside else 1.0 + m)
            value[k] += -0.5 * rest if inside else (a - LN2) + rest
            grad[i, k] = slope if x[i, k] >= 0.0 else -slope


def facts(values: Values) -> Facts:
    """Minimiser 0 with f* = 0; the curvature is 1 - tanh^2, in (0, 1]."""
    return Facts(
        dim=values["dim"],
        minimum=0.0,
        minimiser=np.zeros(values["dim"]),
        base_lr=1.0,  # 1/L
        L=1.0,
        mu=0.0,
        G=math.sqrt(values["dim"]),
        unique=True,
    )


LOG_COSH = Landscape(
    name="log-cosh",
    summary="quadratic near the minimum, linear far away, smooth everywhere",
    source="Green, IEEE Transactions on Medical Imaging 9 (1990) 84-93",
    parameters=(Parameter("dim", 2, "number of coordinates", "[1, 10000]"),),
    notes="Convex and L-smooth; the curvature falls to 0 far away, so mu is 0.",
    formula="sum_i log cosh x_i",
    kernel=log_cosh,
    facts=facts,
)
