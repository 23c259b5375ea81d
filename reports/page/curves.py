"""Figures of an experiment's document: one a cell, a line a schedule, a finding in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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


def figures(
    results: Results,
    experiment: str,
    finding: Callable[[Cell, Mapping[str, str]], str],
    axes: Callable[[Cell], Mapping[str, Any]],
    points: Callable[[Cell, Cell], Mapping[str, Sequence[Any]]],
) -> list[Figure]:
    """A figure for each cell of an experiment; none where the results are another's.

    `finding` takes a cell and the short names of what cells are made of; `axes` gives x and y, and
    options, of a figure of the kind "curves"; `points` takes a cell and the entry of a schedule and
    gives its x, y, and low and high where there is a band, or nothing where it has no line.
    """
    if results.experiment != experiment:
        return []
    cells = results.document.get("cells", ())
    names = labels(cells)
    found = []
    for cell in cells:
        lines = [
            {"schedule": results.schedules.index(arm["schedule"]), "name": arm["schedule"], **line}
            for arm in cell["schedules"]
            if (line := points(cell, arm))
        ]
        data = {**axes(cell), "series": lines}
        found.append(Figure("curves", finding(cell, names), data, facet(cell, names)))
    return found


def known(value: Any) -> float | None:
    """A number of a document, or None for what is undefined or infinite."""
    return float(value) if isinstance(value, int | float) else None
