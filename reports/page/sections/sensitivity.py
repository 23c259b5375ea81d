"""Sensitivity to the initial rate, of `lab sensitivity`: final medians over the rates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reports import numbers
from reports.page import curves
from reports.page.collect import Results
from reports.page.curves import Cell
from reports.page.section import Section

PLACE = 41


def sections(results: Results) -> Iterator[Section]:
    """A facet a scenario, where the directory holds medians over rates."""
    if figures := curves.figures(results, "sensitivity", finding, _axes, _points):
        yield Section(
            "sensitivity", "Sensitivity to the learning rate", figures=figures, facets="scenario",
            note="Median (p50) of the final value at every initial rate; a line that leaves the"
            " frame at the top has diverged.",
            command=results.command,
        )  # fmt: skip


def _points(cell: Cell, arm: Cell) -> dict[str, list[float]]:
    return {"x": cell["rates"], "y": arm["p50"]}


def _axes(cell: Cell) -> dict[str, Any]:
    medians = [curves.known(value) for arm in cell["schedules"] for value in arm["p50"]]
    negative = any(value < 0.0 for value in medians if value is not None)
    return {
        "x": {"label": "initial learning rate", "scale": "log"},
        "y": {"label": f"final {cell['measure']} (p50)", "scale": "linear" if negative else "log"},
        "points": True, "labels": True, "snap": cell["rates"],
    }  # fmt: skip


def finding(cell: Cell, names: Mapping[str, str]) -> str:
    """Where the lowest median is, and who keeps near its own over the most rates."""
    medians = [
        (value, rate, arm)
        for arm in cell["schedules"]
        for rate, median in zip(cell["rates"], arm["p50"], strict=True)
        if (value := curves.known(median)) is not None
    ]
    if not medians:
        return f"On {names[cell['landscape']]} every median diverged at every rate."
    lowest, rate, best = min(medians, key=lambda triple: triple[0])
    text = (
        f"On {names[cell['landscape']]}, {best['schedule']} has the lowest median,"
        f" {numbers.significant(lowest)} at lr {rate:.3g} (n = {cell['seeds']:,} seeds)"
    )
    widths = [
        (decades, arm)
        for arm in cell["schedules"]
        if (decades := curves.known((arm.get("width_own") or {}).get("decades"))) is not None
    ]
    if not widths:
        return text + "."
    wide, widest = max(widths, key=lambda pair: pair[0])
    narrow, narrowest = min(widths, key=lambda pair: pair[0])
    return (
        f"{text}; within twice its own lowest, {widest['schedule']} stays over the most rates,"
        f" {wide:.2g} decades, and {narrowest['schedule']} over the fewest, {narrow:.2g}."
    )
