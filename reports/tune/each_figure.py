"""The figure of `lab tune --each`: what tuning gains on each landscape, what the rate leaves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.tune.each import Compared, TunedApart
from reports import style
from reports.bands import save
from reports.headline import headline
from reports.labels import short
from reports.numbers import significant

#: How far the marks of one landscape lie apart, in rows.
SHIFT = 0.22
SHAPES = "osDv^"
#: Room beyond the outermost mark, as a factor; an interval may leave it.
ROOM = 2.0


def draw(result: TunedApart, directory: Path) -> list[Path]:
    """The figure as PNG and SVG; returns the paths."""
    with style.applied():
        return save(forest(result), directory, "tune-each", ("png", "svg"), said(result))


def said(result: TunedApart) -> str:
    """What the figure shows, for those who do not see it."""
    gain, rate, beyond = result.basic
    return (
        f"Tuned over untuned {significant(gain.gain.estimate)}, of which the rate alone makes"
        f" {significant(rate.gain.estimate)}; beside a tuned rate the rest is surely lower on"
        f" {beyond.lower} and higher on {beyond.higher} of {len(result.found)} landscapes."
    )


def forest(result: TunedApart) -> Any:
    """Left: ratios to the untuned schedule. Right: ratios to the one with its rate tuned alone."""
    from matplotlib.figure import Figure

    gain, rate, beyond = result.basic
    order = np.argsort([ratio.estimate for ratio in gain.ratios], kind="stable")
    name, *written = result.grid.first.written
    own, *others = [line.colour for line in style.lines([name, *written])]
    height = 1.1 + 0.135 * len(order)
    fig = Figure(figsize=(style.TWO_COLUMNS, height), layout="constrained")
    left, right = fig.subplots(1, 2, sharey=True)
    _marks(left, order, [(gain, own, True), (rate, own, False)])
    rows = [
        (compared, colour, False) for compared, colour in zip(result.rivals, others, strict=True)
    ]
    _marks(right, order, [(beyond, own, True), *rows])
    labels = short(result.landscapes)
    left.set_yticks(range(len(order)), [labels[result.landscapes[i]] for i in order])
    left.set_ylim(len(order) - 0.4, -0.6)
    left.set_xlabel(f"median / that of {name}, untuned")
    right.set_xlabel(f"median / that of {name} with its rate tuned alone")
    for panel in (left, right):
        panel.legend(
            *panel.get_legend_handles_labels(), loc="lower left", bbox_to_anchor=(0.0, 1.0)
        )
    headline(
        fig,
        f"{name} tuned landscape by landscape, n = {result.grid.first.seeds:,} seeds that no"
        " search saw; left is better; bars: 95 % intervals",
    )
    return fig


def _marks(panel: Any, order: Any, kinds: Sequence[tuple[Compared, str, bool]]) -> None:
    """A mark a landscape and comparison, with its interval."""
    panel.axvline(1.0, color="0.7", lw=0.6, zorder=0)
    for j, (compared, colour, filled) in enumerate(kinds):
        found = [compared.ratios[i].interval() for i in order]
        y = np.arange(len(found)) + SHIFT * (j - (len(kinds) - 1) / 2)
        low, high = ([_known(getattr(f, end)) for f in found] for end in ("low", "high"))
        panel.hlines(y, low, high, color=colour, lw=0.9)
        panel.plot(
            [_known(f.estimate) for f in found], y, SHAPES[j % len(SHAPES)], ms=2.6, color=colour,
            mfc=colour if filled else "white", mew=0.7, label=compared.label,
        )  # fmt: skip
    panel.set_xscale("log")
    drawn = [_known(ratio.estimate) for compared, _, _ in kinds for ratio in compared.ratios]
    panel.set_xlim(np.nanmin([*drawn, 1.0]) / ROOM, np.nanmax([*drawn, 1.0]) * ROOM)
    panel.grid(axis="y", lw=0.3, color="0.9")
    panel.set_axisbelow(True)


def _known(value: float | None) -> float:
    return math.nan if value is None or math.isinf(value) else value
