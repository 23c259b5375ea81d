"""Spikes at regular intervals."""

from __future__ import annotations

from lab.component import NoiseModel, Parameter
from lab.engine.bits import to_integer


def periodic_spikes(size, strength, step, period, stretch, width):
    """Fill `size` (lanes,): strength during the first `width` steps of each period."""
    length = period + to_integer(stretch * strength)
    height = strength if step % length < width else 0.0
    for k in range(size.shape[0]):
        size[k] = height


PERIODIC_SPIKES = NoiseModel(
    name="periodic-spikes",
    summary="spikes of a few steps at regular intervals, proportional to the base",
    source="GreedyLR, arXiv 2512.14527, robustness study",
    parameters=(
        Parameter("period", 50, "steps from spike to spike at strength 0", "[1, 1000000000]"),
        Parameter("stretch", 50.0, "steps added to the period per unit of strength", "[0, 1e9]"),
        Parameter("width", 3, "steps of one spike", "[0, 1000000000]"),
    ),
    notes=(
        "The first spike is at step 0. In the study a stronger spike is also a rarer one: the"
        " period grows with strength; stretch=0 keeps it fixed."
    ),
    formula="eta_t = base * strength while t mod (period + floor(stretch * strength)) < width",
    kernel=periodic_spikes,
    proportional=True,
)
