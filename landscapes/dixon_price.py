"""The function of Dixon and Price: a chain in which one coordinate follows from the other."""

from __future__ import annotations

import math

import numpy as np

from lab.component import Facts, Landscape, Parameter, Values
from lab.engine.bits import fma


def dixon_price(x, value, grad):
    """Fill `value` (lanes,) and `grad` (dim, lanes) at `x` (dim, lanes)."""
    dim, n = x.shape
    for k in range(n):
        first = x[0, k] - 1.0
        value[k] = first * first
        grad[0, k] = 2.0 * first
    for i in range(1, dim):
        weight = i + 1.0
        for k in range(n):
            gap = fma(2.0 * x[i, k], x[i, k], -x[i - 1, k])
            pull = weight * gap
            value[k] = fma(pull, gap, value[k])
            grad[i - 1, k] = fma(-2.0, pull, grad[i - 1, k])
            grad[i, k] = 8.0 * pull * x[i, k]


def facts(values: Values) -> Facts:
    """f* = 0 where x_1 = 1 and 2 x_i^2 = x_(i-1): x_i = 2^(2^(1-i) - 1)."""
    dim = values["dim"]
    steepest = dim * 8.0 * 6.0 * 5.0**2  # curvature along the last coordinate at x = 5
    minimiser = 2.0 ** (2.0 ** -np.arange(dim) - 1.0)
    return Facts(
        dim=dim,
        minimum=0.0,
        minimiser=minimiser,
        base_lr=1.0 / steepest,
        L=2.0 if dim == 1 else None,
        mu=2.0 if dim == 1 else None,
        reason=(
            ""
            if dim == 1
            else "L: the curvature 8 i (6 x_i^2 - x_(i-1)) is unbounded; mu: not convex, it is"
            " negative where x_(i-1) > 6 x_i^2"
        ),
        domain=(-10.0, 10.0),
        convex=None if dim == 1 else False,
        G=math.inf,
        another=None if dim == 1 else np.append(minimiser[:-1], -minimiser[-1]),
    )


DIXON_PRICE = Landscape(
    name="dixon-price",
    summary="a chain of parabolas, each of them to be met on top of the other",
    source="Dixon & Price, Journal of Optimization Theory and Applications 60 (1989) 261-275",
    parameters=(Parameter("dim", 2, "number of coordinates", "[1, 1000]"),),
    notes="The sign of the last coordinate is free: its opposite is a minimiser, too.",
    formula="(x_1 - 1)^2 + sum_{i=2}^{dim} i (2 x_i^2 - x_{i-1})^2",
    kernel=dixon_price,
    facts=facts,
)
