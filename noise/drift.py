"""A steady rise."""

from __future__ import annotations

from lab.component import NoiseModel, Parameter


def drift(size, strength, step, rate):
    """Fill `size` (lanes,) with the height of the ramp."""
    height = rate * strength * step
    for k in range(size.shape[0]):
        size[k] = height


DRIFT = NoiseModel(
    name="drift",
    summary="a term that grows linearly with the steps",
    source="GreedyLR, arXiv 2512.14527, robustness study",
    parameters=(Parameter("rate", 0.001, "rise a step per unit of strength"),),
    notes=(
        "A vector channel gives each step a random direction: there the term is a noise of growing"
        " size without a trend, its sign lost."
    ),
    formula="eta_t = rate * strength * t",
    kernel=drift,
)
