"""Ackley's function: a nearly flat, rippled plain around a funnel with a kink at its bottom."""

from __future__ import annotations

import math

import numpy as np

from lab.component import Facts, Landscape, Parameter, Values
from lab.engine.bits import fma
from lab.engine.maths import expm1, folded_sine_cosine

#: From here on floats lie a quarter of a period apart or more, and the ripple is left out.
FLAT = 2.0**50


def ackley(x, value, grad, mean):
    """Fill `value` (lanes,) and `grad` (dim, lanes) at `x` (dim, lanes); `mean` is (2, lanes).

    Both exponentials are written as e^u - 1 with u <= 0, and 1 - cos 2 pi x as 2 sin^2(pi x): all
    terms are then positive, and f keeps its relative accuracy down to the minimum. There the radius
    is 0 and the gradient does not exist: the kernel returns 0, which is a subgradient.
    """
    dim, n = x.shape
    share = 1.0 / dim
    for k in range(n):
        mean[0, k] = 0.0
        mean[1, k] = 0.0
    for i in range(dim):
        for k in range(n):
            a = x[i, k]
            s, c = folded_sine_cosine(a if abs(a) < FLAT else 0.0)
            mean[0, k] = fma(a, a, mean[0, k])
            mean[1, k] = fma(s, s, mean[1, k])
            grad[i, k] = s * c
    for k in range(n):
        radius = math.sqrt(share * mean[0, k])
        funnel = expm1(-0.2 * radius)
        ripple = expm1(-2.0 * share * mean[1, k])
        value[k] = fma(-20.0, funnel, -math.e * ripple)
        # From here on `mean` holds what the slopes are made of: per x_i, and per sin 2 pi x_i / 2.
        mean[0, k] = 4.0 * share * (1.0 + funnel) / radius if radius > 0.0 else 0.0
        mean[1, k] = 4.0 * math.pi * math.e * share * (1.0 + ripple)
    for i in range(dim):
        for k in range(n):
            grad[i, k] = fma(mean[0, k], x[i, k], mean[1, k] * grad[i, k])


def facts(values: Values) -> Facts:
    """Minimiser 0 with f* = 0: both exponentials are largest there. Neither L nor mu."""
    dim = values["dim"]
    return Facts(
        dim=dim,
        minimum=0.0,
        minimiser=np.zeros(dim),
        base_lr=dim / (4.0 * math.pi**2 * math.e),  # 1 / the largest curvature of the ripple
        reason=(
            "L: the gradient jumps at the minimiser, where the funnel ends in a cone of slope"
            " 4 / sqrt(dim); mu: not convex, the ripple has local minima"
        ),
        domain=(-32.768, 32.768),
        convex=False,
        # Slopes of the funnel and of the ripple; sin t exp(cos t) is largest at cos t = 0.618.
        G=(4.0 + 9.165) / math.sqrt(dim),
        unique=True,
    )


ACKLEY = Landscape(
    name="ackley",
    summary="a funnel with a kink at its bottom in a wide rippled plain",
    source=(
        "Ackley, A Connectionist Machine for Genetic Hillclimbing, Kluwer 1987; in any dimension"
        " Baeck & Schwefel, Evolutionary Computation 1 (1993) 1-23"
    ),
    parameters=(Parameter("dim", 2, "number of coordinates", "[1, 10000]"),),
    notes=(
        "The study has dim=8. At the minimiser f has a kink; the gradient returned there is 0."
        " Around it the slope does not vanish, so gradient descent at a fixed rate cannot settle."
    ),
    formula=("20 + e - 20 exp(-0.2 sqrt(1/dim sum_i x_i^2)) - exp(1/dim sum_i cos(2 pi x_i))"),
    kernel=ackley,
    facts=facts,
    workspace=lambda values: {"mean": 2},
)
