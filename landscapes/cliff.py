"""A high plateau, a cliff, and a bowl at its foot."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from lab.component import Constants, Facts, Landscape, Parameter, Values
from lab.engine.bits import fma
from lab.engine.maths import exp, expm1

#: Curvature of the bowl that lies under everything, so that the plateau is not flat.
BOWL = 0.01


def cliff(x, value, grad, width, foot):
    """Fill `value` (lanes,) and `grad` (dim, lanes) at `x` (dim, lanes).

    The cliff is the logistic function h of u = (|x|^2 - 1)/width, less its value `foot` at 0; from
    e = exp(-|u|) it comes without overflow on either side. Inside the cliff the difference is
    written (exp(|x|^2/width) - 1) foot (1 - h), which does not cancel.
    """
    dim, n = x.shape
    for k in range(n):
        value[k] = 0.0
    for i in range(dim):
        for k in range(n):
            value[k] = fma(x[i, k], x[i, k], value[k])
    for k in range(n):
        square = value[k]
        u = (square - 1.0) / width
        e = exp(-abs(u))
        outside = u > 0.0
        h = (1.0 if outside else e) / (1.0 + e)
        growth = expm1(0.0 if outside else square / width)
        rise = h - foot if outside else growth * foot / (1.0 + e)
        value[k] = fma(0.5 * BOWL, square, rise)
        # The slope per coordinate, kept in the first row of `grad` until the last moment.
        grad[0, k] = fma(2.0 / width, e / ((1.0 + e) * (1.0 + e)), BOWL)
    for j in range(dim):
        i = dim - 1 - j
        for k in range(n):
            grad[i, k] = grad[0, k] * x[i, k]


def constants(values: Values) -> Constants:
    """The height of the logistic function at 0."""
    return {"foot": foot(values["width"])}


def foot(width: float) -> float:
    """1 / (1 + exp(1 / width)), which a narrow cliff makes 0."""
    return math.exp(-1.0 / width) / (1.0 + math.exp(-1.0 / width))


@cache
def steepest(width: float) -> float:
    """The largest size of a curvature, to six digits, from a fine grid over |x|^2.

    With h the logistic function of u the curvatures are 2 h'/width + BOWL across, and 4 |x|^2
    h''/width^2 more along the radius.
    """
    u = np.linspace(-1.0 / width, 40.0, 400_001)
    slope = 1.0 / (2.0 + 2.0 * np.cosh(u))
    bend = -slope * np.tanh(0.5 * u)
    across = 2.0 * slope / width
    along = across + 4.0 * (1.0 + width * u) * bend / width**2
    return float(max(np.abs(BOWL + across).max(), np.abs(BOWL + along).max()))


def facts(values: Values) -> Facts:
    """Minimiser 0 with f* = 0."""
    L = steepest(values["width"])
    return Facts(
        dim=values["dim"],
        minimum=0.0,
        minimiser=np.zeros(values["dim"]),
        base_lr=1.0 / L,
        L=L * (1.0 + 1e-6),
        reason="mu: not convex, the cliff's upper edge bends down",
        domain=(-3.0, 3.0),
        convex=False,
        G=math.inf,
        unique=True,
    )


CLIFF = Landscape(
    name="cliff",
    summary="a nearly flat plateau that ends in a cliff around the minimum",
    source=(
        "this laboratory, after the cliffs of Pascanu, Mikolov & Bengio, On the difficulty of"
        " training recurrent neural networks, ICML 2013"
    ),
    parameters=(
        Parameter("dim", 2, "number of coordinates", "[1, 10000]"),
        Parameter("width", 0.05, "width of the cliff, as a difference of |x|^2", "[0.002, 1]"),
    ),
    notes=(
        "The plateau has height 1 and falls by 1/200 |x|^2; the cliff stands at |x| = 1 and is"
        " 1/(2 width) steep. A rate that suits the plateau throws a lane across at the cliff."
    ),
    formula="h(|x|^2) - h(0) + |x|^2/200, h(q) = 1/(1 + exp(-(q - 1)/width))",
    kernel=cliff,
    facts=facts,
    constants=constants,
)
