"""Zakharov's function: a parabola, and powers of one direction on top of it."""

from __future__ import annotations

import numpy as np

from lab.component import Facts, Landscape, Parameter, Values
from lab.engine.bits import fma


def zakharov(x, value, grad, sums):
    """Fill `value` (lanes,) and `grad` (dim, lanes) at `x` (dim, lanes); `sums` is (1, lanes)."""
    dim, n = x.shape
    for k in range(n):
        value[k] = 0.0
        sums[0, k] = 0.0
    for i in range(dim):
        weight = 0.5 * (i + 1.0)
        for k in range(n):
            value[k] = fma(x[i, k], x[i, k], value[k])
            sums[0, k] = fma(weight, x[i, k], sums[0, k])
    for k in range(n):
        square = sums[0, k] * sums[0, k]
        value[k] += fma(square, square, square)
        sums[0, k] = sums[0, k] * fma(4.0, square, 2.0)
    for i in range(dim):
        weight = 0.5 * (i + 1.0)
        for k in range(n):
            grad[i, k] = fma(weight, sums[0, k], 2.0 * x[i, k])


def facts(values: Values) -> Facts:
    """Minimiser 0 with f* = 0; the Hessian is 2 I + (2 + 12 s^2) w w', w_i = i/2, s = w.x."""
    dim = values["dim"]
    square = dim * (dim + 1) * (2 * dim + 1) / 24.0  # |w|^2
    return Facts(
        dim=dim,
        minimum=0.0,
        minimiser=np.zeros(dim),
        # Below 1 / the curvature at s = 4.5 |w|, further out than starts lie.
        base_lr=1.0 / (2.0 + square * (2.0 + 12.0 * 4.5**2 * square)),
        mu=2.0 if dim > 1 else 2.5,
        reason="L: the curvature along w, w_i = i, grows with the square of w.x",
        domain=(-5.0, 10.0),
    )


ZAKHAROV = Landscape(
    name="zakharov",
    summary="a convex bowl with a wall of degree four along one direction",
    source=(
        "Jamil & Yang, International Journal of Mathematical Modelling and Numerical Optimisation"
        " 4 (2013) 150-194, function 173"
    ),
    parameters=(Parameter("dim", 2, "number of coordinates", "[1, 1000]"),),
    notes="Strongly convex, and not L-smooth: the wall is steeper the further out one starts.",
    formula="sum_i x_i^2 + s^2 + s^4, s = sum_i i x_i / 2",
    kernel=zakharov,
    facts=facts,
    workspace=lambda values: {"sums": 1},
)
