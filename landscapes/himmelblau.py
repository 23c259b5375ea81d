"""Himmelblau's function: four minima of the same depth."""

from __future__ import annotations

import math

import numpy as np

from lab.component import Facts, Landscape, Values
from lab.engine.bits import fma


def himmelblau(x, value, grad):
    """Fill `value` (lanes,) and `grad` (2, lanes) at `x` (2, lanes)."""
    for k in range(x.shape[1]):
        a, b = x[0, k], x[1, k]
        first = fma(a, a, b - 11.0)
        second = fma(b, b, a - 7.0)
        value[k] = fma(first, first, second * second)
        grad[0, k] = fma(4.0 * a, first, 2.0 * second)
        grad[1, k] = fma(4.0 * b, second, 2.0 * first)


def facts(values: Values) -> Facts:
    """One of the four minimisers, (3, 2), with f* = 0: both squares vanish there."""
    return Facts(
        dim=2,
        minimum=0.0,
        minimiser=np.array([3.0, 2.0]),
        base_lr=0.004,
        reason=(
            "L: the curvature along x is 12 x^2 + 4 y - 42, which is unbounded; mu: not convex,"
            " there are four minima"
        ),
        domain=(-6.0, 6.0),
        convex=False,
        G=math.inf,
        another=np.array([-2.805118086952745, 3.131312518250573]),
    )


HIMMELBLAU = Landscape(
    name="himmelblau",
    summary="four minima of the same depth in the plane",
    source="Himmelblau, Applied Nonlinear Programming, McGraw-Hill 1972",
    notes=(
        "The other minimisers are near (-2.8051, 3.1313), (-3.7793, -3.2832) and (3.5844, -1.8481),"
        " with the same f* = 0."
    ),
    formula="(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
    kernel=himmelblau,
    facts=facts,
)
