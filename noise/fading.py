"""Gaussian noise that dies away."""

from __future__ import annotations

from lab.component import NoiseModel, Parameter


def fading(size, strength, step, horizon):
    """Fill `size` (lanes,) with the standard deviation of this step."""
    sigma = strength * horizon / (horizon + step)
    for k in range(size.shape[0]):
        size[k] = sigma


FADING = NoiseModel(
    name="fading",
    summary="normal noise whose standard deviation falls like 1/t",
    source="this laboratory; batches that grow like t^2 have such noise (Bottou, Curtis & Nocedal,"
    " SIAM Review 60 (2018) 223-311, section 5)",
    parameters=(Parameter("horizon", 20.0, "steps until it is halved", "(0, inf)"),),
    notes="It starts at strength, is halved after `horizon` steps, and is never quite gone.",
    formula="eta_t ~ N(0, (strength * horizon / (horizon + t))^2)",
    kernel=fading,
    gaussian=True,
)
