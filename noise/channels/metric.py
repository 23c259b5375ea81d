"""Noise on the observed loss alone."""

from __future__ import annotations

from lab.component import Channel


def metric(value, observed, term, shock, metric_base, proportional):
    """Add the term to the observed loss; the base is the previous |f|. All fields are (lanes,)."""
    for k in range(value.shape[0]):
        term[k] = metric_base[k] * shock[k]
        observed[k] = value[k] + term[k]
        metric_base[k] = abs(value[k]) if proportional else 1.0


METRIC = Channel(
    name="metric",
    summary="noise on the loss that a feedback schedule sees; gradients stay clean",
    source="this project",
    notes="Open-loop schedules do not look at the loss: for them this channel is inert.",
    kernel=metric,
    acts_on_metric=True,
    acts_on_steps=False,
    scalar=True,
    vector=False,
)
