"""Beale's function: a minimum in a curved valley with steep corners."""

from __future__ import annotations

import math

import numpy as np

from lab.component import Facts, Landscape, Values
from lab.engine.bits import fma


def beale(x, value, grad):
    """Fill `value` (lanes,) and `grad` (2, lanes) at `x` (2, lanes)."""
    for k in range(x.shape[1]):
        a, y = x[0, k], x[1, k]
        square = y * y
        cube = square * y
        first = fma(a, y - 1.0, 1.5)
        second = fma(a, square - 1.0, 2.25)
        third = fma(a, cube - 1.0, 2.625)
        value[k] = fma(first, first, fma(second, second, third * third))
        along = fma(first, y - 1.0, fma(second, square - 1.0, third * (cube - 1.0)))
        across = fma(3.0 * third, square, fma(2.0 * second, y, first))
        grad[0, k] = 2.0 * along
        grad[1, k] = 2.0 * a * across


def facts(values: Values) -> Facts:
    """Minimiser (3, 1/2) with f* = 0: all three squares vanish there."""
    return Facts(
        dim=2,
        minimum=0.0,
        minimiser=np.array([3.0, 0.5]),
        base_lr=1e-4,
        reason=(
            "L: a polynomial of degree 8, its curvature is unbounded; mu: not convex, (0, 1) is a"
            " saddle point"
        ),
        domain=(-4.5, 4.5),
        convex=False,
        G=math.inf,
        unique=True,
    )


BEALE = Landscape(
    name="beale",
    summary="a flat curved valley with steep corners in the plane",
    source="Beale, Technical Report 25, Statistical Techniques Research Group, Princeton 1958",
    formula="(1.5 - x + x y)^2 + (2.25 - x + x y^2)^2 + (2.625 - x + x y^3)^2",
    kernel=beale,
    facts=facts,
)
