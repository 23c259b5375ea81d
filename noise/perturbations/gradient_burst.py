"""Wrong gradients for some steps."""

from __future__ import annotations

import math

from lab.component import Parameter, Perturbation
from lab.engine.bits import fma
from noise.perturbations._parameters import AT


def gradient_burst(grad, direction, at, size, length, step):
    """Replace `grad` (dim, lanes) by size * ||grad|| * z / sqrt(dim), z being `direction`."""
    if (step >= at) & (step < at + length):
        dim, n = grad.shape
        unit = size / math.sqrt(dim)
        # Lane by lane: the norm needs a sum over the coordinates, and a burst has few steps.
        for k in range(n):
            square = 0.0
            for i in range(dim):
                square = fma(grad[i, k], grad[i, k], square)
            norm = unit * math.sqrt(square)
            for i in range(dim):
                grad[i, k] = norm * direction[i, k]


GRADIENT_BURST = Perturbation(
    name="gradient-burst",
    summary="for some steps the gradient points in a wrong, random direction",
    source="this project",
    parameters=(
        AT,
        Parameter(
            "size", 1.0, "RMS norm of the wrong gradient / norm of the right one", "[0, inf)"
        ),
        Parameter("length", 10, "steps with a wrong gradient", "[1, inf)"),
    ),
    notes=(
        "In steps at .. at + length - 1 the gradient is size ||g|| z / sqrt(dim) in place of g,"
        " with the same z ~ N(0, I) in all of them; a channel's noise is added afterwards and the"
        " loss stays clean. The loss of step at + 1 is the first that differs. All schedules and"
        " optimizers of a seed get the same direction, each at the size of its own gradient."
    ),
    kernel=gradient_burst,
    place="oracle",
    vector=True,
)
