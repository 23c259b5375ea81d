"""The different powers of the BBOB functions: sensitivities that part as the minimum comes near."""

from __future__ import annotations

import math

import numpy as np

from lab.component import Constants, Facts, Landscape, Parameter, Values
from lab.engine.maths import power


def different_powers(x, value, grad, exponents):
    """Fill `value` (lanes,) and `grad` (dim, lanes) at `x` (dim, lanes); `exponents` is (dim,).

    At the minimiser, where the root has a kink, the kernel returns the subgradient 0.
    """
    dim, n = x.shape
    for k in range(n):
        value[k] = 0.0
    for i in range(dim):
        exponent = exponents[i]
        for k in range(n):
            a = abs(x[i, k])
            tiny = a < 1e-300
            part = 0.0 if tiny else power(1.0 if tiny else a, exponent - 1.0)
            value[k] += a * part
            grad[i, k] = exponent * part if x[i, k] >= 0.0 else -exponent * part
    for k in range(n):
        value[k] = math.sqrt(value[k])
    for i in range(dim):
        for k in range(n):
            grad[i, k] = 0.5 * grad[i, k] / value[k] if value[k] > 0.0 else 0.0


def constants(values: Values) -> Constants:
    """The exponents, from 2 to 6."""
    return {"exponents": 2.0 + 4.0 * np.arange(values["dim"]) / max(values["dim"] - 1, 1)}


def facts(values: Values) -> Facts:
    """Minimiser 0 with f* = 0.

    Convex, as the length of a vector of convex functions that are nowhere negative: |x_i|^(p_i/2).
    """
    alone = values["dim"] == 1
    return Facts(
        dim=values["dim"],
        minimum=0.0,
        minimiser=np.zeros(values["dim"]),
        base_lr=0.005,
        mu=0.0,
        reason=(
            "L: the gradient jumps by 2 where x_1 changes its sign"
            if alone
            else "L: near 0 f is |x_1|, with a kink, and far away it grows like |x|^3"
        ),
        G=1.0 if alone else math.inf,
        unique=True,
    )


DIFFERENT_POWERS = Landscape(
    name="different-powers",
    summary="the root of a sum of powers from 2 to 6",
    source=(
        "Hansen, Finck, Ros & Auger, Real-parameter black-box optimization benchmarking 2009:"
        " noiseless functions definitions, INRIA RR-6829, f14"
    ),
    parameters=(Parameter("dim", 10, "number of coordinates", "[1, 10000]"),),
    notes=(
        "The raw formula, without rotation. It is the root, the length of a vector of convex parts"
        " and so convex itself, and falls like |x_1| near the minimum: there is a kink at the"
        " minimiser, where the gradient returned is 0."
    ),
    formula="sqrt(sum_i |x_i|^(2 + 4 (i-1)/(dim-1)))",
    kernel=different_powers,
    facts=facts,
    constants=constants,
)
