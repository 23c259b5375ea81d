"""Figures of an experiment's document: one a cell, a line a schedule, a finding in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reports.labels import short
from reports.page.collect import Results
from reports.page.section import Figure

#: What names a cell, besides the strength of its noise.
NAMED = ("event", "landscape", "optimizer", "noise")

Cell = Mapping[str, Any]


def labels(cells: Iterable[Cell]) -> dict[str, str]:
    """Short names for what cells are made of."""
    return short(str(cell[key]) for cell in cells for key in NAMED if key in cell)


def facet(cell: Cell, names: Mapping[str, str]) -> str:
    """A cell's short name among the others."""
    parts = [names[cell[key]] for key in NAMED if cell.get(key, "none") != "none"]
    if cell.get("noise", "none") != "none":
        parts[-1] += f" {cell['strength']:g} in {cell['channel']}"
    return ", ".join(parts)


def figure(
    results: Results,
    cell: Cell,
    names: Mapping[str, str],
    finding: str,
    axes: Mapping[str, Any],
    series: Iterable[tuple[Cell, Mapping[str, Sequence[Any]]]],
) -> Figure:
    """Lines of some schedules of a cell.

    `axes` are x and y, and options, of a figure of the kind "curves"; `series` are a schedule's
    entry of the document and its x, y, and low and high where there is a band.
    """
    lines = [
        {"schedule": results.schedules.index(arm["schedule"]), "name": arm["schedule"], **points}
        for arm, points in series
    ]
    return Figure("curves", finding, {**axes, "series": lines}, facet(cell, names))


def known(value: Any) -> float | None:
    """A number of a document, or None for what is undefined or infinite."""
    return float(value) if isinstance(value, int | float) else None
