"""Griewank's function: a wide bowl under a product of cosines."""

from __future__ import annotations

import math

import numpy as np

from lab.component import Constants, Facts, Landscape, Parameter, Values
from lab.engine.bits import fma
from lab.engine.maths import sine_cosine
from landscapes._waves import near


def griewank(x, value, grad, root, cosine, after):
    """Fill `value` (lanes,) and `grad` (dim, lanes) at `x` (dim, lanes).

    `root` (dim,) is 1/sqrt(i); `cosine` (dim, lanes) and `after` (1, lanes) are overwritten. With
    P_i the product of the first i cosines, 1 - P_i = 1 - P_(i-1) + 2 P_(i-1) sin^2(a_i/2): nothing
    cancels near the minimum. The slopes are made of the products before and after a coordinate.
    """
    dim, n = x.shape
    for k in range(n):
        value[k] = 0.0
        after[0, k] = 1.0
    for i in range(dim):
        for k in range(n):
            s, c = sine_cosine(near(0.5 * root[i] * x[i, k]))
            before = after[0, k]
            grad[i, k] = root[i] * (2.0 * s * c) * before
            cosine[i, k] = fma(-2.0 * s, s, 1.0)
            value[k] += fma(x[i, k], x[i, k] / 4000.0, 2.0 * before * (s * s))
            after[0, k] = before * cosine[i, k]
    for k in range(n):
        after[0, k] = 1.0
    for j in range(dim):
        i = dim - 1 - j
        for k in range(n):
            grad[i, k] = fma(grad[i, k], after[0, k], x[i, k] / 2000.0)
            after[0, k] *= cosine[i, k]


def constants(values: Values) -> Constants:
    """1/sqrt(i) for i = 1 .. dim."""
    return {"root": 1.0 / np.sqrt(np.arange(1, values["dim"] + 1))}


def facts(values: Values) -> Facts:
    """Minimiser 0 with f* = 0.

    The product of cosines is the mean of cos(+-y_1 ... +-y_d) over all signs, y_i = x_i / sqrt(i);
    so its Hessian in y lies between -I and I, and that in x, too. L is attained at 0 along x_1.
    """
    return Facts(
        dim=values["dim"],
        minimum=0.0,
        minimiser=np.zeros(values["dim"]),
        base_lr=0.5,
        L=1.0 + 1.0 / 2000.0,
        reason="mu: not convex, the smallest curvature is 1/2000 - 1",
        domain=(-600.0, 600.0),
        convex=False,
        G=math.inf,
        unique=True,
    )


def begin(start):
    """Spread the start points to N(0, 10^2) in each coordinate; `start` has shape (dim, lanes)."""
    dim, n = start.shape
    for i in range(dim):
        for k in range(n):
            start[i, k] = 10.0 * start[i, k]


GRIEWANK = Landscape(
    name="griewank",
    summary="a wide shallow bowl covered with a product of cosines",
    source="Griewank, Journal of Optimization Theory and Applications 34 (1981) 11-39",
    parameters=(Parameter("dim", 2, "number of coordinates", "[1, 10000]"),),
    notes=(
        "Start points are wider than N(0, I), which would lie in the basin of the minimum. In many"
        " dimensions the product hardly matters and the bowl remains (Locatelli, Journal of Global"
        " Optimization 25 (2003) 169-174)."
    ),
    formula="1 + sum_i x_i^2 / 4000 - prod_i cos(x_i / sqrt(i))",
    kernel=griewank,
    facts=facts,
    constants=constants,
    workspace=lambda values: {"cosine": values["dim"], "after": 1},
    start=begin,
    start_text="N(0, 10^2) in each coordinate",
)
