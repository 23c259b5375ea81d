"""Figures of sensitivity: the final value of every schedule over the initial rate."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from experiments.rate_ranges import GOOD
from experiments.sensitivity import LEVELS, ScenarioSensitivity, Sensitivity
from reports import findings, style
from reports.bands import save
from reports.headline import headline, wrapped
from reports.scenario import title

COLUMNS = 4
MEDIAN = LEVELS.index(0.50)
#: A logarithmic axis shows at most this many decades.
DECADES = 14


def draw(result: Sensitivity, directory: Path) -> list[Path]:
    """A figure a scenario as PNG and SVG; returns the paths."""
    paths: list[Path] = []
    many = len(result.scenarios) > 1
    with style.applied():
        for number, found in enumerate(result.scenarios):
            stem = f"sensitivity-{found.request.landscape.component.name}"
            stem += f"-{number}" if many else ""
            paths += save(figure(found), directory, stem, ("png", "svg"), findings.rates(found))
    return paths


def figure(found: ScenarioSensitivity) -> Any:
    """All medians together, then a panel a schedule with its band."""
    from matplotlib.figure import Figure

    request = found.request
    panels = len(found.arms) + 1
    columns = min(COLUMNS, panels)
    rows = math.ceil(panels / columns)
    fig = Figure(figsize=(style.TWO_COLUMNS, 0.85 + 1.7 * rows), layout="constrained")
    axes = fig.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    low, high = _limits(found)
    good = GOOD * min(float(arm.bands[:, MEDIAN].min()) for arm in found.arms)
    lines = style.lines(request.written)
    for panel, axis in enumerate(axes.flat):
        if panel >= panels:
            axis.set_axis_off()
            continue
        if math.isfinite(good):
            axis.axhspan(low, max(good, low), color="0.93", lw=0, zorder=0)
        axis.axvline(request.lr, color="0.6", lw=0.6, ls=(0, (2, 2)), zorder=0)
        if panel == 0:
            _medians(axis, found, lines, low, high)
        else:
            _band(axis, found, panel - 1, lines, low, high)
    first = axes[0, 0]
    first.set_xscale("log")
    first.set_yscale("log")
    first.set_xlim(found.rates[0], found.rates[-1])
    first.set_ylim(low, high)
    for axis in axes[:, 0]:
        axis.set_ylabel(f"final {request.measure}")
    fig.supxlabel("initial lr", fontsize=7)
    headline(
        fig,
        f"{title(request)}   {request.steps} steps   n = {request.seeds:,} seeds\n"
        f"line: median   band: p10 to p90   grey: within {GOOD:g} times the lowest median of all\n"
        f"dashed: shared lr {request.lr:g}   dot: tuned lr (on other seeds)"
        f"   dotted: median of {request.written[request.reference]}",
    )
    return fig


def _limits(found: ScenarioSensitivity) -> tuple[float, float]:
    shown = np.concatenate([arm.bands.ravel() for arm in found.arms])
    positive = shown[np.isfinite(shown) & (shown > 0.0)]
    if not positive.size:
        return 0.1, 10.0
    high = float(np.max(positive)) * 2.0
    # Far above what every schedule starts from there is nothing to compare.
    medians = np.concatenate([arm.bands[:, MEDIAN] for arm in found.arms])
    usual = float(np.median(medians[np.isfinite(medians)])) if np.isfinite(medians).any() else high
    high = min(high, max(usual, float(positive.min())) * 1e6)
    return max(float(positive.min()) / 1.5, high * 10.0**-DECADES), high


def _drawable(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Infinite values leave the axis at the top; zeros lie on its floor."""
    return np.clip(values, low, high * 1e3)


def _medians(
    axis: Any, found: ScenarioSensitivity, lines: list[style.Line], low: float, high: float
) -> None:
    for arm, line in zip(found.arms, lines, strict=True):
        median = _drawable(arm.bands[:, MEDIAN], low, high)
        axis.plot(found.rates, median, color=line.colour, ls=line.style, lw=0.9)
    axis.set_title("all medians")


def _band(
    axis: Any, found: ScenarioSensitivity, i: int, lines: list[style.Line], low: float, high: float
) -> None:
    arm, line = found.arms[i], lines[i]
    band = _drawable(arm.bands, low, high)
    axis.fill_between(found.rates, band[:, 0], band[:, -1], color=line.colour, alpha=0.22, lw=0)
    axis.plot(found.rates, band[:, MEDIAN], color=line.colour)
    reference = found.request.reference
    if i != reference:
        other = _drawable(found.arms[reference].bands[:, MEDIAN], low, high)
        axis.plot(found.rates, other, color=lines[reference].colour, lw=0.8, ls=":")
    tuned = found.comparison.arms[i].tuned
    # A rate tuned over more decades than are shown has no place here.
    if tuned is not None and found.rates[0] <= tuned.rate.lr <= found.rates[-1]:
        at = [tuned.rate.lr], [float(np.clip(tuned.p50, low, high))]
        axis.plot(*at, "o", ms=3.5, color=line.colour, mec="white", mew=0.5, clip_on=False)
    axis.set_title("\n".join(wrapped(arm.written, 27)), color=line.text)
