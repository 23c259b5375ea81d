"""Huber's function: a parabola that goes on as a straight line."""

from __future__ import annotations

import math

import numpy as np

from lab.component import Facts, Landscape, Parameter, Values
from lab.engine.bits import fma


def huber(x, value, grad, delta):
    """Fill `value` (lanes,) and `grad` (dim, lanes) at `x` (dim, lanes).

    The slope is x cut off at -+delta; with it both pieces are slope (x - slope/2).
    """
    dim, n = x.shape
    for k in range(n):
        value[k] = 0.0
    for i in range(dim):
        for k in range(n):
            a = x[i, k]
            slope = min(max(a, -delta), delta)
            grad[i, k] = slope
            value[k] = fma(slope, fma(-0.5, slope, a), value[k])


def facts(values: Values) -> Facts:
    """Minimiser 0 with f* = 0; the curvature is 1 inside and 0 outside."""
    return Facts(
        dim=values["dim"],
        minimum=0.0,
        minimiser=np.zeros(values["dim"]),
        base_lr=1.0,  # 1/L
        L=1.0,
        mu=0.0,
        domain=(-5.0 * values["delta"], 5.0 * values["delta"]),
        G=values["delta"] * math.sqrt(values["dim"]),
        unique=True,
    )


HUBER = Landscape(
    name="huber",
    summary="a parabola near the minimum, straight lines of slope delta outside",
    source="Huber, The Annals of Mathematical Statistics 35 (1964) 73-101",
    parameters=(
        Parameter("dim", 2, "number of coordinates", "[1, 10000]"),
        Parameter("delta", 1.0, "where the line begins; its slope", "(0, inf)"),
    ),
    notes=(
        "Convex and L-smooth, and not strongly convex: from far away a bounded rate takes a number"
        " of steps that grows with the distance. With dim=1, delta=0.01 and the start 1 it refutes"
        " linear convergence for every convex function."
    ),
    formula="sum_i h(x_i), h(x) = x^2/2 for |x| <= delta, otherwise delta (|x| - delta/2)",
    kernel=huber,
    facts=facts,
)
