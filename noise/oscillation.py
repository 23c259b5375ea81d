"""A sine wave."""

from __future__ import annotations

import math

from lab.component import NoiseModel, Parameter


def oscillation(size, strength, step, frequency):
    """Fill `size` (lanes,) with the wave, which is negative half of the time."""
    wave = strength * math.sin(step * (frequency + strength))
    for k in range(size.shape[0]):
        size[k] = wave


OSCILLATION = NoiseModel(
    name="oscillation",
    summary="a sine wave over the steps, proportional to the base",
    source="GreedyLR, arXiv 2512.14527, robustness study",
    parameters=(Parameter("frequency", 0.1, "radians a step at strength 0", "(-inf, inf)"),),
    notes=(
        "A stronger wave is also a faster one: the frequency grows by 1 radian a step per unit of"
        " strength. A vector channel gives each step a random direction, so the sign of the wave is"
        " lost there."
    ),
    formula="eta_t = base * strength * sin(t (frequency + strength))",
    kernel=oscillation,
    proportional=True,
)
