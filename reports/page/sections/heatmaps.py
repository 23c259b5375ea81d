"""Schedule by noise and schedule by landscape: how far each median is from the lowest."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from reports import numbers
from reports.aggregate import AXES, Heat, facets, heat
from reports.labels import short
from reports.page import commands
from reports.page.collect import Results
from reports.page.section import Figure, Section
from reports.tables import seeds_of

PLACE = 20


def sections(results: Results) -> Iterator[Section]:
    """A heat map for each axis that has several values; a facet a channel."""
    cells = results.cells
    axes = [axis for axis in AXES if cells and len(set(cells[axis].tolist())) > 1]
    if not axes:
        return
    figures = [
        figure(results, name, heat(results, axis, chosen), AXES[axis])
        for name, chosen in facets(results)
        for axis in axes
        if len(set(cells[axis][chosen].tolist())) > 1
    ]
    yield Section(
        "heatmaps", "Where each schedule is good", figures=figures, facets="channel",
        note="Median / lowest median of the same scenario, geometric mean over scenarios; 1 is"
        " best. ✕ counts scenarios where more than half of the lanes diverged, which the mean"
        f" leaves out. * the noise acts on nothing. n = {seeds_of(results)} paired seeds a cell.",
        command=commands.figure(results, *(f"by-{AXES[axis]}" for axis in axes)),
    )  # fmt: skip


def figure(results: Results, channel: str, found: Heat, word: str) -> Figure:
    """One heat map, schedules ordered from the best on; `channel` is empty for all channels."""
    labels, every = short(found.values), results.schedules
    order = np.argsort(np.where(np.isnan(found.overall), np.inf, found.overall), kind="stable")
    data = {
        "rows": [every.index(found.schedules[i]) for i in order],
        "columns": [
            labels[value] + ("*" if inert else "")
            for value, inert in zip(found.values, found.inert, strict=True)
        ],
        "titles": found.values,
        "scenarios": found.scenarios.tolist(),
        "values": [[numbers.json_number(float(v)) for v in found.ratio[i]] for i in order],
        "lost": found.lost[order].tolist(),
    }
    title = f"Schedule by {word}"
    return Figure("heatmap", finding(found, word, channel), data, channel, title)


def finding(found: Heat, word: str, channel: str) -> str:
    """Who is nearest to the best under most values, and where the worst is."""
    labels, names = short(found.schedules), short(found.values)
    where = f"Channel {channel}: " if channel else ""
    finite = np.where(np.isfinite(found.ratio), found.ratio, np.inf)
    if np.isinf(finite).all():
        return f"{where}no schedule has a finite median anywhere."
    nearest = finite.argmin(axis=0)[np.isfinite(finite).any(axis=0)]
    wins = np.bincount(nearest, minlength=len(found.schedules))
    first = int(wins.argmax())
    shown = np.where(np.isfinite(found.ratio), found.ratio, 0.0)
    i, j = np.unravel_index(int(shown.argmax()), shown.shape)
    text = (
        f"{where}{labels[found.schedules[first]]} is nearest to the best for"
        f" {wins[first]} of {len(nearest)} {word}s; farthest is"
        f" {labels[found.schedules[i]]} with {names[found.values[j]]},"
        f" {numbers.ratio(float(found.ratio[i, j]))} times the lowest median."
    )
    lost = int(found.lost.sum())
    return text + (f" Medians diverged in {lost} cells." if lost else "")
