"""Schwefel's function: the best minimum is far from the second best, near the domain's edge."""

from __future__ import annotations

import math

import numpy as np

from lab.component import Facts, Landscape, Parameter, Values
from lab.engine.bits import fma
from lab.engine.maths import sine_cosine
from landscapes._waves import near

#: Where tan r + r/2 = 0 for r = sqrt(x), between 6.5 pi and 7 pi: the minimiser's coordinate.
MINIMISER = 420.968746359982
#: The constant that makes f* = 0, a coordinate.
HEIGHT = 418.9828872724338
EDGE = 500.0


def schwefel(x, value, grad):
    """Fill `value` (lanes,) and `grad` (dim, lanes) at `x` (dim, lanes).

    x sin sqrt|x| has the slope sin r + (r/2) cos r, r = sqrt|x|, on both sides of 0.
    """
    dim, n = x.shape
    for k in range(n):
        value[k] = 0.0
    for i in range(dim):
        for k in range(n):
            a = x[i, k]
            size = abs(a)
            r = math.sqrt(size)
            s, c = sine_cosine(near(r))
            beyond = max(size - EDGE, 0.0)
            value[k] += fma(beyond, beyond, fma(-a, s, HEIGHT))
            outwards = 2.0 * beyond if a >= 0.0 else -2.0 * beyond
            grad[i, k] = outwards - fma(0.5 * r, c, s)


def facts(values: Values) -> Facts:
    """The same minimiser in every coordinate, f* = 0 up to the rounding of the constant."""
    return Facts(
        dim=values["dim"],
        minimum=0.0,
        minimiser=np.full(values["dim"], MINIMISER),
        base_lr=0.4,
        reason=(
            "L: the curvature of x sin sqrt|x| is unbounded at 0, like 3 / (4 sqrt|x|); mu: not"
            " convex, there are 7^dim local minima inside the domain"
        ),
        domain=(-EDGE, EDGE),
        convex=False,
        G=math.inf,
        unique=True,
    )


def begin(start):
    """Spread the start points to N(0, 200^2) in each coordinate; `start` has shape (dim, lanes)."""
    dim, n = start.shape
    for i in range(dim):
        for k in range(n):
            start[i, k] = 200.0 * start[i, k]


SCHWEFEL = Landscape(
    name="schwefel",
    summary="deep valleys whose best is far from the second best",
    source=(
        "Schwefel, Numerical Optimization of Computer Models, Wiley 1981; the wall outside the"
        " domain: Hansen et al., INRIA RR-6829 (2009), f20"
    ),
    parameters=(Parameter("dim", 2, "number of coordinates", "[1, 10000]"),),
    notes=(
        "Without the wall the function is unbounded below outside of [-500, 500]; with it the"
        " minimum is that of the domain. Start points are spread over the domain."
    ),
    formula=("418.9828872724338 dim - sum_i x_i sin sqrt|x_i| + sum_i max(|x_i| - 500, 0)^2"),
    kernel=schwefel,
    facts=facts,
    start=begin,
    start_text="N(0, 200^2) in each coordinate",
)
