"""Figures of recovery: Kaplan-Meier curves, differences from greedy, the published measures."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from experiments.recovery.published import PublishedRecovery
from experiments.recovery.run import LEVEL, EventResult, Recovery
from experiments.request import Request
from reports import findings, style
from reports.bands import save
from reports.headline import headline
from reports.recovery.published import grouped
from reports.scenario import noise, short_titles, title

COLUMNS = 4
#: Markers of the schedules, in the order of the request.
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">")


def draw(result: Recovery, directory: Path) -> list[Path]:
    """Every figure as PNG and SVG; returns the paths."""
    paths: list[Path] = []
    requests = result.grid.requests
    with style.applied():
        for number, request in enumerate(requests):
            found = [r for r in result.results if r.request is request]
            stem = f"recovery-{request.landscape.component.name}"
            stem += f"-{number}" if len(requests) > 1 else ""
            paths += save(
                curves(result, found), directory, stem, ("png", "svg"), findings.recovered(found)
            )
        paths += save(
            differences(result),
            directory,
            "recovery-differences",
            ("png", "svg"),
            findings.differences(result),
        )
        if result.published is not None:
            fig = published(result.published)
            paths += save(
                fig,
                directory,
                "recovery-published",
                ("png", "svg"),
                findings.published(result.published),
            )
    return paths


def curves(result: Recovery, found: list[EventResult]) -> Any:
    """A panel an event: the share of lanes that have not recovered, by steps since the event."""
    from matplotlib.figure import Figure

    request = found[0].request
    columns = min(COLUMNS, len(found) + 1)
    rows = math.ceil((len(found) + 1) / columns)
    fig = Figure(figsize=(style.TWO_COLUMNS, 0.7 + 1.7 * rows), layout="constrained")
    axes = fig.subplots(rows, columns, sharey=True, squeeze=False)
    for axis, event in zip(axes.flat, found, strict=False):
        _curves(axis, event)
    for axis in axes.flat[len(found) :]:
        axis.set_axis_off()
    handles, labels = axes.flat[0].get_legend_handles_labels()
    axes.flat[len(found)].legend(handles, labels, loc="center left")
    for axis in axes[:, 0]:
        axis.set_ylabel("share not yet recovered")
    fig.supxlabel("steps since the event", fontsize=7)
    grid = result.grid
    headline(
        fig,
        f"{title(request)}   {_rates(result, request)}   n = {request.seeds:,} seeds\n"
        f"recovered: within {grid.factor:g} times the twin's loss for {grid.hold} losses in a row",
    )
    return fig


def _rates(result: Recovery, request: Request) -> str:
    return "each at its tuned lr" if result.grid.tuned else f"start lr {request.lr:g}"


def _curves(axis: Any, event: EventResult) -> None:
    for arm, line in zip(event.arms, style.lines(event.request.written), strict=True):
        if arm.curve is None:
            continue
        inside = arm.curve.time <= event.horizon
        time = np.concatenate([[0.0], arm.curve.time[inside], [event.horizon]])
        share = np.concatenate([[1.0], arm.curve.survival[inside]])
        share = np.append(share, share[-1])
        axis.plot(time, share, drawstyle="steps-post", label=arm.written, lw=1.0,
                  color=line.colour, ls=line.style)  # fmt: skip
    axis.set_title(_event_title(event), fontsize=6.5)
    axis.set_xlim(0, max(event.horizon, 1))
    axis.set_ylim(0, 1.02)


def _event_title(event: EventResult) -> str:
    """The kind of event over its parameters."""
    name, _, parameters = event.event.text.partition(":")
    return f"{name}\n{parameters.replace(',', ', ')}"


def differences(result: Recovery) -> Any:
    """A panel a scenario: restricted mean recovery times less that of the reference."""
    from matplotlib.figure import Figure

    requests = result.grid.requests
    first = result.grid.first
    columns = min(3, len(requests))
    rows = math.ceil(len(requests) / columns)
    events = len(result.grid.events)
    others = [i for i in range(len(first.schedules)) if i != first.reference]
    height = rows * (0.4 + events * max(0.25, 0.075 * len(others)))
    fig = Figure(figsize=(style.TWO_COLUMNS, 0.9 + height), layout="constrained")
    axes = fig.subplots(rows, columns, sharey=True, squeeze=False)
    titles = short_titles(requests)
    for axis, request, written in zip(axes.flat, requests, titles, strict=False):
        found = [r for r in result.results if r.request is request]
        _differences(axis, found, others)
        axis.set_title(written, fontsize=6.5)
    for axis in axes.flat[len(requests) :]:
        axis.set_axis_off()
    handles = [_handle(first, i) for i in others]
    fig.legend(
        handles=handles, loc="outside lower center", ncols=min(len(others), 6), handlelength=1.0,
        columnspacing=1.2,
    )  # fmt: skip
    rates = "each at its tuned lr" if result.grid.tuned else "at the shared lr"
    headline(
        fig,
        f"Restricted mean recovery time less that of {first.written[first.reference]}, in steps;"
        f" left of 0 is sooner\n{noise(first)}   {rates}   n = {first.seeds:,} pairs   bars: 95 %"
        f"   filled: Holm-corrected p at most {LEVEL:g}",
    )
    return fig


def _handle(request: Request, i: int) -> Any:
    from matplotlib.lines import Line2D

    colour = style.lines(request.written)[i].colour
    return Line2D([], [], color=colour, marker=MARKERS[i % len(MARKERS)], ls="", ms=3.5,
                  label=request.written[i])  # fmt: skip


def _differences(axis: Any, found: list[EventResult], others: list[int]) -> None:
    axis.axvline(0.0, color="0.6", lw=0.6, zorder=0)
    for row, event in enumerate(found):
        if row % 2:
            axis.axhspan(row - 0.5, row + 0.5, color="0.955", lw=0, zorder=0)
        for k, i in enumerate(others):
            against = event.arms[i].against
            if against is None or against.difference.estimate is None:
                continue
            y = row + (k - 0.5 * (len(others) - 1)) * 0.8 / len(others)
            colour = style.lines(event.request.written)[i].colour
            interval = against.difference
            if interval.low is not None and interval.high is not None:
                axis.plot([interval.low, interval.high], [y, y], color=colour, lw=0.9)
            fill = colour if against.sign else "white"
            axis.plot([interval.estimate], [y], ls="", ms=3.0, color=colour, mfc=fill, mew=0.7,
                      marker=MARKERS[i % len(MARKERS)])  # fmt: skip
    axis.set_yticks(range(len(found)), [_event_title(r) for r in found])
    axis.set_ylim(len(found) - 0.5, -0.5)
    axis.tick_params(axis="y", length=0)


def published(measures: PublishedRecovery) -> Any:
    """Left: median recovery ratio in each channel; right: mean length of spike episodes."""
    from matplotlib.figure import Figure

    first = measures.requests[0]
    groups, lines = grouped(measures), style.lines(first.written)
    fig = Figure(figsize=(style.TWO_COLUMNS, 0.9 + 0.27 * len(groups)), layout="constrained")
    left, right = fig.subplots(1, 2, sharey=True)
    for row, found in enumerate(groups.values()):
        for i, (own, line) in enumerate(zip(found, lines, strict=True)):
            y = row + (i - 0.5 * (len(found) - 1)) * 0.7 / len(found)
            marker = MARKERS[i % len(MARKERS)]
            given = {"ls": "", "color": line.colour, "marker": marker, "ms": 2.8, "mew": 0.6}
            _with_and_without(
                left, y, own.ratios.median, measures.clean[own.schedule].median, given
            )
            _with_and_without(right, y, own.episodes.mean, own.quiet.mean, given)
    left.set_yticks(range(len(groups)), [f"{model}, {channel}" for model, channel in groups])
    left.set_ylim(len(groups) - 0.5, -0.5)
    left.set_xscale("log")
    left.set_xlabel("recovery ratio: largest loss / mean of the last 10, median")
    right.set_xlabel("spike episodes: mean length, steps (1 is the least)")
    for axis in (left, right):
        for row in range(1, len(groups), 2):
            axis.axhspan(row - 0.5, row + 0.5, color="0.955", lw=0, zorder=0)
        axis.tick_params(axis="y", length=0)
    handles = [_handle(first, i) for i in range(len(first.schedules))]
    fig.legend(handles=handles, loc="outside lower center", ncols=len(handles), handlelength=1.0,
               columnspacing=1.0)  # fmt: skip
    headline(
        fig,
        f"The published measures by noise and channel   n = {measures.seeds:,} seeds   filled: with"
        " the noise\nopen: the same lanes"
        " without it (episodes: its terms over their losses)   no mark on the right: no episode",
    )
    return fig


def _with_and_without(axis: Any, y: float, own: Any, quiet: Any, given: dict[str, Any]) -> None:
    """A filled mark for the measure with noise, an open one without; an interval's estimate."""
    for value, face in ((quiet, "none"), (own, given["color"])):
        number = getattr(value, "estimate", value)
        if number is not None:
            axis.plot([number], [y], **given, mfc=face)
