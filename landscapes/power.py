"""Powers of the absolute value: flatter or sharper than a parabola."""

from __future__ import annotations

import math

import numpy as np

from lab.component import Facts, Landscape, Parameter, Values
from lab.engine.maths import power


def powers(x, value, grad, exponent):
    """Fill `value` (lanes,) and `grad` (dim, lanes) at `x` (dim, lanes)."""
    dim, n = x.shape
    for k in range(n):
        value[k] = 0.0
    for i in range(dim):
        for k in range(n):
            a = abs(x[i, k])
            tiny = a < 1e-300
            root = 0.0 if tiny else power(1.0 if tiny else a, exponent - 1.0)
            value[k] += a * root
            grad[i, k] = exponent * root if x[i, k] >= 0.0 else -exponent * root


def facts(values: Values) -> Facts:
    """Minimiser 0 with f* = 0; the curvature is p (p - 1) |x|^(p-2)."""
    p = values["exponent"]
    reason = "" if p == 2.0 else "L: the curvature p (p - 1) |x|^(p-2) is unbounded at "
    return Facts(
        dim=values["dim"],
        minimum=0.0,
        minimiser=np.zeros(values["dim"]),
        # Below the inverse curvature at |x| = 5, where starts still may lie, and at |x| = 1/10.
        base_lr=1.0 / (p * (p - 1.0) * max(5.0 ** (p - 2.0), 10.0 ** (2.0 - p))),
        L=2.0 if p == 2.0 else None,
        mu=2.0 if p == 2.0 else 0.0,
        reason=reason + ("" if p == 2.0 else "infinity" if p > 2.0 else "0"),
        G=math.inf,
        unique=True,
    )


POWER = Landscape(
    name="power",
    summary="sum of |x|^p: a flat bottom for p above 2, a sharp one below",
    source=(
        "Nesterov, Lectures on Convex Optimization, 2nd ed. 2018, section 4.2.2 (powers of norms);"
        " here coordinate by coordinate"
    ),
    parameters=(
        Parameter("dim", 2, "number of coordinates", "[1, 10000]"),
        Parameter("exponent", 4.0, "the power p", "(1, 16]"),
    ),
    notes=(
        "Strictly convex. For p above 2 the curvature vanishes at the minimum: gradient descent"
        " converges slower than any geometric series. For p below 2 the gradient is continuous but"
        " not Lipschitz at 0."
    ),
    formula="sum_i |x_i|^exponent",
    kernel=powers,
    facts=facts,
)
