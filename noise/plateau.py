"""Weak Gaussian noise that comes and goes."""

from __future__ import annotations

from lab.component import NoiseModel, Parameter


def plateau(size, strength, step, period, length, stretch, deviation):
    """Fill `size` (lanes,) with the standard deviation: 0 outside the noisy part of each period."""
    noisy = step % period < length + stretch * strength
    sigma = deviation * strength if noisy else 0.0
    for k in range(size.shape[0]):
        size[k] = sigma


PLATEAU = NoiseModel(
    name="plateau",
    summary="weak normal noise during the first part of each period, silence in the rest",
    source="GreedyLR, arXiv 2512.14527, robustness study",
    parameters=(
        Parameter("period", 100, "steps from one noisy part to the next", "[1, 1000000000]"),
        Parameter("length", 20, "steps of the noisy part at strength 0", "[0, 1000000000]"),
        Parameter("stretch", 30.0, "steps added to that part per unit of strength", "[0, inf)"),
        Parameter("deviation", 0.05, "standard deviation per unit of strength", "[0, inf)"),
    ),
    notes=(
        "The name is the study's; the term makes no plateau of the loss. The noisy part begins at"
        " step 0 and grows with strength; stretch=0 keeps it fixed."
    ),
    formula=(
        "eta_t ~ N(0, (deviation * strength)^2) while t mod period < length + stretch * strength"
    ),
    kernel=plateau,
    gaussian=True,
)
