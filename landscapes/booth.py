"""Booth's function: a tilted parabolic bowl in the plane."""

from __future__ import annotations

import numpy as np

from lab.component import Facts, Landscape, Values
from lab.engine.bits import fma


def booth(x, value, grad):
    """Fill `value` (lanes,) and `grad` (2, lanes) at `x` (2, lanes)."""
    for k in range(x.shape[1]):
        # Measured from the minimiser (1, 3), so that nothing cancels near it.
        a, b = x[0, k] - 1.0, x[1, k] - 3.0
        first = fma(2.0, b, a)
        second = fma(2.0, a, b)
        value[k] = fma(first, first, second * second)
        grad[0, k] = fma(4.0, second, 2.0 * first)
        grad[1, k] = fma(4.0, first, 2.0 * second)


def facts(values: Values) -> Facts:
    """Minimiser (1, 3) with f* = 0; the Hessian ((10, 8), (8, 10)) has the eigenvalues 18 and 2."""
    return Facts(
        dim=2,
        minimum=0.0,
        minimiser=np.array([1.0, 3.0]),
        base_lr=1.0 / 18.0,  # 1/L
        L=18.0,
        mu=2.0,
        domain=(-10.0, 10.0),
    )


BOOTH = Landscape(
    name="booth",
    summary="a convex bowl in the plane, its axes at 45 degrees",
    source=(
        "Jamil & Yang, International Journal of Mathematical Modelling and Numerical Optimisation"
        " 4 (2013) 150-194, function 17"
    ),
    formula="(x + 2 y - 7)^2 + (2 x + y - 5)^2",
    kernel=booth,
    facts=facts,
)
