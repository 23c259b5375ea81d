"""Recovery curves of `lab recovery`: the share of lanes not yet back, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reports import numbers
from reports.page import curves
from reports.page.collect import Results
from reports.page.curves import Cell
from reports.page.section import Section

PLACE = 40
AXES = {
    "x": {"label": "steps after the event", "scale": "linear"},
    "y": {"label": "share not yet recovered", "scale": "share"},
    "steps": True,
}


def sections(results: Results) -> Iterator[Section]:
    """A facet an event and scenario, where the directory holds recovery times."""
    if figures := curves.figures(results, "recovery", finding, lambda cell: AXES, _points):
        yield Section(
            "recovery", "Recovery from perturbations", figures=figures, facets="event",
            note="Kaplan-Meier share of the lanes at risk that are not yet back within a factor"
            f" {results.document.get('factor')} of their own unperturbed twin, with its 95 %"
            " interval; steps count from the event.",
            command=results.command,
        )  # fmt: skip


def _points(cell: Cell, arm: Cell) -> dict[str, list[float]]:
    curve = arm.get("curve")
    if not curve:
        return {}
    return {"x": curve["step"], "y": curve["waiting"], "low": curve["low"], "high": curve["high"]}


def finding(cell: Cell, names: Mapping[str, str]) -> str:
    """The restricted mean times, quickest first."""
    means = [(curves.known((a.get("mean") or {}).get("steps")), a) for a in cell["schedules"]]
    ordered = sorted(((m, a) for m, a in means if m is not None), key=lambda pair: pair[0])
    if not ordered:
        return f"After {cell['event']} no lane is at risk."
    (mean, first), (longest, last) = ordered[0], ordered[-1]
    text = (
        f"After {cell['event']} on {names[cell['landscape']]}, {first['schedule']} is back first:"
        f" on average {numbers.significant(mean)} of at most {cell['horizon']} steps (n ="
        f" {first['n']:,})"
    )
    if last is not first:
        text += f"; last is {last['schedule']}, {numbers.significant(longest)} steps"
    return text + "."
