"""A sudden move of the parameters in a random direction."""

from __future__ import annotations

import math

from lab.component import Parameter, Perturbation
from lab.engine.bits import fma
from noise.perturbations._parameters import AT


def kick(x, direction, at, size, step):
    """Add size * z / sqrt(dim) to `x` (dim, lanes) at step `at`, z being `direction`."""
    if step == at:
        dim, n = x.shape
        unit = size / math.sqrt(dim)
        for i in range(dim):
            for k in range(n):
                x[i, k] = fma(unit, direction[i, k], x[i, k])


KICK = Perturbation(
    name="kick",
    summary="the parameters are moved once, in a random direction of each seed's own",
    source="this project",
    parameters=(AT, Parameter("size", 1.0, "RMS norm of the move", "[0, inf)")),
    notes=(
        "x_at becomes x_at + size z / sqrt(dim), z ~ N(0, I), before f and its gradient are taken:"
        " the loss of step `at` is the first that differs. The squared norm is size^2 chi2(dim) /"
        " dim, of mean size^2. All schedules and optimizers of a seed get the same kick."
    ),
    kernel=kick,
    place="start",
    vector=True,
)
