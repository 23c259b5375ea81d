"""Gaussian noise with a share of gross errors."""

from __future__ import annotations

from lab.component import NoiseModel, Parameter


def outliers(size, strength, uniform, probability, factor):
    """Fill `size` (lanes,): `uniform` (1, lanes) draws whether the error is a gross one."""
    large = factor * strength
    for k in range(size.shape[0]):
        size[k] = large if uniform[0, k] < probability else strength


OUTLIERS = NoiseModel(
    name="outliers",
    summary="normal noise of which a share, without a label, is many times larger",
    source=(
        "Tukey, A survey of sampling from contaminated distributions, 1960; Huber, The Annals of"
        " Mathematical Statistics 35 (1964) 73-101"
    ),
    parameters=(
        Parameter("probability", 0.05, "chance that a step's error is a gross one", "[0, 1]"),
        Parameter("factor", 10.0, "size of a gross error against the others", "[0, inf)"),
    ),
    notes=(
        "Nothing tells a gross error from the others but its size. Its sign is random and its base"
        " is 1: unlike spikes it neither is positive nor fades with the loss."
    ),
    formula="eta_t ~ N(0, (factor * strength)^2) with the given probability, else N(0, strength^2)",
    kernel=outliers,
    uniforms=1,
    gaussian=True,
)
