"""Gaussian noise in proportion to what it corrupts."""

from __future__ import annotations

from lab.component import NoiseModel


def multiplicative(size, strength):
    """Fill `size` (lanes,) with the standard deviation per unit of the base."""
    for k in range(size.shape[0]):
        size[k] = strength


MULTIPLICATIVE = NoiseModel(
    name="multiplicative",
    summary="normal noise in proportion to the base: it fades as the loss or gradient does",
    source=(
        "Bottou, Curtis & Nocedal, SIAM Review 60 (2018) 223-311, assumption 4.3 (a variance that"
        " grows with the gradient)"
    ),
    notes=(
        "The base is the previous step's clean |f|, gradient norm or parameter norm, by the"
        " channel. In a gradient channel the noise vanishes at a minimum with gradient 0, as under"
        " interpolation; with f* above 0 the metric's does not."
    ),
    formula="eta_t ~ N(0, (strength * base)^2)",
    kernel=multiplicative,
    gaussian=True,
    proportional=True,
)
