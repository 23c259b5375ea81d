"""Figures of `lab tune`: each parameter varied alone, and the gain in every scenario."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.request import Request
from experiments.tune.judge import TUNED, Variation
from experiments.tune.run import Tuned
from experiments.tune.space import Axis, place, shown
from reports import findings, style
from reports.bands import save
from reports.figures.common import log_scale
from reports.headline import headline
from reports.labels import short

COLUMNS = 3
#: Ratios are drawn up to this one; what lies beyond leaves the axis.
MOST = 1e3


def draw(result: Tuned, directory: Path) -> list[Path]:
    """Both figures as PNG and SVG; returns the paths."""
    with style.applied():
        paths = save(
            sensitivity(result),
            directory,
            "tune-sensitivity",
            ("png", "svg"),
            findings.variations(result),
        )
        return paths + save(
            scenarios(result), directory, "tune-scenarios", ("png", "svg"), findings.gains(result)
        )


def sensitivity(result: Tuned) -> Any:
    """A panel an axis: the cost of each value, with interval, the others as tuned."""
    from matplotlib.figure import Figure

    axes = result.grid.space.axes
    columns = min(COLUMNS, len(axes))
    rows = math.ceil(len(axes) / columns)
    fig = Figure(figsize=(style.TWO_COLUMNS, 0.8 + 1.8 * rows), layout="constrained")
    panels = fig.subplots(rows, columns, squeeze=False)
    colour = style.lines([result.grid.first.written[0]])[0].colour
    for panel, axis in zip(panels.flat, axes, strict=False):
        rows_of = [v for v in result.variations if v.name == axis.name]
        _panel(panel, axis, [v for v in rows_of if _drawable(axis, v)], colour)
    for panel in panels.flat[len(axes) :]:
        panel.set_axis_off()
    for panel in panels[:, 0]:
        panel.set_ylabel("median / tuned")
    count = len(result.grid.requests)
    headline(
        fig,
        f"{result.grid.first.written[0]} around its tuned values, geometric mean over"
        f" {count} scenario{'s' if count > 1 else ''}, n = {result.grid.first.seeds:,} seeds\n"
        "filled: tuned   ring: untuned value   bars: 95 % intervals",
    )
    return fig


def _panel(panel: Any, axis: Axis, rows: Sequence[Variation], colour: str) -> None:
    at = _positions(axis, rows)
    middle = [_drawn(row.cost.estimate) for row in rows]
    low = [_drawn(row.cost.low) for row in rows]
    high = [_drawn(row.cost.high) for row in rows]
    panel.axhline(1.0, color="0.7", lw=0.6, zorder=0)
    panel.vlines(at, low, high, color=colour, lw=0.9)
    panel.plot(at, middle, "-" if axis.span else "", color=colour, lw=0.8, alpha=0.6)
    for x, y, row in zip(at, middle, rows, strict=True):
        face = colour if row.is_tuned else "white"
        panel.plot([x], [y], "o", ms=3.5, color=colour, mfc=face, clip_on=False)
        if row.is_default:
            panel.plot([x], [y], "o", ms=7.0, color="black", mfc="none", mew=0.7, clip_on=False)
    panel.set_yscale("log")
    if axis.logarithmic and all(x > 0.0 for x in at):
        log_scale(panel, at, "x")
    elif axis.span is None:
        panel.set_xticks(at, [shown(row.value) for row in rows])
    panel.set_xlabel(f"{axis.name}{' (times the own rate)' if axis.multiple else ''}")


def _drawable(axis: Axis, row: Variation) -> bool:
    """Whether a value has a place on its axis."""
    return axis.span is None or math.isfinite(place(row.value))


def _positions(axis: Axis, rows: Sequence[Variation]) -> list[float]:
    """Where each value stands: numbers at themselves, words side by side."""
    if axis.span is None:
        return [float(i) for i in range(len(rows))]
    return [place(row.value) for row in rows]


def _drawn(value: float | None) -> float:
    """A ratio inside the axis; one that is undefined is not drawn."""
    return math.nan if value is None else float(np.clip(value, 1.0 / MOST, MOST))


def scenarios(result: Tuned) -> Any:
    """A row a scenario: every outcome's ratio to the untuned schedule, with interval."""
    from matplotlib.figure import Figure

    requests = result.grid.requests
    height = 1.0 + 0.3 * len(requests) + 0.08 * len(result.outcomes)
    fig = Figure(figsize=(style.TWO_COLUMNS, height), layout="constrained")
    panel = fig.subplots()
    shift = 0.6 / len(result.outcomes)
    shown_lines = style.lines([o.label.split(",")[0] for o in result.outcomes])
    for j, (outcome, line) in enumerate(zip(result.outcomes, shown_lines, strict=True)):
        if j == 0:
            continue
        y = [i + (j - TUNED) * shift for i in range(len(requests))]
        middle = [math.nan if r.estimate is None else r.estimate for r in outcome.ratios]
        low = [math.nan if r.low is None else r.low for r in outcome.ratios]
        high = [math.nan if r.high is None else r.high for r in outcome.ratios]
        panel.hlines(y, low, high, color=line.colour, lw=1.0)
        panel.plot(middle, y, "o" if j == TUNED else "s", ms=3.0, color=line.colour,
                   mfc=line.colour if j == TUNED else "white", label=outcome.label)  # fmt: skip
    panel.axvline(1.0, color="0.7", lw=0.6, zorder=0)
    panel.set_xscale("log")
    panel.set_yticks(range(len(requests)), names(requests))
    panel.set_ylim(len(requests) - 0.5, -0.5)
    panel.set_xlabel(
        f"median / untuned, 95 % interval, n = {requests[0].seeds:,} seeds; left is better"
    )
    fig.legend(loc="outside upper left", ncols=2)
    return fig


def names(requests: Sequence[Request]) -> list[str]:
    """A short line for each scenario: what tells it apart."""
    kinds = ("landscape", "noise", "channel", "optimizer")
    labels = {kind: short(getattr(r, kind).text for r in requests) for kind in kinds}
    return [
        f"{labels['landscape'][r.landscape.text]}, {_noise(r, labels)},"
        f" {labels['optimizer'][r.optimizer.text]}"
        for r in requests
    ]


def _noise(request: Request, labels: Mapping[str, Mapping[str, str]]) -> str:
    if request.scenario(request.strengths[0]).silent:
        return "no noise"
    noise, channel = labels["noise"][request.noise.text], labels["channel"][request.channel.text]
    return f"{noise} {request.strengths[0]:g} in {channel}"
