"""The published protocol: the noise is recorded and acts on nothing."""

from __future__ import annotations

from lab.component import Channel


def published(value, observed, term, shock, metric_base, proportional):
    """Record the term; the base is the previous loss with its sign. All fields are (lanes,)."""
    for k in range(value.shape[0]):
        observed[k] = value[k]
        term[k] = metric_base[k] * shock[k]
        metric_base[k] = value[k] if proportional else 1.0


PUBLISHED = Channel(
    name="published",
    summary="the study's own: the term is recorded and changes neither loss, gradient nor schedule",
    source="GreedyLR, arXiv 2512.14527, robustness study, as its code ran",
    notes=(
        "The study adds the term to the loss before differentiating. The term does not depend on"
        " the parameters, so the gradient is the clean one, and the schedule was given the clean"
        " loss: with or without noise the run is the same, bit for bit."
    ),
    kernel=published,
    acts_on_metric=False,
    acts_on_steps=False,
    scalar=True,
    vector=False,
)
