"""The function of Styblinski and Tang: two valleys in each coordinate, one of them deeper."""

from __future__ import annotations

import math

import numpy as np

from lab.component import Facts, Landscape, Parameter, Values
from lab.engine.bits import fma

#: The smallest root of the slope 2 x^3 - 16 x + 5/2.
MINIMISER = -2.903534027771177


def styblinski_tang(x, value, grad):
    """Fill `value` (lanes,) and `grad` (dim, lanes) at `x` (dim, lanes)."""
    dim, n = x.shape
    for k in range(n):
        value[k] = 0.0
    for i in range(dim):
        for k in range(n):
            a = x[i, k]
            square = a * a
            value[k] += 0.5 * a * fma(a, square - 16.0, 5.0)
            grad[i, k] = fma(2.0 * a, square - 8.0, 2.5)


def facts(values: Values) -> Facts:
    """The same minimiser in every coordinate; f* is f there, no rounded value from a table."""
    a = MINIMISER
    return Facts(
        dim=values["dim"],
        minimum=values["dim"] * 0.5 * a * (a * (a * a - 16.0) + 5.0),
        minimiser=np.full(values["dim"], a),
        base_lr=0.005,
        reason=(
            "L: the curvature 6 x^2 - 16 is unbounded; mu: not convex, it is negative for"
            " |x| < sqrt(8/3)"
        ),
        convex=False,
        G=math.inf,
        unique=True,
    )


STYBLINSKI_TANG = Landscape(
    name="styblinski-tang",
    summary="two valleys in each coordinate, the left one deeper: 2^dim local minima",
    source="Styblinski & Tang, Neural Networks 3 (1990) 467-483",
    parameters=(Parameter("dim", 2, "number of coordinates", "[1, 10000]"),),
    notes=(
        "Halved and unshifted: f* is -39.166... a coordinate. The other valley, near 2.7468, is"
        " 14.14 higher a coordinate."
    ),
    formula="1/2 sum_i (x_i^4 - 16 x_i^2 + 5 x_i)",
    kernel=styblinski_tang,
    facts=facts,
)
