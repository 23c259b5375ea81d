"""Early convergence, of `lab early`: the share of targets reached, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reports import numbers
from reports.page import curves
from reports.page.collect import Results
from reports.page.curves import Cell
from reports.page.section import Section

PLACE = 42


def sections(results: Results) -> Iterator[Section]:
    """A facet a scenario, where the directory holds targets reached."""
    if figures := curves.figures(results, "early", finding, _axes, _points):
        yield Section(
            "early", "Early convergence", figures=figures, facets="scenario",
            note="Share of the pairs of a target and a lane that are reached by each step; targets"
            " are multiples of each lane's first loss.",
            command=results.command,
        )  # fmt: skip


def _points(cell: Cell, arm: Cell) -> dict[str, list[float]]:
    return {"x": list(range(len(arm["ecdf"]))), "y": arm["ecdf"]}


def _axes(cell: Cell) -> dict[str, Any]:
    most = max((share for arm in cell["schedules"] for share in arm["ecdf"]), default=1.0)
    high = min(1.0, 1.05 * most) or 1.0
    return {
        "x": {"label": "step", "scale": "steps"},
        "y": {"label": "share of targets reached", "scale": "share", "low": 0.0, "high": high},
        "steps": True, "labels": True,
    }  # fmt: skip


def finding(cell: Cell, names: Mapping[str, str]) -> str:
    """The areas under the curves, largest first."""
    areas = [(area, a) for a in cell["schedules"] if (area := curves.known(a["area"])) is not None]
    if not areas:
        return f"On {names[cell['landscape']]} no schedule has a defined area."
    ordered = sorted(areas, key=lambda pair: -pair[0])
    (most, first), (least, last) = ordered[0], ordered[-1]
    text = (
        f"On {names[cell['landscape']]}, {first['schedule']} reaches most targets over the run,"
        f" on average {numbers.percent(most)} of them (n = {cell['n']:,} seeds)"
    )
    if last is not first:
        text += f"; {last['schedule']} fewest, {numbers.percent(least)}"
    return text + "."
