"""A section of the page: something found, shown, and how to get it again."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lab.errors import RequestError
from reports.page.collect import Results
from reports.tables import Table


@dataclass(frozen=True)
class Figure:
    """One drawing: `kind` names the script's function, `data` is what it draws, as plain JSON.

    kind "heatmap": rows (numbers of schedules), columns (labels), values (ratios from 1, null where
    undefined, "inf"), text and notes of each cell.
    kind "curves": x and y (label, scale), series (schedule or null, name, x, y, low, high).
    kind "forest": rows (schedule or null, name, estimate, low, high), label, threshold.
    kind "image": src (a data URI).

    finding: a sentence that says what the figure shows; it is its alternative text. title: a
    heading of its own. Figures of one facet are shown together, one facet at a time.
    """

    kind: str
    finding: str
    data: Mapping[str, Any]
    facet: str = ""
    title: str = ""


@dataclass(frozen=True)
class Section:
    """A heading, a sentence that answers it, and figures or tables below.

    points: further sentences, as a list. facets: the word for what the figures' facets are. note:
    how to read them. command: what to type to get them again. widget: the name of an interactive
    part of the page that stands here, and `data` what it shows.
    """

    id: str
    title: str
    finding: str = ""
    points: Sequence[str] = ()
    figures: Sequence[Figure] = ()
    facets: str = ""
    tables: Sequence[Table] = ()
    note: str = ""
    command: str = ""
    widget: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


def all_sections(results: Results) -> list[Section]:
    """What the modules of `reports.page.sections` have to say, in the order of their `PLACE`.

    A module there has a number `PLACE` and a function `sections(results)` that yields sections, or
    nothing where the directory has no such data. A new file is a new section.
    """
    from reports.page import sections

    found = []
    for info in pkgutil.iter_modules(sections.__path__):
        found.append(importlib.import_module(f"{sections.__name__}.{info.name}"))
    return [one for module in sorted(found, key=_place) for one in _sections(module, results)]


def _place(module: Any) -> float:
    return module.PLACE


def _sections(module: Any, results: Results) -> list[Section]:
    """One module's sections; data of an unknown shape are the directory's fault."""
    try:
        return list(module.sections(results))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise RequestError(
            f"{str(results.directory)!r} holds data of an unknown shape for the section"
            f" {module.__name__.rsplit('.', 1)[-1]!r}: {type(error).__name__} {error}"
        ) from error
