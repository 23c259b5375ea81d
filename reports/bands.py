"""The band figure: how each schedule's loss spreads over the seeds, step by step."""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments.comparison import LEVELS, Comparison
from experiments.request import Request
from lab.sketch import FINE_ERROR
from lab.store.tables import write_whole
from reports import style

#: Panels abreast, by the columns of the journal page.
ABREAST = {1: 2, 2: 4}
#: The levels of a figure: the ends of the light band, those of the dark one, the median between.
P10, P25, P50, P75, P90 = range(5)
SHOWN = tuple(LEVELS.index(level) for level in (0.10, 0.25, 0.50, 0.75, 0.90))
LEGEND = "line: median (p50)   dark band: p25 to p75   light band: p10 to p90"


@dataclass(frozen=True)
class Panels:
    """What the figure shows, an entry a schedule.

    steps: (steps,); values: (schedules, steps, 5) from p10 to p90; rates: steps and mean rates of
    each schedule; remarks: what stands behind its name. reference: whose median is dotted in the
    other panels.
    """

    names: Sequence[str]
    lines: Sequence[style.Line]
    remarks: Sequence[str]
    steps: np.ndarray
    values: np.ndarray
    rates: Sequence[tuple[np.ndarray, np.ndarray]]
    reference: int
    measure: str
    title: str


def figure(request: Request, comparison: Comparison) -> Any:
    """A matplotlib figure: all medians together, then a panel a schedule, the rate below each."""
    steps = comparison.shared.at
    arms = comparison.arms
    return drawn(
        Panels(
            [arm.written for arm in arms],
            style.lines(request.written),
            [remark(arm.inert, arm.diverged) for arm in arms],
            steps,
            comparison.shared.bands[:, :, SHOWN],
            [(steps[:-1], rates) for rates in comparison.shared.lr_mean],
            request.reference,
            request.measure,
            _title(request, comparison),
        )
    )


def drawn(panels: Panels, columns: int = 2) -> Any:
    """The figure, as wide as so many columns of a journal page."""
    from matplotlib.figure import Figure

    count = len(panels.names) + 1
    abreast = min(ABREAST[columns], count)
    rows = math.ceil(count / abreast)
    width = style.ONE_COLUMN if columns == 1 else style.TWO_COLUMNS
    title = "\n".join(
        line for part in panels.title.split("\n") for line in textwrap.wrap(part, int(17 * width))
    )
    with style.applied({"axes.titlesize": 6.5 if columns == 1 else 7.5}):
        room = 0.36 + 0.13 * title.count("\n") + (0.2 if columns == 1 else 0.1)
        height = room + 0.27 + 1.85 * rows
        fig = Figure(figsize=(width, height))
        grid = fig.add_gridspec(
            rows, abreast, left=0.53 / width, right=1 - 0.1 / width, top=1 - room / height,
            bottom=0.4 / height, wspace=0.16, hspace=0.32 if columns == 1 else 0.28,
        )  # fmt: skip
        axes = np.empty((2 * rows, abreast), dtype=object)
        for row, column in np.ndindex(rows, abreast):
            pair = grid[row, column].subgridspec(2, 1, height_ratios=(3, 1), hspace=0.12)
            axes[2 * row, column] = fig.add_subplot(pair[0])
            axes[2 * row + 1, column] = fig.add_subplot(pair[1])
        _share_scales(panels, axes, rows)
        for panel in range(rows * abreast):
            row, column = divmod(panel, abreast)
            loss, rate = axes[2 * row, column], axes[2 * row + 1, column]
            if panel >= count:
                loss.set_visible(False)
                rate.set_visible(False)
                continue
            if panel == 0:
                _medians(panels, loss, rate)
            else:
                _band(panels, panel - 1, loss, rate, columns)
            if column == 0:
                loss.set_ylabel(panels.measure)
                rate.set_ylabel("mean lr")
            else:
                loss.tick_params(labelleft=False)
                rate.tick_params(labelleft=False)
        _limits(panels, axes)
        fig.supxlabel("step", fontsize=7, y=0.01)
        fig.suptitle(title, fontsize=7.0 if columns == 1 else 7.5, x=0.01, y=0.99, ha="left",
                     va="top")  # fmt: skip
    return fig


def draw(request: Request, comparisons: list[Comparison], directory: Path) -> list[Path]:
    """The figure of every strength as PNG and SVG; returns the paths."""
    paths = []
    for comparison in comparisons:
        many = len(comparisons) > 1
        stem = f"bands-strength-{comparison.strength:g}" if many else "bands"
        paths += save(figure(request, comparison), directory, stem, ("png", "svg"))
    return paths


def save(
    fig: Any, directory: Path, stem: str, formats: tuple[str, ...], finding: str = ""
) -> list[Path]:
    """Write the figure in each format; returns the paths.

    `finding`, what the figure shows, goes into the file as its description.
    """
    paths = [directory / f"{stem}.{suffix}" for suffix in formats]
    for path, suffix in zip(paths, formats, strict=True):
        write(fig, path, suffix, finding)
    return paths


def write(fig: Any, path: Path, suffix: str, finding: str = "") -> None:
    """Write the figure as one whole file."""
    import warnings

    from matplotlib.text import Text

    content = io.BytesIO()
    with style.applied(), warnings.catch_warnings():
        # A name in letters that the type does not have: the SVG holds them all the same.
        warnings.filterwarnings("ignore", r"Glyph .* missing from", UserWarning)
        for text in fig.findobj(Text):
            if "$" in text.get_text() and not _is_mathematics(text.get_text()):
                text.set_parse_math(False)
        fig.savefig(content, format=suffix, metadata=_metadata(suffix, finding))
    write_whole(path, content.getvalue())


def _is_mathematics(text: str) -> bool:
    """Whether a text with dollar signs can be set as such, or is the name of a file."""
    from matplotlib.mathtext import MathTextParser

    try:
        MathTextParser("path").parse(text)
    except ValueError:
        return False
    return True


def _metadata(suffix: str, finding: str) -> dict[str, str | None]:
    """What is known of a file besides the picture: no date, so that it has the same bytes."""
    dates = {"svg": ("Date", "Description"), "pdf": ("CreationDate", "Subject")}
    date, description = dates.get(suffix, ("", "Description"))
    said = {description: finding} if finding else {}
    return {**({date: None} if date else {}), **said}


def _title(request: Request, comparison: Comparison) -> str:
    noise = request.noise.component.name
    perturbed = f"   perturbed by {request.events}" if request.perturbations else ""
    shared, steps = comparison.shared, request.steps + 1
    some = f"   at {len(shared.at)} of {steps:,} steps" if len(shared.at) < steps else ""
    error = "" if shared.exact else f"   quantiles within {100 * FINE_ERROR:.1g} %"
    return (
        f"{request.landscape.text}   noise {noise}, strength {comparison.strength:g},"
        f" channel {request.channel.component.name}   {request.optimizer.component.name},"
        f" start lr {request.lr:g}   n = {request.seeds:,} seeds\n"
        f"{LEGEND}   dotted: median of {request.written[request.reference]}{perturbed}"
        f"{some}{error}"
    )


def remark(inert: bool, diverged: float) -> str:
    """What stands behind a schedule's name: whether the noise is inert, how many lanes diverged."""
    mark = " (noise inert)" if inert else ""
    return mark + (f", {100 * diverged:.3g} % diverged" if diverged else "")


def _share_scales(panels: Panels, axes: Any, rows: int) -> None:
    """One scale for the steps, one for all loss panels and one for all rate panels."""
    from reports.figures.common import log_scale

    for (row, _), axis in np.ndenumerate(axes):
        first = axes[row % 2, 0]
        if axis is not first:
            axis.sharey(first)
        if axis is not axes[0, 0]:
            axis.sharex(axes[0, 0])
        axis.tick_params(labelbottom=row == 2 * rows - 1)
    if not _signed(panels):
        axes[0, 0].set_yscale("log")
    log_scale(axes[1, 0], np.concatenate([rates for _, rates in panels.rates]))


def _signed(panels: Panels) -> bool:
    """Whether values are negative, so that no logarithmic axis can show them."""
    return bool((panels.values < 0.0).any())


def _floor(values: np.ndarray) -> float:
    """The lowest value a logarithmic axis needs to show; zeros are drawn on it."""
    positive = values[np.isfinite(values) & (values > 0.0)]
    return float(positive.min()) if positive.size else 1e-300


def _drawable(panels: Panels, i: int) -> np.ndarray:
    """A schedule's values: infinite ones leave the axis at the top, zeros lie on its floor."""
    values = panels.values[i]
    if not _signed(panels):
        values = np.maximum(values, _floor(panels.values))
    return np.where(np.isposinf(values), np.finfo(float).max ** 0.5, values)


def _medians(panels: Panels, loss: Any, rate: Any) -> None:
    for i, (name, line) in enumerate(zip(panels.names, panels.lines, strict=True)):
        median = _drawable(panels, i)[:, P50]
        loss.plot(panels.steps, median, color=line.colour, ls=line.style, lw=0.9, label=name)
        steps, rates = panels.rates[i]
        rate.plot(steps, _positive(rates), color=line.colour, lw=0.9)
    loss.set_title("all medians")


def _band(panels: Panels, i: int, loss: Any, rate: Any, columns: int) -> None:
    line, band, steps = panels.lines[i], _drawable(panels, i), panels.steps
    loss.fill_between(steps, band[:, P10], band[:, P90], color=line.colour, alpha=0.18, lw=0)
    loss.fill_between(steps, band[:, P25], band[:, P75], color=line.colour, alpha=0.32, lw=0)
    loss.plot(steps, band[:, P50], color=line.colour)
    if i != panels.reference:
        reference = _drawable(panels, panels.reference)[:, P50]
        loss.plot(steps, reference, color=panels.lines[panels.reference].colour, lw=0.8, ls=":")
    rate.plot(panels.rates[i][0], _positive(panels.rates[i][1]), color=line.colour)
    name = panels.names[i] + panels.remarks[i]
    loss.set_title(textwrap.fill(name, 20) if columns == 1 else name, color=line.text)


def _positive(rates: np.ndarray) -> np.ndarray:
    """Rates for a logarithmic axis: a rate of 0 leaves a gap."""
    return np.where(rates > 0.0, rates, np.nan)


def _limits(panels: Panels, axes: Any) -> None:
    finite = panels.values[np.isfinite(panels.values)]
    if _signed(panels):
        low, high = float(finite.min()), float(finite.max())
        room = 0.05 * (high - low) or 1.0
        axes[0, 0].set_ylim(low - room, high + room)
    else:
        floor = _floor(panels.values)
        axes[0, 0].set_ylim(floor / 1.5, min(float(finite.max(initial=floor)), 1e30) * 1.5)
    axes[0, 0].set_xlim(panels.steps[0], max(panels.steps[-1], panels.steps[0] + 1))
    rates = np.concatenate([rates for _, rates in panels.rates])
    positive = rates[rates > 0.0]
    if positive.size:
        highest = min(positive.max(), 1e300)
        axes[1, 0].set_ylim(max(positive.min(), highest * 1e-6) / 1.5, highest * 1.5)
