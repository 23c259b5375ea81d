"""Schaffer's function F7: rings of ripples whose frequency grows without bound at the minimum."""

from __future__ import annotations

import math

import numpy as np

from lab.component import Facts, Landscape, Parameter, Values
from lab.engine.bits import fma
from lab.engine.maths import power, sine_cosine
from landscapes._waves import near


def schaffers_f7(x, value, grad, mean):
    """Fill `value` (lanes,) and `grad` (dim, lanes) at `x` (dim, lanes); `mean` is (2, lanes).

    f is the square of the mean of g(s_i) = sqrt(s_i) (1 + sin^2(50 s_i^(1/5))), s_i the length of
    (x_i, x_(i+1)). Where an s_i is 0 the slope of its term is taken as 0; at the minimiser that is
    a subgradient.
    """
    dim, n = x.shape
    share = 1.0 / (dim - 1)
    for k in range(n):
        mean[0, k] = 0.0
        grad[0, k] = 0.0
    for i in range(dim - 1):
        for k in range(n):
            a, b = x[i, k], x[i + 1, k]
            length = math.sqrt(fma(a, a, b * b))
            zero = length < 1e-300
            fifth = power(1.0 if zero else length, 0.2)
            s, c = sine_cosine(near(50.0 * fifth))
            ripple = fma(s, s, 1.0)
            root = math.sqrt(length)
            mean[0, k] = fma(share * root, ripple, mean[0, k])
            # g'(s)/s, with d sin^2(50 s^(1/5)) = 20 sin cos s^(-4/5) ds.
            slope = fma(20.0 * fifth * s, c, 0.5 * ripple) * root
            mean[1, k] = 0.0 if zero else slope / length / length
        # Apart from the above, for one loop that wrote two rows of `grad` would not be vectorised.
        for k in range(n):
            grad[i, k] = fma(mean[1, k], x[i, k], grad[i, k])
        for k in range(n):
            grad[i + 1, k] = mean[1, k] * x[i + 1, k]
    for k in range(n):
        value[k] = mean[0, k] * mean[0, k]
    for i in range(dim):
        for k in range(n):
            grad[i, k] *= 2.0 * share * mean[0, k]


def facts(values: Values) -> Facts:
    """Minimiser 0 with f* = 0: a square."""
    return Facts(
        dim=values["dim"],
        minimum=0.0,
        minimiser=np.zeros(values["dim"]),
        base_lr=5e-4,
        reason=(
            "L: at 0 there is a kink, and the ripple's curvature grows without bound towards it;"
            " mu: not convex, the ripple has local minima"
        ),
        convex=False,
        G=math.inf,
        unique=True,
    )


SCHAFFERS_F7 = Landscape(
    name="schaffers-f7",
    summary="rings of ripples around the minimum, the finer the nearer",
    source=(
        "Schaffer, Caruana, Eshelman & Das, ICGA 1989, 51-60; Hansen, Finck, Ros & Auger,"
        " Real-parameter black-box optimization benchmarking 2009: noiseless functions definitions,"
        " INRIA RR-6829, f17"
    ),
    parameters=(Parameter("dim", 2, "number of coordinates", "[2, 10000]"),),
    notes=(
        "The raw formula: neither rotated, stretched nor made asymmetric as in the test suite, and"
        " without its penalty. At the minimiser the gradient returned is 0."
    ),
    formula=(
        "(1/(dim-1) sum_i sqrt(s_i) (1 + sin^2(50 s_i^(1/5))))^2, s_i = sqrt(x_i^2 + x_{i+1}^2)"
    ),
    kernel=schaffers_f7,
    facts=facts,
    workspace=lambda values: {"mean": 2},
)
