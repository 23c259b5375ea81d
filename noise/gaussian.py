"""Gaussian noise of constant size."""

from __future__ import annotations

from lab.component import NoiseModel


def gaussian(size, strength):
    """Fill `size` (lanes,) with the standard deviation."""
    for k in range(size.shape[0]):
        size[k] = strength


GAUSSIAN = NoiseModel(
    name="gaussian",
    summary="normal noise with the same standard deviation at every step",
    source="GreedyLR, arXiv 2512.14527, robustness study",
    notes=(
        "strength is the standard deviation, in the units of what the channel corrupts; it does not"
        " shrink as the loss falls."
    ),
    formula="eta_t ~ N(0, strength^2)",
    kernel=gaussian,
    gaussian=True,
)
