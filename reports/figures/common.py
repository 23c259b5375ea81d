"""What figures share: sizes, captions, labels at the ends of lines."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from reports import style
from reports.labels import short
from reports.page.collect import SCENARIO, Results

#: Ends of a logarithmic axis: beyond, its ticks and margins are no numbers.
LEAST, MOST = 1e-305, 1e305
#: Between these matplotlib's own margins are numbers.
LOW, HIGH = 1e-100, 1e100


@contextmanager
def figure(columns: int, height: float, caption: str) -> Any:
    """The upper part, `height` inches high, of a figure as wide as so many columns.

    The lower part holds the caption; `.figure` is the whole. All within it is drawn in one style.
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    width = style.ONE_COLUMN if columns == 1 else style.TWO_COLUMNS
    lines = textwrap.wrap(caption, int(width * 20.5))
    room = 0.125 * len(lines) + 0.06
    with style.applied():
        layout = ConstrainedLayoutEngine(w_pad=0.03, h_pad=0.03)
        whole = Figure(figsize=(width, height + room), layout=layout)
        parts: Any = whole.subfigures(2, 1, height_ratios=(height, room))
        upper, lower = parts
        lower.text(
            0.01, 0.95, "\n".join(lines), fontsize=6, color="#444444", ha="left", va="top",
            linespacing=1.25,
        )  # fmt: skip
        yield upper


def cells_of(results: Results, scenario: int) -> np.ndarray:
    """Positions of a scenario's cells."""
    return np.flatnonzero(results.scenario == scenario)


def described(results: Results, cell: int, without: Sequence[str] = ()) -> str:
    """A cell's scenario in words, with n."""
    cells = results.cells
    parts = []
    for name, usual in SCENARIO.items():
        value = cells[name][cell]
        if name in without or (name in ("metric", "metric_every", "perturb") and value == usual):
            continue
        if name in ("noise", "channel", "strength") and cells["noise"][cell] == "none":
            if name == "noise":
                parts.append("no noise")
            continue
        label = "" if name == "landscape" else name.replace("_", " ") + " "
        labels = short(cells[name]) if isinstance(value, str) else {}
        parts.append(label + (labels[value] if labels else f"{value:g}"))
    return f"{', '.join(parts)}; n = {int(cells['seeds'][cell]):,} paired seeds"


def numbers_of(results: Results, chosen: Any) -> list[int]:
    """For each of these cells the position of its schedule in `results.schedules`."""
    return [results.schedules.index(str(results.cells["schedule"][cell])) for cell in chosen]


def names_of(results: Results) -> list[str]:
    """A short name for each schedule."""
    labels = short(results.schedules)
    return [labels[name] for name in results.schedules]


def end_labels(axis: Any, ends: Sequence[tuple[float, str, str]], height: float) -> None:
    """Names right of the end of an axis, at the heights of their lines, pushed apart.

    `ends` are data height, text and colour; `height` is that of the axis in inches, about. Call it
    when the limits of the axis are final.
    """
    size = 6.5
    place, (low, high) = axis.yaxis.get_transform().transform, axis.get_ylim()
    low, high = place(low), place(high)
    heights = [float(np.clip((place(y) - low) / (high - low), 0, 1)) for y, _, _ in ends]
    order = np.argsort(heights, kind="stable")
    spread = pushed_apart([heights[i] for i in order], size * 1.3 / 72.0 / height)
    for i, at in zip(order, spread, strict=True):
        _, text, colour = ends[i]
        axis.annotate(
            text, xy=(1.0, heights[i]), xytext=(1.05, at), xycoords="axes fraction",
            textcoords="axes fraction", fontsize=size, color=colour, va="center", ha="left",
            arrowprops={"arrowstyle": "-", "lw": 0.5, "color": colour, "shrinkA": 0, "shrinkB": 0,
                        "relpos": (0.0, 0.5)},
        )  # fmt: skip


def below(axes: Any, count: int, label: str) -> None:
    """Name the horizontal axis below the lowest of the `count` panels; hide what is no panel."""
    rows, abreast = axes.shape
    for number, axis in enumerate(axes.flat):
        axis.set_visible(number < count)
        lowest = number < count <= number + abreast
        axis.tick_params(labelbottom=lowest)
        axis.set_xlabel(label if number // abreast == rows - 1 else "")


def legend(fig: Any, columns: int, handles: Sequence[Any]) -> None:
    """A legend below all panels, with as many entries abreast as have room."""
    width = style.ONE_COLUMN if columns == 1 else style.TWO_COLUMNS
    fig.legend(handles=handles, loc="outside lower center", ncols=_abreast(width, handles),
               handlelength=2.6, columnspacing=1.2)  # fmt: skip


def legend_height(columns: int, names: Sequence[str]) -> float:
    """Inches that `legend` takes for lines of these names."""
    width = style.ONE_COLUMN if columns == 1 else style.TWO_COLUMNS
    return 0.14 * -(-len(names) // _fits(width, names)) + 0.05


def _abreast(width: float, handles: Sequence[Any]) -> int:
    return _fits(width, [handle.get_label() for handle in handles])


def _fits(width: float, names: Sequence[str]) -> int:
    longest = max((len(name) for name in names), default=1)
    return max(1, min(len(names), int(width / (0.5 + 0.052 * longest))))


def handle(line: style.Line, name: str) -> Any:
    """A line for a legend."""
    from matplotlib.lines import Line2D

    return Line2D([], [], color=line.colour, ls=line.style, label=name)


def pushed_apart(heights: Sequence[float], apart: float) -> list[float]:
    """Ascending heights moved as little as needed to be `apart`, within [0, 1] if they fit."""
    moved = list(heights)
    for i in range(1, len(moved)):
        moved[i] = max(moved[i], moved[i - 1] + apart)
    over = max(0.0, moved[-1] - 1.0) if moved else 0.0
    if over:
        moved[-1] -= over
        for i in range(len(moved) - 2, -1, -1):
            moved[i] = min(moved[i], moved[i + 1] - apart)
    return moved


def loss_scale(axis: Any, values: np.ndarray, which: str = "y") -> None:
    """A logarithmic axis around all positive values, or a linear one where some are negative.

    Linear too where nothing is positive.
    """
    finite = values[np.isfinite(values)]
    positive = finite[finite > 0.0]
    if positive.size and not (finite < 0.0).any():
        _log_scale_around(axis, positive, which)
    elif finite.size:
        low, high = float(finite.min()), float(finite.max())
        room = 0.04 * (high - low) or 1.0
        getattr(axis, f"set_{which}lim")(low - room, high + room)


def log_scale(axis: Any, values: Any, which: str = "y") -> None:
    """A logarithmic axis, or a linear one where no value is positive and finite.

    Margins and ticks are matplotlib's, but for values near the ends of what numbers can be, where
    those overflow.
    """
    values = np.asarray(values, dtype=np.float64)
    positive = values[np.isfinite(values) & (values > 0.0)]
    if positive.size and (positive.min() < LOW or positive.max() > HIGH):
        _log_scale_around(axis, positive, which)
    elif positive.size:
        getattr(axis, f"set_{which}scale")("log")


def _log_scale_around(axis: Any, positive: np.ndarray, which: str) -> None:
    """A logarithmic axis with some room around positive numbers."""
    low, high = float(positive.min()), float(positive.max())
    with np.errstate(over="ignore"):
        room = max(float(np.float64(high) / low) ** 0.04, 1.05)
    # The scale asks for matplotlib's margins where they are not switched off before.
    getattr(axis, f"set_autoscale{which}_on")(False)
    getattr(axis, f"set_{which}scale")("log")
    ends = max(low / room, LEAST), min(high * room, MOST)
    getattr(axis, f"set_{which}lim")(*ends)
    bottom, top = np.log10(ends)
    # Matplotlib looks for ticks up to half the axis beyond its end.
    if top + 0.5 * (top - bottom) > np.log10(MOST):
        exponents = np.linspace(bottom, top, 7)[1:-1].round()
        getattr(axis, f"set_{which}ticks")(10.0 ** np.unique(exponents))
        getattr(axis, f"set_{which}ticks")([], minor=True)
