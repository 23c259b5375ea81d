"""Rastrigin's function: a bowl with a regular grid of local minima."""

from __future__ import annotations

import math

import numpy as np

from lab.component import Facts, Landscape, Parameter, Values
from lab.engine.bits import fma
from lab.engine.maths import folded_sine_cosine

FOUR_PI = 4.0 * math.pi
#: From here on floats lie a quarter of a period apart or more, and only the bowl is computed: the
#: reduction of the angle ends, and lanes that leave for good must not be stopped by its nonsense.
FLAT = 2.0**50


def rastrigin(x, value, grad, amplitude):
    """Fill `value` (lanes,) and `grad` (dim, lanes) at `x` (dim, lanes).

    The ripple amplitude (1 - cos 2 pi x) is written 2 amplitude sin^2(pi x): all terms are then
    positive, and f keeps its relative accuracy down to the minimum.
    """
    dim, n = x.shape
    for k in range(n):
        value[k] = 0.0
    for i in range(dim):
        for k in range(n):
            a = x[i, k]
            s, c = folded_sine_cosine(a if abs(a) < FLAT else 0.0)
            value[k] += fma(2.0 * amplitude * s, s, a * a)
            grad[i, k] = fma(FOUR_PI * amplitude * s, c, 2.0 * a)


def facts(values: Values) -> Facts:
    """Minimiser 0 with f* = 0; second derivatives lie in 2 -+ 4 pi^2 amplitude."""
    ripple = 4.0 * math.pi**2 * values["amplitude"]
    convex = ripple < 2.0
    return Facts(
        dim=values["dim"],
        minimum=0.0,
        minimiser=np.zeros(values["dim"]),
        base_lr=1.0 / (2.0 + ripple),  # 1/L: gradient descent never ascends
        L=2.0 + ripple,
        mu=2.0 - ripple if convex else None,
        reason="" if convex else "mu: not convex, the smallest curvature is 2 - 4 pi^2 amplitude",
        domain=(-5.12, 5.12),
        convex=None if convex else False,
        G=math.inf,
        unique=True,
    )


RASTRIGIN = Landscape(
    name="rastrigin",
    summary="a bowl with a grid of local minima as deep as the amplitude",
    source=(
        "Rastrigin, Systems of Extremal Control, Mir, Moscow 1974; in any dimension Muehlenbein,"
        " Schomisch & Born, Parallel Computing 17 (1991) 619-632"
    ),
    parameters=(
        Parameter("dim", 2, "number of coordinates", "[1, 10000]"),
        Parameter("amplitude", 10.0, "height of the ripple, A in the literature", "[0, inf)"),
    ),
    notes=(
        "The default is the literature's amplitude 10 in two dimensions; the study has dim=10 with"
        " amplitude 5 (easy), 10 and 20 (hard). There is a local minimum near each integer point"
        " whose coordinates are below about pi * amplitude in size."
    ),
    formula="amplitude * dim + sum_i [x_i^2 - amplitude cos(2 pi x_i)]",
    kernel=rastrigin,
    facts=facts,
)
