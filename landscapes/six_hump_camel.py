"""The six-hump camel back: six minima in the plane, two of them global."""

from __future__ import annotations

import math

import numpy as np

from lab.component import Facts, Landscape, Values
from lab.engine.bits import fma

#: The minimiser with positive x, by Newton's method; the other one is opposite.
MINIMISER = (0.08984201310031806, -0.7126564030207396)


def six_hump_camel(x, value, grad):
    """Fill `value` (lanes,) and `grad` (2, lanes) at `x` (2, lanes)."""
    for k in range(x.shape[1]):
        value[k], grad[0, k], grad[1, k] = camel(x[0, k], x[1, k])


def camel(a, b):
    """Value and both slopes."""
    u, v = a * a, b * b
    return (
        fma(u, fma(u, fma(u, 1.0 / 3.0, -2.1), 4.0), fma(a, b, 4.0 * v * (v - 1.0))),
        fma(a, fma(u, fma(u, 2.0, -8.4), 8.0), b),
        fma(8.0 * b, fma(2.0, v, -1.0), a),
    )


def facts(values: Values) -> Facts:
    """One of two minimisers; f* is f there."""
    return Facts(
        dim=2,
        minimum=float(camel(*MINIMISER)[0]),
        minimiser=np.array(MINIMISER),
        base_lr=5e-4,
        reason=(
            "L: a polynomial of degree 6, its curvature is unbounded; mu: not convex, there are six"
            " minima"
        ),
        domain=(-3.0, 3.0),
        convex=False,
        G=math.inf,
        another=-np.array(MINIMISER),
    )


SIX_HUMP_CAMEL = Landscape(
    name="six-hump-camel",
    summary="six minima in the plane, two of them global",
    source=(
        "Dixon & Szegoe, The global optimization problem: an introduction, in Towards Global"
        " Optimisation 2, North-Holland 1978, 1-15"
    ),
    notes="The other global minimiser is the opposite point, with the same f*.",
    formula="(4 - 2.1 x^2 + x^4/3) x^2 + x y + (4 y^2 - 4) y^2",
    kernel=six_hump_camel,
    facts=facts,
)
