"""A term that grows with the progress of the last few steps."""

from __future__ import annotations

import math

from lab.component import NoiseModel, State


def adversarial_trailing(size, strength):
    """Fill `size` (lanes,) with the term per unit of progress."""
    for k in range(size.shape[0]):
        size[k] = 2.0 * strength


def answer(effect, size, value, past):
    """Fill `effect` (lanes,) from the clean losses `past` (5, lanes) of steps t-5 .. t-1.

    `value` is the present loss f_t: it is kept for the steps to come and changes nothing now.
    """
    for k in range(effect.shape[0]):
        effect[k] = size[k] * (past[0, k] - past[4, k]) if past[4, k] < past[0, k] else 0.0
        past[0, k], past[1, k], past[2, k] = past[1, k], past[2, k], past[3, k]
        past[3, k], past[4, k] = past[4, k], value[k]


ADVERSARIAL_TRAILING = NoiseModel(
    name="adversarial-trailing",
    summary="a positive term, twice the fall of the loss over the last four steps",
    source="GreedyLR, arXiv 2512.14527, robustness study (the documented variant of adversarial)",
    notes=(
        "In units of the loss, not proportional to a base. It sees clean losses of earlier steps"
        " only, so it is 0 up to step 4. A vector channel gives it a random direction, so there it"
        " does not point uphill."
    ),
    formula="eta_t = 2 * strength * max(f_{t-5} - f_{t-1}, 0)",
    kernel=adversarial_trailing,
    respond=answer,
    # Nothing lies below the losses before the first one.
    state={"past": State(rows=lambda values: 5, initial=-math.inf)},
)
