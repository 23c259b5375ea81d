"""Michalewicz's function: plains cut by narrow valleys."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from lab.component import Constants, Facts, Landscape, Parameter, Values
from lab.engine.bits import fma
from lab.engine.maths import sine_cosine
from landscapes._waves import near


def michalewicz(x, value, grad, rate):
    """Fill `value` (lanes,) and `grad` (dim, lanes) at `x` (dim, lanes); `rate` (dim,) is i/pi."""
    dim, n = x.shape
    for k in range(n):
        value[k] = 0.0
    for i in range(dim):
        for k in range(n):
            a = x[i, k]
            s, c = sine_cosine(near(a))
            valley, edge = sine_cosine(near(rate[i] * a * a))
            square = valley * valley
            fourth = square * square
            eighth = fourth * fourth
            most = eighth * eighth * square * valley  # the 19th power
            power = most * valley
            beyond = min(a, 0.0) + max(a - math.pi, 0.0)
            value[k] += fma(beyond, beyond, -s * power)
            slope = fma(40.0 * rate[i] * a * s * most, edge, c * power)
            grad[i, k] = fma(2.0, beyond, -slope)


def constants(values: Values) -> Constants:
    """The rates of the angles, i / pi for i = 1 .. dim."""
    return {"rate": np.arange(1, values["dim"] + 1) / math.pi}


@cache
def lowest(i: int) -> tuple[float, float]:
    """Minimiser in [0, pi] of the term number i, and its minimum.

    The valleys are where i x^2 / pi is an odd multiple of pi/2; Newton's method finishes on the
    best point of a grid that is much finer than they are.
    """
    x = np.linspace(0.0, math.pi, 4000 * max(i, 10))[1:]
    a = float(x[np.argmin(_term(x, i)[0])])
    for _ in range(50):
        _, slope, curvature = _term(np.array([a]), i)
        step = float(slope[0] / curvature[0])
        a -= step
        if abs(step) < 1e-16:
            break
    return a, float(_term(np.array([a]), i)[0][0])


def _term(x: np.ndarray, i: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """-sin x sin^20(i x^2 / pi) with its first and second derivative, each of x's shape."""
    s, c = np.sin(x), np.cos(x)
    u, v, angle = np.sin(i * x * x / math.pi), np.cos(i * x * x / math.pi), 2.0 * i * x / math.pi
    p = u**20
    dp = 20.0 * u**19 * v * angle
    ddp = 20.0 * u**18 * (19.0 * v * v - u * u) * angle**2 + 20.0 * u**19 * v * 2.0 * i / math.pi
    return -s * p, -(c * p + s * dp), -(-s * p + 2.0 * c * dp + s * ddp)


def facts(values: Values) -> Facts:
    """Term by term: f* is the sum of the terms' minima in [0, pi]."""
    points = [lowest(i) for i in range(1, values["dim"] + 1)]
    return Facts(
        dim=values["dim"],
        minimum=math.fsum(height for _, height in points),
        minimiser=np.array([point for point, _ in points]),
        base_lr=1.0 / (80.0 * values["dim"] ** 2),
        reason=(
            "L: the curvature of sin^20(i x^2 / pi) grows with x^2 outside of the domain; mu: not"
            " convex, there are dim! local minima inside the domain"
        ),
        domain=(0.0, math.pi),
        convex=False,
        G=math.inf,
        unique=True,
    )


def begin(start):
    """Move the start points to N(pi/2, (pi/6)^2) in each coordinate; `start` is (dim, lanes)."""
    dim, n = start.shape
    for i in range(dim):
        for k in range(n):
            start[i, k] = math.pi * (0.5 + start[i, k] / 6.0)


MICHALEWICZ = Landscape(
    name="michalewicz",
    summary="plains without slope, cut by valleys that narrow with the coordinate's number",
    source=(
        "Michalewicz, Genetic Algorithms + Data Structures = Evolution Programs, Springer 1992"
    ),
    parameters=(Parameter("dim", 2, "number of coordinates", "[1, 100]"),),
    notes=(
        "The steepness m is the usual 10. Known minima: -1.8013 (dim=2), -4.687658 (dim=5),"
        " -9.66015 (dim=10). Outside of [0, pi] a parabola is added, without which lower valleys"
        " would follow. Start points lie in the domain."
    ),
    formula="-sum_i sin(x_i) sin^20(i x_i^2 / pi) + sum_i dist(x_i, [0, pi])^2",
    kernel=michalewicz,
    facts=facts,
    constants=constants,
    start=begin,
    start_text="N(pi/2, (pi/6)^2) in each coordinate",
)
