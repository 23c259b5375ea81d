"""A term that punishes progress."""

from __future__ import annotations

import math

from lab.component import NoiseModel, State


def adversarial(size, strength):
    """Fill `size` (lanes,) with the term's size wherever it strikes."""
    for k in range(size.shape[0]):
        size[k] = 0.5 * strength


def strike(effect, size, value, last, second_last):
    """Fill `effect` (lanes,): `size` where the last clean loss was below the one before it.

    `value` is the present loss f_t: it is kept for the steps to come and changes nothing now.
    """
    for k in range(effect.shape[0]):
        effect[k] = size[k] if last[k] < second_last[k] else 0.0
        second_last[k] = last[k]
        last[k] = value[k]


ADVERSARIAL = NoiseModel(
    name="adversarial",
    summary="a positive term, proportional to the base, whenever the loss has just fallen",
    source="GreedyLR, arXiv 2512.14527, robustness study",
    notes=(
        "It sees clean losses of earlier steps only, so it is 0 at steps 0 and 1. A vector channel"
        " gives it a random direction, so there it does not point uphill."
    ),
    formula="eta_t = 0.5 * base * strength where f_{t-1} < f_{t-2}, otherwise 0",
    kernel=adversarial,
    proportional=True,
    respond=strike,
    # Nothing lies below the loss before the first one.
    state={"last": State(initial=-math.inf), "second_last": State(initial=-math.inf)},
)
