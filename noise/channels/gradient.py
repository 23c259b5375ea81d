"""Noise on the gradient alone."""

from __future__ import annotations

from lab.component import Channel
from noise.channels._vector import SIGN_IS_LOST, add_vector


def gradient(value, observed, term, grad, size, direction, vector_base, proportional):
    """Add a vector to `grad` (dim, lanes); the base is the previous step's clean norm of it."""
    add_vector(grad, direction, size, vector_base, term, proportional)
    for k in range(value.shape[0]):
        observed[k] = value[k]
        term[k] = 0.0


GRADIENT = Channel(
    name="gradient",
    summary="noise on the gradient that the optimizer uses; the observed loss stays clean",
    source="this project",
    notes=f"{SIGN_IS_LOST} The RMS norm of the added vector is that of the noise term.",
    kernel=gradient,
    acts_on_metric=False,
    acts_on_steps=True,
    scalar=False,
    vector=True,
)
