"""Recovery curves of `lab recovery`: the share of lanes not yet back, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reports import numbers
from reports.labels import short
from reports.page.collect import Results
from reports.page.section import Figure, Section

PLACE = 40
#: What names a cell, besides the strength of its noise.
NAMED = ("event", "landscape", "optimizer", "noise")


def sections(results: Results) -> Iterator[Section]:
    """A facet an event and scenario, where the directory holds recovery times."""
    if results.experiment != "recovery":
        return
    cells = results.document.get("cells", ())
    names = short(cell[key] for cell in cells for key in NAMED)
    figures = [_figure(results, cell, names) for cell in cells]
    if figures:
        yield Section(
            "recovery", "Recovery from perturbations", figures=figures, facets="event",
            note="Kaplan-Meier share of the lanes at risk that are not yet back within a factor"
            f" {results.document.get('factor')} of their own unperturbed twin, with its 95 %"
            " interval; steps count from the event.",
            command=results.command,
        )  # fmt: skip


def _figure(results: Results, cell: Mapping[str, Any], names: Mapping[str, str]) -> Figure:
    written = results.schedules
    series = [
        {"schedule": written.index(arm["schedule"]), "name": arm["schedule"],
         "x": arm["curve"]["step"], "y": arm["curve"]["waiting"],
         "low": arm["curve"]["low"], "high": arm["curve"]["high"]}
        for arm in cell["schedules"]
        if arm.get("curve")
    ]  # fmt: skip
    data = {
        "x": {"label": "steps after the event", "scale": "linear"},
        "y": {"label": "share not yet recovered", "scale": "share"},
        "series": series,
        "steps": True,
    }
    facet = ", ".join(names[cell[key]] for key in NAMED if cell[key] != "none")
    facet += f" {cell['strength']:g}" if cell["noise"] != "none" else ""
    return Figure("curves", _finding(cell, names), data, facet)


def _finding(cell: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """The restricted mean times, quickest first."""
    means = [(arm["mean"]["steps"], arm) for arm in cell["schedules"] if _mean(arm) is not None]
    if not means:
        return f"After {cell['event']} no lane is at risk."
    first, *others = sorted(means, key=lambda pair: pair[0])
    text = (
        f"After {cell['event']} on {names[cell['landscape']]}, {first[1]['schedule']} is back"
        f" first: on average {numbers.significant(first[0])} of at most {cell['horizon']} steps (n"
        f" = {first[1]['n']:,})"
    )
    if others:
        last = others[-1]
        text += f"; last is {last[1]['schedule']}, {numbers.significant(last[0])} steps"
    return text + "."


def _mean(arm: Mapping[str, Any]) -> float | None:
    mean = (arm.get("mean") or {}).get("steps")
    return mean if isinstance(mean, int | float) else None
