"""A sudden move of the optimum, with all of the landscape around it."""

from __future__ import annotations

import math

from lab.component import Parameter, Perturbation
from noise.perturbations._parameters import AT


def jump(x, at, size, step):
    """Take size / sqrt(dim) from every coordinate of `x` (dim, lanes) at step `at`."""
    if step == at:
        dim, n = x.shape
        unit = size / math.sqrt(dim)
        for i in range(dim):
            for k in range(n):
                x[i, k] = x[i, k] - unit


JUMP = Perturbation(
    name="jump",
    summary="the optimum moves once, by the same vector for all seeds",
    source="this project",
    parameters=(AT, Parameter("size", 1.0, "norm of the move", "[0, inf)")),
    notes=(
        "From step `at` on the objective is f(x - v) with v = size (1, ..., 1) / sqrt(dim), of norm"
        " size. It is carried out in coordinates that move along with the optimum, in which every"
        " lane moves by -v instead: positions recorded after the event are relative to the"
        " landscape, and f* and the minimiser stay. Losses, gradients, rates and steps are the same"
        " in both descriptions but for what looks at the origin: the weight decay of adamw and the"
        " base of the parameters channel then see the moved coordinates. A direction of each"
        " seed's own is `kick`."
    ),
    kernel=jump,
    place="start",
)
