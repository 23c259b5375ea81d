"""Noise on the parameters themselves."""

from __future__ import annotations

from lab.component import Channel
from noise.channels._vector import SIGN_IS_LOST, add_vector


def parameters(value, observed, term, x, size, direction, vector_base, proportional):
    """Move `x` (dim, lanes) by a vector; the base is the previous step's norm before the move."""
    add_vector(x, direction, size, vector_base, term, proportional)
    for k in range(value.shape[0]):
        observed[k] = value[k]
        term[k] = 0.0


PARAMETERS = Channel(
    name="parameters",
    summary="the parameters are moved before the step; loss and gradient stay those of before",
    source="this project",
    notes=f"{SIGN_IS_LOST} The RMS norm of the move is that of the noise term.",
    kernel=parameters,
    acts_on_metric=False,
    acts_on_steps=True,
    scalar=False,
    vector=True,
)
