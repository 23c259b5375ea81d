"""Figures of early convergence: what remains at the checkpoints, and the time to target."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from experiments.early import Early, ScenarioEarly
from reports import findings, style
from reports.bands import save
from reports.headline import headline
from reports.scenario import noise, short_titles

#: Scenarios side by side in one figure.
COLUMNS = 3


def draw(result: Early, directory: Path) -> list[Path]:
    """A figure for every three scenarios as PNG and SVG; returns the paths."""
    paths: list[Path] = []
    scenarios = result.scenarios
    with style.applied():
        for first in range(0, len(scenarios), COLUMNS):
            stem = "early" if len(scenarios) <= COLUMNS else f"early-{first // COLUMNS}"
            shown = scenarios[first : first + COLUMNS]
            fig = figure(result, shown)
            paths += save(fig, directory, stem, ("png", "svg"), findings.early(shown))
    return paths


def figure(result: Early, scenarios: tuple[ScenarioEarly, ...]) -> Any:
    """Above: what remains against the reference at the checkpoints; below: the ECDF."""
    from matplotlib.figure import Figure

    columns = len(scenarios)
    fig = Figure(figsize=(style.TWO_COLUMNS, 4.4), layout="constrained")
    axes = fig.subplots(2, columns, squeeze=False)
    titles = short_titles([found.request for found in scenarios])
    for column, found in enumerate(scenarios):
        _ratios(axes[0, column], result, found)
        _ecdf(axes[1, column], found)
        axes[0, column].set_title(titles[column], fontsize=6.5)
    reference = scenarios[0].request
    axes[0, 0].set_ylabel(f"remaining loss / that of {reference.written[reference.reference]}")
    axes[1, 0].set_ylabel("share of targets reached")
    handles, labels = axes[1, 0].get_legend_handles_labels()
    fig.legend(
        handles, labels, loc="outside lower center", ncols=min(len(labels), 7), handlelength=1.8,
        columnspacing=1.2,
    )  # fmt: skip
    levels = result.grid.levels
    rates = ", ".join(dict.fromkeys(f"{s.request.lr:g}" for s in scenarios))
    headline(
        fig,
        "Above: ratio of medians with its 95 % interval, below 1 is better   Below: ECDF of time to"
        f" {len(levels)} targets, {levels[0]:.2g} to {levels[-1]:.2g} of the start\n"
        f"{noise(reference)}   "
        f"{'each at its tuned lr' if result.grid.tuned else f'start lr {rates}'}"
        f"   n = {reference.seeds:,} seeds",
    )
    return fig


def _ratios(axis: Any, result: Early, found: ScenarioEarly) -> None:
    from matplotlib.ticker import LogLocator

    count = len(found.arms)
    lines = style.lines(found.request.written)
    for i, (arm, line) in enumerate(zip(found.arms, lines, strict=True)):
        at = np.arange(len(arm.checkpoints)) + (i - 0.5 * (count - 1)) * 0.06
        for x, checkpoint in zip(at, arm.checkpoints, strict=True):
            ratio = checkpoint.ratio
            if ratio is None or ratio.estimate is None or not 0.0 < ratio.estimate < np.inf:
                continue
            if ratio.low is not None and ratio.high is not None:
                axis.plot([x, x], [ratio.low, ratio.high], color=line.colour, lw=0.9)
            axis.plot([x], [ratio.estimate], "o", ms=2.4, color=line.colour)
        _join(axis, at, arm, line)
    axis.axhline(1.0, color=lines[found.request.reference].colour, lw=0.9)
    axis.set_yscale("log")
    low, high = axis.get_ylim()
    subs = (1.0, 2.0, 5.0) if high < 100.0 * low else (1.0,)
    axis.yaxis.set_major_locator(LogLocator(subs=subs, numticks=12))
    axis.yaxis.set_major_formatter("{x:g}")
    axis.yaxis.set_minor_formatter("")
    shares = [f"{100 * fraction:g}" for fraction in result.grid.fractions]
    axis.set_xticks(range(len(shares)), shares)
    axis.set_xlabel("per cent of the steps")


def _join(axis: Any, at: np.ndarray, arm: Any, line: style.Line) -> None:
    """A thin line through the estimates, with gaps where there is none."""
    values = [
        np.nan if c.ratio is None or c.ratio.estimate is None else c.ratio.estimate
        for c in arm.checkpoints
    ]
    drawn = np.where(np.isfinite(values), values, np.nan)
    axis.plot(at, drawn, color=line.colour, ls=line.style, lw=0.6, alpha=0.7)


def _ecdf(axis: Any, found: ScenarioEarly) -> None:
    steps = np.arange(found.request.steps + 1)
    for arm, line in zip(found.arms, style.lines(found.request.written), strict=True):
        axis.plot(steps, arm.ecdf, drawstyle="steps-post", color=line.colour, ls=line.style,
                  lw=1.0, label=arm.written)  # fmt: skip
    axis.set_xlim(0, steps[-1])
    axis.set_ylim(bottom=0.0)
    axis.set_xlabel("step")
