"""Levy's function: parabolas under ripples that grow outwards."""

from __future__ import annotations

import math

import numpy as np

from lab.component import Facts, Landscape, Parameter, Values
from lab.engine.bits import fma
from lab.engine.maths import sine_cosine_of_turn
from landscapes._waves import near

#: A phase of 1 radian, in turns.
RADIAN = 0.5 / math.pi


def levy(x, value, grad):
    """Fill `value` (lanes,) and `grad` (dim, lanes) at `x` (dim, lanes).

    With u = (x - 1)/4, so that w = 1 + u, every sine of the formula is one of u: sin^2(pi w) and
    sin^2(2 pi w) have period 1, and sin^2(pi w + 1) = sin^2(pi u + 1).
    """
    dim, n = x.shape
    last = dim - 1
    for k in range(n):
        u = 0.25 * (x[last, k] - 1.0)
        s, c = sine_cosine_of_turn(near(u))
        ripple = fma(s, s, 1.0)
        value[k] = u * u * ripple
        grad[last, k] = 0.5 * u * fma(u, (2.0 * math.pi) * (s * c), ripple)
    for i in range(last):
        for k in range(n):
            u = 0.25 * (x[i, k] - 1.0)
            s, c = sine_cosine_of_turn(fma(0.5, near(u), RADIAN))
            ripple = fma(10.0 * s, s, 1.0)
            value[k] = fma(u * u, ripple, value[k])
            grad[i, k] = 0.5 * u * fma(u, (10.0 * math.pi) * (s * c), ripple)
    for k in range(n):
        s, c = sine_cosine_of_turn(0.5 * near(0.25 * (x[0, k] - 1.0)))
        value[k] = fma(s, s, value[k])
        grad[0, k] = fma(0.5 * math.pi * s, c, grad[0, k])


def facts(values: Values) -> Facts:
    """Minimiser (1, ..., 1) with f* = 0: every term is a square or a square times at least 1."""
    return Facts(
        dim=values["dim"],
        minimum=0.0,
        minimiser=np.ones(values["dim"]),
        base_lr=0.02,
        reason=(
            "L: the ripple u^2 sin^2 has a curvature that grows with u^2; mu: not convex, the"
            " ripple has local minima"
        ),
        domain=(-10.0, 10.0),
        convex=False,
        G=math.inf,
        unique=True,
    )


LEVY = Landscape(
    name="levy",
    summary="a bowl with ripples that grow outwards",
    source="Levy & Montalvo, SIAM Journal on Scientific and Statistical Computing 6 (1985) 15-29",
    parameters=(Parameter("dim", 2, "number of coordinates", "[1, 10000]"),),
    formula=(
        "sin^2(pi w_1) + sum_{i<dim} (w_i-1)^2 [1 + 10 sin^2(pi w_i + 1)]"
        " + (w_dim-1)^2 [1 + sin^2(2 pi w_dim)], w_i = 1 + (x_i - 1)/4"
    ),
    kernel=levy,
    facts=facts,
)
