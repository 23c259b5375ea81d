"""Noise on loss and gradient at once, as an odd minibatch brings it."""

from __future__ import annotations

from lab.component import Channel
from noise.channels._vector import SIGN_IS_LOST, add_vector


def batch(
    value, observed, term, grad, shock, size, direction, metric_base, vector_base, proportional
):
    """Add the term to the observed loss and a vector to `grad` (dim, lanes), each with its base.

    The bases are the previous step's |f| and clean gradient norm.
    """
    add_vector(grad, direction, size, vector_base, term, proportional)
    for k in range(value.shape[0]):
        term[k] = metric_base[k] * shock[k]
        observed[k] = value[k] + term[k]
        metric_base[k] = abs(value[k]) if proportional else 1.0


BATCH = Channel(
    name="batch",
    summary="noise on the observed loss and on the gradient: one event, one draw of its size",
    source="this project",
    notes=(
        f"{SIGN_IS_LOST} That holds for the gradient's part; the observed loss keeps the sign."
        " A normal model draws the loss's part and the vector independently, with one size."
    ),
    kernel=batch,
    acts_on_metric=True,
    acts_on_steps=True,
    scalar=True,
    vector=True,
)
