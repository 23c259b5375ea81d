"""Figures of all scenarios: heat maps and performance profiles, a panel a channel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from reports import style
from reports.aggregate import CLASSES, FACTORS, Heat, facets, heat, profile
from reports.figures import common
from reports.labels import short
from reports.page.collect import Results
from reports.tables import seeds_of


def heat_map(axis: str) -> Callable[[Results, int], Any]:
    """The function that draws schedules by the values of this axis, a panel a channel."""

    def drawn(results: Results, columns: int) -> Any:
        if len(set(results.cells[axis].tolist())) < 2:
            return None
        found = [(name, heat(results, axis, chosen)) for name, chosen in facets(results)]
        return _heat_maps(results, columns, [pair for pair in found if len(pair[1].values) > 1])

    return drawn


def _heat_maps(results: Results, columns: int, found: list[tuple[str, Heat]]) -> Any:
    if not found:
        return None
    caption = (
        "Median final value / lowest median of the same scenario, geometric mean over scenarios;"
        f" 1 is best. ✕ scenarios in which more than half of the lanes diverged. * the noise acts"
        f" on nothing. n = {seeds_of(results)} paired seeds a cell."
    )
    rows = max(len(one.schedules) for _, one in found)
    labels = max(len(label) for label in short(found[0][1].values).values())
    below = 0.15 + 0.05 * min(labels, 26)
    with common.figure(columns, len(found) * (0.22 + 0.17 * rows) + below, caption) as fig:
        axes = fig.subplots(len(found), 1, squeeze=False)[:, 0]
        for axis, (channel, one) in zip(axes, found, strict=True):
            _heat_map(results, axis, one, columns)
            axis.set_title(f"channel {channel}", loc="left")
            axis.tick_params(labelbottom=axis is axes[-1])
    return fig.figure


def _heat_map(results: Results, axis: Any, found: Heat, columns: int) -> None:
    import seaborn as sns
    from matplotlib.colors import BoundaryNorm, ListedColormap, to_hex

    order = np.argsort(np.where(np.isnan(found.overall), np.inf, found.overall), kind="stable")
    colours = [style.ramp(style.HEAT, i / len(CLASSES)) for i in range(len(CLASSES) + 1)]
    names, labels = short(results.schedules), short(found.values)
    ratio, lost = found.ratio[order], found.lost[order]
    written = [
        [_written(value, int(gone)) for value, gone in zip(*row, strict=True)]
        for row in zip(ratio, lost, strict=True)
    ]
    named = [
        labels[value] + ("*" if inert else "")
        for value, inert in zip(found.values, found.inert, strict=True)
    ]
    size = 5.6 if columns == 2 or len(found.values) < 6 else 4.4
    # Infinite ratios have the last colour; undefined ones that of the best, white.
    sns.heatmap(
        np.minimum(np.nan_to_num(ratio, nan=1.0), 1e307), annot=np.array(written), fmt="",
        annot_kws={"size": size}, cmap=ListedColormap(colours), cbar=False, linewidths=0.8,
        norm=BoundaryNorm([0.0, *CLASSES, 1e308], len(colours)), linecolor="white", ax=axis,
        xticklabels=named, yticklabels=[names[found.schedules[i]] for i in order],
    )  # fmt: skip
    for text, ground in zip(axis.texts, axis.collections[0].get_facecolors(), strict=True):
        text.set_color("#FFFFFF" if style.luminance(to_hex(ground)) < 0.2 else "#15181D")
    axis.set_xticklabels(named, rotation=40, ha="right", rotation_mode="anchor")
    axis.tick_params(length=0)


def _written(value: float, lost: int) -> str:
    """What a field of a heat map says: the ratio, and how many scenarios are lost."""
    number = "" if not np.isfinite(value) else _compact(value)
    return f"{number} {f'✕{lost}' if lost else ''}".strip() or "–"


def _compact(value: float) -> str:
    """Two or three digits in few characters."""
    if value < 1.0005:
        return "1"
    if value < 999.5:
        return f"{value:.3g}"
    mantissa, exponent = f"{value:.0e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def profiles(results: Results, columns: int) -> Any:
    """Performance profiles, a panel a channel."""
    found = [(n, p) for n, chosen in facets(results) if (p := profile(results, chosen)) is not None]
    if not found:
        return None
    names, lines = common.names_of(results), results.lines()
    caption = (
        "Share of the scenarios in which a schedule's median final value is within a factor of the"
        f" lowest (Dolan and Moré 2002). n = {seeds_of(results)} paired seeds a cell."
    )
    abreast = min(len(found), 1 if columns == 1 else 3)
    rows = -(-len(found) // abreast)
    below = common.legend_height(columns, names)
    with common.figure(columns, 0.4 + 1.65 * rows + below, caption) as fig:
        axes = fig.subplots(rows, abreast, sharex=True, sharey=True, squeeze=False)
        for axis, (channel, one) in zip(axes.flat, found, strict=False):
            for name, shares in zip(one.schedules, one.shares, strict=True):
                i = results.schedules.index(name)
                axis.step(FACTORS, shares, where="post", color=lines[i].colour, label=names[i],
                          ls=lines[i].style)  # fmt: skip
            axis.set_title(f"channel {channel}: {one.problems:,} scenarios", loc="left")
        axes[0, 0].set(xscale="log", xlim=(1, FACTORS[-1]), ylim=(0, 1.02))
        common.below(axes, len(found), "factor of the lowest median")
        fig.supylabel("share of scenarios", fontsize=7)
        common.legend(fig, columns, axes[0, 0].get_legend_handles_labels()[0])
    return fig.figure
