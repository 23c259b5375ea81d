"""Saddle points to escape from: strict, degenerate, and a monkey's."""

from __future__ import annotations

import math

import numpy as np

from lab.component import Facts, Landscape, Parameter, Values
from lab.engine.bits import fma

KINDS = ("strict", "degenerate", "monkey")
STRICT, DEGENERATE = 0, 1


def saddle(x, value, grad, kind):
    """Fill `value` (lanes,) and `grad` (2, lanes) at `x` (2, lanes); `kind` is the word's position.

    Written so that nothing cancels at the minima: with the factor (y^2 - 1)^2, and for the monkey's
    with r = |x| as ((r - 1)^2 (3 r^2 + 2 r + 1) + 4 (r + x) (r - 2 x)^2) / 12.
    """
    if kind == STRICT:
        for k in range(x.shape[1]):
            a, b = x[0, k], x[1, k]
            gap = fma(b, b, -1.0)
            value[k] = fma(0.5 * a, a, 0.25 * gap * gap)
            grad[0, k] = a
            grad[1, k] = b * gap
    elif kind == DEGENERATE:
        for k in range(x.shape[1]):
            a, b = x[0, k], x[1, k]
            square = b * b
            gap = square - 1.0
            value[k] = fma(0.5 * a, a, gap * gap * fma(2.0, square, 1.0) / 12.0)
            grad[0, k] = a
            grad[1, k] = b * square * gap
    else:
        for k in range(x.shape[1]):
            a, b = x[0, k], x[1, k]
            square = fma(a, a, b * b)
            r = math.sqrt(square)
            right = b * b / (r - a) if a < 0.0 else r + a
            ring = (r - 1.0) * (r - 1.0) * fma(3.0 * r, r, fma(2.0, r, 1.0))
            off = r - 2.0 * a
            value[k] = (ring + 4.0 * right * off * off) / 12.0
            grad[0, k] = fma(a, square, fma(a, a, -b * b))
            grad[1, k] = b * fma(-2.0, a, square)


def begin(start, spread):
    """Gather the start points around the saddle: N(0, spread^2); `start` has shape (2, lanes)."""
    dim, n = start.shape
    for i in range(dim):
        for k in range(n):
            start[i, k] = spread * start[i, k]


def facts(values: Values) -> Facts:
    """f* = 0 beside the saddle, at (0, 1), and for the monkey's at (-1, 0)."""
    monkey = values["kind"] == "monkey"
    another = [0.5, math.sqrt(0.75)] if monkey else [0.0, -1.0]
    return Facts(
        dim=2,
        minimum=0.0,
        minimiser=np.array([-1.0, 0.0] if monkey else [0.0, 1.0]),
        base_lr=0.1,
        reason=(
            "L: a polynomial of degree 4 or 6, its curvature is unbounded; mu: not convex, 0 is a"
            " saddle point"
        ),
        domain=(-2.0, 2.0),
        convex=False,
        G=math.inf,
        another=np.array(another),
    )


SADDLE = Landscape(
    name="saddle",
    summary="a start beside a saddle point, with minima around it",
    source=(
        "Ge, Huang, Jin & Yuan, Escaping from saddle points, COLT 2015 (strict saddles);"
        " Anandkumar & Ge, COLT 2016 (degenerate ones, the monkey saddle)"
    ),
    parameters=(
        Parameter("kind", "strict", "of saddle", choices=KINDS),
        Parameter("spread", 0.1, "standard deviation of the start around the saddle", "[0, inf)"),
    ),
    notes=(
        "The saddle is at 0. The strict one has the curvatures 1 and -1; the degenerate one 1 and"
        " 0, and falls like y^4; at the monkey's both are 0, and three ways lead down. With"
        " spread=0 the gradient is 0 and without noise nothing ever moves. Minimisers: (0, +-1);"
        " the monkey's: (-1, 0) and its rotations by a third of a turn. A falling loss says little"
        " here: it hardly falls until the saddle is left."
    ),
    formula=(
        "strict: x^2/2 + (y^2 - 1)^2/4; degenerate: x^2/2 + y^6/6 - y^4/4 + 1/12;"
        " monkey: (x^3 - 3 x y^2)/3 + (x^2 + y^2)^2/4 + 1/12"
    ),
    kernel=saddle,
    facts=facts,
    start=begin,
    start_text="N(0, spread^2) in each coordinate, around the saddle point",
)
