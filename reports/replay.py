"""A recorded loss beside the rates that schedules would have set on it, as a figure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from reports import style

COLUMNS = 4
#: Rates below this share of the highest one are off the axis: a decay to 0 has no logarithm.
LOWEST = 2e-3


def figure(losses: np.ndarray, rates: Mapping[str, np.ndarray], lr: float) -> Any:
    """A matplotlib figure: the loss above, a panel a schedule below, all over the same steps.

    Parameters
    ----------
    losses:
        Shape (n,).
    rates:
        For each schedule, as it is written, what `lab.replay.replay` returned, shape (n,).
    lr:
        The initial rate, a dotted line.
    """
    from matplotlib.figure import Figure

    rows = math.ceil(len(rates) / COLUMNS)
    height = 1.9 + 1.08 * rows
    with style.applied():
        fig = Figure(figsize=(style.TWO_COLUMNS, height))
        grid = fig.add_gridspec(
            rows + 1, COLUMNS, height_ratios=(1.3, *[1.0] * rows), left=0.075, right=0.985,
            top=1 - 0.25 / height, bottom=0.4 / height, wspace=0.12, hspace=0.62,
        )  # fmt: skip
        above = fig.add_subplot(grid[0, :])
        _loss(above, losses, lr)
        first = None
        looks = style.lines(list(rates))
        for number, (name, series) in enumerate(rates.items()):
            row, column = divmod(number, COLUMNS)
            axis = fig.add_subplot(grid[row + 1, column], sharex=above, sharey=first)
            first = first or axis
            _rates(axis, name, series, lr, looks[number])
            axis.tick_params(labelleft=column == 0, labelbottom=number + COLUMNS >= len(rates))
            if column == 0:
                axis.set_ylabel("lr")
        if first is not None:
            _limits(first, list(rates.values()), lr)
        fig.supxlabel("step", fontsize=7, y=0.01)
    return fig


def _loss(axis: Any, losses: np.ndarray, lr: float) -> None:
    axis.plot(losses, color="0.35", lw=0.8)
    axis.set_yscale("log")
    axis.set_ylabel("loss")
    axis.set_xlim(0, max(len(losses) - 1, 1))
    axis.locator_params(axis="x", nbins=5)
    axis.set_title(
        "the recorded loss; below it, the rate that each schedule sets once it has seen it"
        f" (dotted: the initial rate {lr:g})"
    )


def _rates(axis: Any, written: str, series: np.ndarray, lr: float, look: style.Line) -> None:
    name, _, values = written.partition(":")
    axis.axhline(lr, color="0.6", lw=0.6, ls=":")
    axis.plot(np.where(series > 0.0, series, np.nan), color=look.colour, lw=1.0)
    axis.set_yscale("log")
    axis.set_title(name, color=look.text, pad=9.0)
    axis.text(0.5, 1.04, values, transform=axis.transAxes, ha="center", fontsize=5.2, color="0.3")


def _limits(axis: Any, series: list[np.ndarray], lr: float) -> None:
    """One scale for all rates."""
    every = np.concatenate([*series, [lr]])
    shown = every[np.isfinite(every) & (every > 0.0)]
    top = float(shown.max())
    axis.set_ylim(max(float(shown.min()), LOWEST * top) / 1.5, top * 1.5)
