"""Gaussian noise with strong spells."""

from __future__ import annotations

from lab.component import NoiseModel, Parameter


def bursts(size, strength, step, period, length, inside, outside):
    """Fill `size` (lanes,) with the standard deviation, which is high early in each period."""
    sigma = strength * (inside if step % period < length else outside)
    for k in range(size.shape[0]):
        size[k] = sigma


BURSTS = NoiseModel(
    name="bursts",
    summary="normal noise that is strong at the start of each period and weak in the rest",
    source="GreedyLR, arXiv 2512.14527, robustness study",
    parameters=(
        Parameter("period", 200, "steps from burst to burst", "[1, 1000000000]"),
        Parameter("length", 20, "steps of one burst", "[0, 1000000000]"),
        Parameter("inside", 3.0, "standard deviation in a burst per unit of strength", "[0, inf)"),
        Parameter("outside", 0.1, "the same between bursts", "[0, inf)"),
    ),
    notes=(
        "The first burst begins at step 0; a run of 200 steps, as in the study, has only this one."
    ),
    formula=(
        "eta_t ~ N(0, (inside * strength)^2) while t mod period < length, otherwise"
        " N(0, (outside * strength)^2)"
    ),
    kernel=bursts,
    gaussian=True,
)
