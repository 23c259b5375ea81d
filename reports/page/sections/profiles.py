"""Performance profiles: how often a schedule is within a factor of the best."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from reports import numbers
from reports.aggregate import FACTORS, Profile, facets, profile
from reports.labels import short
from reports.page import commands
from reports.page.collect import Results
from reports.page.section import Figure, Section
from reports.tables import seeds_of

PLACE = 30


def sections(results: Results) -> Iterator[Section]:
    """A facet a channel, where there are scenarios enough for shares to mean something."""
    channels = facets(results) if results.cells else []
    found = [(name, profile(results, chosen)) for name, chosen in channels]
    figures = [_figure(results, name, one) for name, one in found if one is not None]
    if figures:
        yield Section(
            "profiles", "Performance profiles", figures=figures, facets="channel",
            note="Share of the scenarios in which a schedule's median final value is within a"
            " factor of the lowest (Dolan and Moré 2002). Left end: how often it is the best."
            f" n = {seeds_of(results)} paired seeds a cell.",
            command=commands.figure(results, "profiles"),
        )  # fmt: skip


def _figure(results: Results, channel: str, found: Profile) -> Figure:
    labels = short(results.schedules)
    series = [
        {"schedule": results.schedules.index(name), "name": labels[name],
         "x": [float(f"{factor:.4g}") for factor in FACTORS],
         "y": [float(f"{share:.4g}") for share in shares]}
        for name, shares in zip(found.schedules, found.shares, strict=True)
    ]  # fmt: skip
    data = {
        "x": {"label": "factor of the lowest median", "scale": "log"},
        "y": {"label": f"share of {found.problems:,} scenarios", "scale": "share"},
        "series": series,
        "steps": True,
    }
    return Figure("curves", finding(found, channel), data, channel)


def finding(found: Profile, channel: str) -> str:
    """Who is within a factor of 2 of the best most often."""
    labels = short(found.schedules)
    at = found.shares[:, np.searchsorted(FACTORS, 2.0) - 1]
    order = np.argsort(-at, kind="stable")
    first, *others = (
        f"{labels[found.schedules[i]]} in {numbers.percent(float(at[i]))}" for i in order
    )
    return (
        f"Channel {channel}: within a factor 2 of the lowest median is {first} of the"
        f" {found.problems:,} scenarios; next {', '.join(others[:2])}."
    )
