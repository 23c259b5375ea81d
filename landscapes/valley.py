"""A narrow valley that winds down to its minimum."""

from __future__ import annotations

import math

import numpy as np

from lab.component import Facts, Landscape, Parameter, Values
from lab.engine.bits import fma
from lab.engine.maths import sine_cosine
from landscapes._waves import near


def valley(x, value, grad, width):
    """Fill `value` (lanes,) and `grad` (2, lanes) at `x` (2, lanes)."""
    wall = 1.0 / (width * width)
    for k in range(x.shape[1]):
        a, b = x[0, k], x[1, k]
        s, c = sine_cosine(near(a))
        off = b - s
        push = wall * off
        value[k] = fma(0.05 * a, a, 0.5 * push * off)
        grad[0, k] = fma(-push, c, 0.1 * a)
        grad[1, k] = push


def facts(values: Values) -> Facts:
    """Minimiser 0 with f* = 0: the sum of two squares."""
    return Facts(
        dim=2,
        minimum=0.0,
        minimiser=np.zeros(2),
        # The walls have curvatures up to (1 + cos^2 x) / width^2 on the floor, more above it.
        base_lr=values["width"] ** 2 / 10.0,
        reason=(
            "L: the curvature along x holds (y - sin x) sin x / width^2, which is unbounded; mu:"
            " not convex, the same term is negative beside the floor"
        ),
        domain=(-6.0, 6.0),
        convex=False,
        G=math.inf,
        unique=True,
    )


VALLEY = Landscape(
    name="valley",
    summary="a narrow valley that winds along a sine down a gentle slope",
    source="this laboratory",
    parameters=(Parameter("width", 0.1, "width of the valley: walls are 1/width^2", "(0, inf)"),),
    notes=(
        "The floor, y = sin x, falls with the curvature 1/10; the walls have 1/width^2. A rate that"
        " the walls allow is 10 / width^2 times too small for the floor."
    ),
    formula="(y - sin x)^2 / (2 width^2) + x^2 / 20",
    kernel=valley,
    facts=facts,
)
