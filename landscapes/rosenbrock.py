"""Rosenbrock's curved valley, in any dimension of at least two."""

from __future__ import annotations

import math

import numpy as np

from lab.component import Facts, Landscape, Parameter, Values
from lab.engine.bits import fma


def link(a, b, scale):
    """One term of the sum, for neighbours a and b: its value, its slopes along a and along b."""
    valley = fma(-a, a, b)
    floor = a - 1.0
    return (
        scale * fma(100.0 * valley, valley, floor * floor),
        scale * fma(-400.0 * a, valley, 2.0 * floor),
        scale * (200.0 * valley),
    )


def rosenbrock(x, value, grad, scale):
    """Fill `value` (lanes,) and `grad` (dim, lanes) at `x` (dim, lanes)."""
    dim, n = x.shape
    # The first link sets what the others add to: in two dimensions this is the only pass.
    for k in range(n):
        value[k], grad[0, k], grad[1, k] = link(x[0, k], x[1, k], scale)
    for i in range(2, dim):
        for k in range(n):
            term, left, right = link(x[i - 1, k], x[i, k], scale)
            value[k] += term
            grad[i - 1, k] += left
            grad[i, k] = right


def facts(values: Values) -> Facts:
    """Minimiser (1, ..., 1) with f* = 0; neither L nor mu."""
    return Facts(
        dim=values["dim"],
        minimum=0.0,
        minimiser=np.ones(values["dim"]),
        # Plain gradient descent has no safe rate here (the curvature is unbounded), so this is an
        # empirical one: at 2e-4 / scale no N(0, I) start diverges without momentum, in 2 to 100
        # dimensions, but a few in ten thousand do with momentum 0.9; at half of that, none do.
        base_lr=1e-4 / values["scale"],
        reason=(
            "L: the curvature along x_1 is scale (1200 x_1^2 - 400 x_2 + 2), which is unbounded;"
            " mu: not convex, the same curvature is negative where x_2 > 3 x_1^2 + 1/200"
        ),
        domain=(-2.048, 2.048),
        convex=False,
        G=math.inf,
        unique=True,
    )


ROSENBROCK = Landscape(
    name="rosenbrock",
    summary="a narrow curved valley: easy to find, slow to follow to its minimum",
    source=(
        "Rosenbrock, The Computer Journal 3 (1960) 175-184; in more dimensions the chain of"
        " Shang & Qiu, Evolutionary Computation 14 (2006) 119-126"
    ),
    parameters=(
        Parameter("dim", 2, "number of coordinates", "[2, 10000]"),
        Parameter("scale", 1.0, "factor of the whole function", "(0, inf)"),
    ),
    notes=(
        "scale multiplies f and therefore the gradient: 0.1, 1 and 10 are the study's easy, normal"
        " and hard; dim=5 is its extended one. Scaling by c is the same as scaling the rate of sgd"
        " by c, and Adam hardly notices it. From dim 4 to 7 there is exactly one more local"
        " minimum, near (-1, 1, ..., 1) (Kok & Sandrock, Evolutionary Computation 17 (2009)"
        " 437-453)."
    ),
    formula="scale * sum_{i=1}^{dim-1} [100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2]",
    kernel=rosenbrock,
    facts=facts,
)
