"""Figures for papers: one look, one and two columns, vector or PNG.

`scenario` draws one scenario, `spread` its final values, `overview` all scenarios, `contour`
trajectories on a landscape of two coordinates, `terrain` a landscape alone; `common` holds sizes,
captions, and labels at the ends of lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lab.errors import RequestError, WorkError
from reports.page.collect import Results

FORMATS = ("pdf", "svg", "png")


def draw(results: Results, directory: Path, suffix: str, columns: int) -> list[Path]:
    """Draw every figure that the directory has data for; returns the paths.

    Parameters
    ----------
    suffix:
        "pdf", "svg" or "png".
    columns:
        1 or 2: of a journal page.

    Raises
    ------
    RequestError
        Another suffix or number of columns.
    WorkError
        A file cannot be written.
    """
    check(suffix, columns)
    from reports.bands import save

    paths: list[Path] = []
    try:
        for name, figure in _figures(results, columns):
            paths += save(figure, directory, name, (suffix,))
    except OSError as error:
        raise WorkError(f"{str(directory)!r} cannot be written: {error.strerror}") from error
    return paths


def suffix_of(path: Path) -> str:
    """The format that a path's name asks for; a RequestError where it is none of FORMATS."""
    suffix = path.suffix.lstrip(".").lower()
    if suffix not in FORMATS:
        raise RequestError(
            f"figure: {str(path)!r} is not allowed (allowed: names in {', '.join(FORMATS)})"
        )
    return suffix


def save_as(figure: Any, path: Path) -> Path:
    """Write one figure in the format of the path's name; a WorkError where it cannot be."""
    from reports.bands import write

    try:
        write(figure, path, suffix_of(path))
        return path
    except OSError as error:
        raise WorkError(f"figure: {str(path)!r} cannot be written: {error.strerror}") from error


def check(suffix: str, columns: int) -> None:
    """Refuse what `draw` cannot draw, before anything is read."""
    if suffix not in FORMATS:
        raise RequestError(f"format: {suffix!r} is not allowed (allowed: {', '.join(FORMATS)})")
    if columns not in (1, 2):
        raise RequestError(f"columns: {columns} is not allowed (allowed: 1, 2)")


def _figures(results: Results, columns: int) -> Iterator[tuple[str, Any]]:
    """Names and figures, one at a time: a drawn one is free to go before the next."""
    if not results.cells:
        return
    from reports.aggregate import AXES
    from reports.figures import overview, scenario, spread

    drawers: dict[str, Callable[[Results, int], Any]] = {
        "bands": scenario.bands,
        "distribution": scenario.distribution,
        "spread": spread.letter_values,
        "ratios": scenario.ratios,
        "robustness": scenario.robustness,
        "sensitivity": scenario.sensitivity,
        **{f"by-{word}": overview.heat_map(axis) for axis, word in AXES.items()},
        "profiles": overview.profiles,
    }
    for name, drawer in drawers.items():
        figure = drawer(results, columns)
        if figure is not None:
            yield name, figure
