"""Figures of `lab ablate`: how much each parameter matters, and in which direction it acts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.ablation.effects import PARTS
from experiments.ablation.result import NEGLIGIBLE, Ablated
from lab.statistics.interval import Interval
from reports import style
from reports.ablation.text import labels, share
from reports.bands import save
from reports.headline import headline

COLUMNS = 3


def draw(result: Ablated, directory: Path) -> list[Path]:
    """Both figures as PNG and SVG; returns the paths."""
    kinds = ("png", "svg")
    with style.applied():
        paths = save(indices(result), directory, "ablation-indices", kinds, indices_finding(result))
        return paths + save(
            effects(result), directory, "ablation-effects", kinds, effects_finding(result)
        )


def indices(result: Ablated) -> Any:
    """A row a parameter: total and first order under every optimizer, with intervals."""
    from matplotlib.figure import Figure

    grid = result.grid
    d = len(grid.knobs)
    fig = Figure(figsize=(style.TWO_COLUMNS, 0.9 + 0.32 * d), layout="constrained")
    panel = fig.subplots()
    shift = 0.6 / len(grid.optimizers)
    for number, optimizer in enumerate(grid.optimizers):
        y = [i + (number - 0.5 * (len(grid.optimizers) - 1)) * shift for i in range(d)]
        total = [result.index(d + i, optimizer) for i in range(d)]
        first = [result.index(i, optimizer) for i in range(d)]
        colour = _colour(number)
        panel.hlines(y, _drawn(total, "low"), _drawn(total, "high"), color=colour, lw=1.0)
        panel.plot(
            _drawn(total), y, "o", ms=4.0, color=colour, label=f"total, {labels(result)[optimizer]}"
        )
        panel.plot(
            _drawn(first), y, "|", ms=7.0, color=colour,
            label=f"first order, {labels(result)[optimizer]}",
        )  # fmt: skip
    panel.axvline(NEGLIGIBLE, color="0.6", lw=0.6, ls=":", zorder=0)
    panel.set_xlim(-0.05, 1.05)
    panel.set_yticks(range(d), [knob.name for knob in grid.knobs])
    panel.invert_yaxis()
    panel.set_xlabel(
        f"share of the response's variance, mean over the scenarios; dotted: {NEGLIGIBLE:g}"
    )
    fig.legend(loc="outside lower right", ncols=2)
    headline(fig, f"Which parameters matter: Sobol indices, 95 % intervals; {_sizes(result)}")
    return fig


def _sizes(result: Ablated) -> str:
    """What the numbers of a figure rest on."""
    grid = result.grid
    return (
        f"{grid.points * (len(grid.knobs) + 2):,} settings, {len(grid.requests):,} scenarios,"
        f" n = {grid.design_seeds:,} seeds each"
    )


def effects(result: Ablated) -> Any:
    """A panel a parameter: mean response over quarters of its range, under every optimizer."""
    from matplotlib.figure import Figure

    grid = result.grid
    rows = math.ceil(len(grid.knobs) / COLUMNS)
    columns = min(COLUMNS, len(grid.knobs))
    fig = Figure(figsize=(style.TWO_COLUMNS, 0.8 + 1.5 * rows), layout="constrained")
    panels = fig.subplots(rows, columns, squeeze=False, sharey=True)
    for i, (panel, knob) in enumerate(zip(panels.flat, grid.knobs, strict=False)):
        panel.axhline(0.0, color="0.7", lw=0.6, zorder=0)
        for number, optimizer in enumerate(grid.optimizers):
            found = [result.effect(i, part, optimizer) for part in range(PARTS)]
            at = [part + 0.12 * number for part in range(PARTS)]
            colour = _colour(number)
            panel.vlines(at, _drawn(found, "low"), _drawn(found, "high"), color=colour, lw=0.9)
            panel.plot(at, _drawn(found), "o-", ms=3.0, lw=0.8, color=colour)
        panel.set_xticks(range(PARTS), [f"{part + 1}" for part in range(PARTS)])
        panel.set_xlabel(f"{knob.name}: quarter of {knob.range}")
    for panel in panels.flat[len(grid.knobs) :]:
        panel.set_axis_off()
    limit = max((abs(e) for e in _centres(result)), default=0.0) * 1.6 + 0.02
    panels[0, 0].set_ylim(-limit, limit)
    for panel in panels[:, 0]:
        panel.set_ylabel("decades")
    handles = [
        panels[0, 0].plot([], [], "o-", ms=3.0, color=_colour(i))[0]
        for i in range(len(grid.optimizers))
    ]
    names = [labels(result)[optimizer] for optimizer in grid.optimizers]
    fig.legend(handles, names, loc="outside lower right", ncols=len(names))
    headline(
        fig,
        "Mean response less that over the whole range, 95 % intervals; below 0 is better\n"
        f"{_sizes(result)}",
    )
    return fig


def indices_finding(result: Ablated) -> str:
    """What the first figure shows: the largest totals under each optimizer."""
    d = len(result.grid.knobs)
    parts = []
    for optimizer in result.grid.optimizers:
        found = [(result.index(d + i, optimizer), k.name) for i, k in enumerate(result.grid.knobs)]
        found.sort(key=lambda pair: -(pair[0].estimate or 0.0))
        largest = ", ".join(f"{name} {share(total)}" for total, name in found[:3])
        parts.append(f"under {labels(result)[optimizer]} {largest}")
    return f"Largest total indices over {len(result.grid.requests)} scenarios: {'; '.join(parts)}."


def effects_finding(result: Ablated) -> str:
    """What the second shows: the quarter of each range with the lowest mean response."""
    parts = []
    for i, knob in enumerate(result.grid.knobs):
        best = []
        for optimizer in result.grid.optimizers:
            means = [result.effect(i, part, optimizer).estimate or 0.0 for part in range(PARTS)]
            best.append(f"{means.index(min(means)) + 1} under {labels(result)[optimizer]}")
        parts.append(f"{knob.name} {', '.join(best)}")
    return f"Quarter of the range with the lowest mean response: {'; '.join(parts)}."


def _centres(result: Ablated) -> list[float]:
    grid = result.grid
    return [
        result.effect(i, part, optimizer).estimate or 0.0
        for i in range(len(grid.knobs))
        for part in range(PARTS)
        for optimizer in grid.optimizers
    ]


def _colour(number: int) -> str:
    """Red, blue, then the spare colours."""
    fixed = (style.COLOURS["greedy"], style.COLOURS["cosine"])
    return fixed[number] if number < len(fixed) else style.SPARE[number % len(style.SPARE)]


def _drawn(intervals: Sequence[Interval], end: str = "estimate") -> list[float]:
    """One end of intervals; where there is none, nothing is drawn."""
    found = [getattr(interval, end) for interval in intervals]
    return [math.nan if value is None else value for value in found]
