"""The band figure: how each schedule's loss spreads over the seeds, step by step."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from experiments.comparison import LEVELS, Comparison
from experiments.request import Request
from reports import style

COLUMNS = 4
P10, P25, P50, P75, P90 = (LEVELS.index(level) for level in (0.10, 0.25, 0.50, 0.75, 0.90))


def figure(request: Request, comparison: Comparison) -> Any:
    """A matplotlib figure: all medians together, then a panel a schedule, the rate below each."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    panels = len(comparison.arms) + 1
    columns = min(COLUMNS, panels)
    rows = math.ceil(panels / columns)
    with mpl.rc_context(style.SETTINGS):
        height = 0.75 + 1.85 * rows
        fig = Figure(figsize=(style.TWO_COLUMNS, height))
        grid = fig.add_gridspec(
            rows, columns, left=0.075, right=0.985, top=1 - 0.6 / height, bottom=0.4 / height,
            wspace=0.16, hspace=0.28,
        )  # fmt: skip
        axes = np.empty((2 * rows, columns), dtype=object)
        for row, column in np.ndindex(rows, columns):
            pair = grid[row, column].subgridspec(2, 1, height_ratios=(3, 1), hspace=0.12)
            axes[2 * row, column] = fig.add_subplot(pair[0])
            axes[2 * row + 1, column] = fig.add_subplot(pair[1])
        _share_scales(axes, rows)
        floor = _floor(comparison.shared.bands)
        for panel in range(rows * columns):
            row, column = divmod(panel, columns)
            loss, rate = axes[2 * row, column], axes[2 * row + 1, column]
            if panel >= panels:
                loss.set_visible(False)
                rate.set_visible(False)
                continue
            if panel == 0:
                _medians(request, comparison, loss, rate, floor)
            else:
                _band(request, comparison, panel - 1, loss, rate, floor)
            if column == 0:
                loss.set_ylabel(request.measure)
                rate.set_ylabel("mean lr")
            else:
                loss.tick_params(labelleft=False)
                rate.tick_params(labelleft=False)
        _limits(axes, rows, comparison, floor)
        fig.supxlabel("step", fontsize=7, y=0.01)
        fig.suptitle(_title(request, comparison), fontsize=7.5, x=0.01, y=0.99, ha="left", va="top")
    return fig


def draw(request: Request, comparisons: list[Comparison], directory: Path) -> list[Path]:
    """The figure of every strength as PNG and SVG; returns the paths."""
    paths = []
    for comparison in comparisons:
        many = len(comparisons) > 1
        stem = f"bands-strength-{comparison.strength:g}" if many else "bands"
        paths += save(figure(request, comparison), directory, stem, ("png", "svg"))
    return paths


def save(fig: Any, directory: Path, stem: str, formats: tuple[str, ...]) -> list[Path]:
    """Write the figure in each format; returns the paths."""
    import matplotlib as mpl

    directory.mkdir(parents=True, exist_ok=True)
    paths = []
    with mpl.rc_context(style.SETTINGS):
        for suffix in formats:
            path = directory / f"{stem}.{suffix}"
            metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(suffix)
            fig.savefig(path, metadata=metadata)
            paths.append(path)
    return paths


def _title(request: Request, comparison: Comparison) -> str:
    noise = request.noise.component.name
    return (
        f"{request.landscape.text}   noise {noise}, strength {comparison.strength:g},"
        f" channel {request.channel.component.name}   {request.optimizer.component.name},"
        f" start lr {request.lr:g}   n = {request.seeds:,} seeds\n"
        "line: median (p50)   dark band: p25 to p75   light band: p10 to p90"
        f"   dotted: median of {request.written[request.reference]}"
    )


def _share_scales(axes: Any, rows: int) -> None:
    """One scale for the steps, one for all loss panels and one for all rate panels."""
    for (row, _), axis in np.ndenumerate(axes):
        first = axes[row % 2, 0]
        if axis is not first:
            axis.sharey(first)
        if axis is not axes[0, 0]:
            axis.sharex(axes[0, 0])
        axis.tick_params(labelbottom=row == 2 * rows - 1)
    axes[0, 0].set_yscale("log")
    axes[1, 0].set_yscale("log")


def _floor(bands: np.ndarray) -> float:
    """The lowest value a logarithmic axis needs to show; zeros are drawn on it."""
    positive = bands[np.isfinite(bands) & (bands > 0.0)]
    return float(positive.min()) if positive.size else 1e-300


def _drawable(values: np.ndarray, floor: float) -> np.ndarray:
    """Infinite values leave the axis at the top; zeros lie on its floor."""
    return np.where(np.isfinite(values), np.maximum(values, floor), np.finfo(float).max ** 0.5)


def _medians(request: Request, comparison: Comparison, loss: Any, rate: Any, floor: float) -> None:
    steps = np.arange(request.steps + 1)
    rates = comparison.shared.lr_mean
    for i, arm in enumerate(comparison.arms):
        line = style.colour(arm.schedule.component.name)
        loss.plot(
            steps,
            _drawable(comparison.shared.bands[i, :, P50], floor),
            color=line,
            lw=0.9,
            label=arm.written,
        )
        rate.plot(steps[:-1], _positive(rates[i]), color=line, lw=0.9)
    loss.set_title("all medians")


def _band(
    request: Request, comparison: Comparison, i: int, loss: Any, rate: Any, floor: float
) -> None:
    arm = comparison.arms[i]
    steps = np.arange(request.steps + 1)
    line = style.colour(arm.schedule.component.name)
    band = _drawable(comparison.shared.bands[i], floor)
    loss.fill_between(steps, band[:, P10], band[:, P90], color=line, alpha=0.18, lw=0)
    loss.fill_between(steps, band[:, P25], band[:, P75], color=line, alpha=0.32, lw=0)
    loss.plot(steps, band[:, P50], color=line)
    if i != request.reference:
        reference = _drawable(comparison.shared.bands[request.reference, :, P50], floor)
        name = comparison.arms[request.reference].schedule.component.name
        loss.plot(steps, reference, color=style.colour(name), lw=0.8, ls=":")
    rates = comparison.shared.lr_mean
    rate.plot(steps[:-1], _positive(rates[i]), color=line)
    lost = f", {100 * arm.diverged:.3g} % diverged" if arm.diverged else ""
    mark = " (noise inert)" if arm.inert else ""
    loss.set_title(f"{arm.written}{mark}{lost}", color=line)


def _positive(rates: np.ndarray) -> np.ndarray:
    """Rates for a logarithmic axis: a rate of 0 leaves a gap."""
    return np.where(rates > 0.0, rates, np.nan)


def _limits(axes: Any, rows: int, comparison: Comparison, floor: float) -> None:
    shown = comparison.shared.bands[:, :, P10 : P90 + 1]
    finite = shown[np.isfinite(shown) & (shown > 0.0)]
    top = float(finite.max()) if finite.size else 1.0
    bottom = max(float(finite.min()) if finite.size else floor, floor)
    axes[0, 0].set_ylim(bottom / 1.5, min(top, 1e30) * 1.5)
    axes[0, 0].set_xlim(0, comparison.shared.bands.shape[1] - 1)
    rates = comparison.shared.lr_mean
    positive = rates[rates > 0.0]
    if positive.size:
        axes[1, 0].set_ylim(max(positive.min(), positive.max() * 1e-6) / 1.5, positive.max() * 1.5)
