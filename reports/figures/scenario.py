"""Figures of one scenario: bands, distributions, ratios, responses to strength and rate."""

from __future__ import annotations

from typing import Any

import numpy as np

from reports import bands as band_figure
from reports.bands import LEGEND, Panels
from reports.figures import common
from reports.numbers import ratio, significant
from reports.page.collect import Columns, Results, read_columns
from reports.page.panel import rate_table
from reports.page.streams import positions, quantiles_of

LEVEL_NAMES = ("p10", "p25", "p50", "p75", "p90")


def bands(results: Results, columns: int) -> Any:
    """Quantiles and mean rates step by step; None where the directory has no bands."""
    cells = results.cells
    chosen = common.cells_of(results, results.first)
    found = _bands_of(results, chosen)
    if found is None:
        return None
    steps, values, rates = found
    names, lines = common.names_of(results), results.lines()
    own = common.numbers_of(results, chosen)
    against = np.flatnonzero(chosen == cells["reference"][chosen[0]])
    reference = int(against[0]) if len(against) else 0
    title = f"{common.described(results, chosen[0])}\n{LEGEND}   dotted: median of"
    remarks = [
        band_figure.remark(bool(cells["inert"][c]), float(cells["diverged"][c])) for c in chosen
    ]
    return band_figure.drawn(
        Panels(
            [names[i] for i in own], [lines[i] for i in own], remarks, steps, values, rates,
            reference, str(cells["measure"][chosen[0]]), f"{title} {names[own[reference]]}",
        ),
        columns,
    )  # fmt: skip


def distribution(results: Results, columns: int) -> Any:
    """Distribution functions of the final value, every schedule's median in the legend."""
    cells = results.cells
    chosen = common.cells_of(results, results.first)
    levels, values = quantiles_of(results, chosen, np.arange(1001) / 1000)
    names, lines = common.names_of(results), results.lines()
    own = common.numbers_of(results, chosen)
    order = sorted(range(len(chosen)), key=lambda i: cells["final_p50"][chosen[i]])
    measure = cells["measure"][chosen[0]]
    caption = (
        f"Share of the seeds whose final {measure} is at most x (empirical"
        f" distribution, {len(levels)} quantiles); p50 is where it reaches one half."
        f" {common.described(results, chosen[0])}."
    )
    labels = [_with_median(results, names, chosen[i]) for i in order]
    height = 2.3 + common.legend_height(1, labels) if columns == 1 else 2.9
    with common.figure(columns, height, caption) as fig:
        axis = fig.add_subplot()
        for i, label in zip(order, labels, strict=True):
            line = lines[own[i]]
            known = np.isfinite(values[i])
            axis.plot(values[i][known], levels[known], color=line.colour, ls=line.style,
                      label=label)  # fmt: skip
        inner = values[:, (levels >= 0.01) & (levels <= 0.99)]
        common.loss_scale(axis, inner, "x")
        axis.axhline(0.5, color="#999999", lw=0.5, zorder=0)
        axis.set(ylim=(0, 1), ylabel="share of seeds", xlabel=f"final {measure}")
        if columns == 1:
            common.legend(fig, columns, axis.get_legend_handles_labels()[0])
        else:
            axis.legend(loc="center left", bbox_to_anchor=(1, 0.5), handlelength=2.6)
    return fig.figure


def ratios(results: Results, columns: int) -> Any:
    """Ratios of medians against the reference with their intervals; None where there are none."""
    cells = results.cells
    chosen = [
        i for i in common.cells_of(results, results.first)
        if cells["reference"][i] >= 0 and np.isfinite(cells["ratio"][i]) and cells["ratio"][i] > 0
    ]  # fmt: skip
    if not chosen:
        return None
    names, lines = common.names_of(results), results.lines()
    [reference] = common.numbers_of(results, [cells["reference"][chosen[0]]])
    caption = (
        f"Median final {cells['measure'][chosen[0]]} / that of {names[reference]} on the same"
        " seeds, with the 95 % interval; left of 1 is better."
        f" {common.described(results, chosen[0])}."
    )
    with common.figure(columns, 0.55 + 0.2 * len(chosen), caption) as fig:
        axis = fig.add_subplot()
        own = common.numbers_of(results, chosen)
        for row, (i, number) in enumerate(zip(chosen, own, strict=True)):
            low, high = cells["ratio_low"][i], cells["ratio_high"][i]
            if not np.isnan(low):
                span = [max(low, 1e-300), min(high, 1e300)]
                axis.plot(span, [row, row], color=lines[number].colour, solid_capstyle="butt")
            axis.plot(cells["ratio"][i], row, "s", ms=4, color=lines[number].colour)
            text = ratio(float(cells["ratio"][i]))
            if not np.isnan(low):
                text += f" [{ratio(float(low))}, {ratio(float(high))}]"
            axis.annotate(text, (1.02, row), xycoords=("axes fraction", "data"), va="center",
                          fontsize=6.5, annotation_clip=False)  # fmt: skip
        axis.axvline(1.0, color="#666666", lw=0.6, ls=":")
        ends = ("ratio", "ratio_low", "ratio_high")
        shown = np.concatenate([cells[name][chosen] for name in ends])
        common.loss_scale(axis, np.append(shown, 1.0), "x")
        axis.set_yticks(range(len(chosen)), [_name(results, names, i) for i in chosen])
        axis.set(ylim=(len(chosen) - 0.5, -0.5), xlabel=f"p50 / p50 of {names[reference]}")
        axis.tick_params(axis="y", length=0)
        axis.spines["left"].set_visible(False)
    return fig.figure


def robustness(results: Results, columns: int) -> Any:
    """Final values against the strength of the noise, a panel a noise model."""
    return _responses(results, columns, "strength", "strength of the noise")


def sensitivity(results: Results, columns: int) -> Any:
    """Final values against the initial rate, a panel a noise model."""
    return _responses(results, columns, "lr", "initial learning rate")


def _with_median(results: Results, names: list[str], cell: int) -> str:
    median = significant(float(results.cells["final_p50"][cell]))
    return f"{_name(results, names, cell)}, p50 {median}"


def _name(results: Results, names: list[str], cell: int) -> str:
    mark = " *" if results.cells["inert"][cell] else ""
    return names[common.numbers_of(results, [cell])[0]] + mark


def _bands_of(
    results: Results, chosen: np.ndarray
) -> tuple[np.ndarray, np.ndarray, list[tuple[np.ndarray, np.ndarray]]] | None:
    """Steps, quantiles (cells, steps, 5) and rates of a few cells of one scenario."""
    parts: list[Columns] = []
    for path in results.files("bands"):
        more = ("cell", "schedule", "strength", "lr_mean")
        table = read_columns(path, ("step", *LEVEL_NAMES), more)
        place = positions(results, table)
        known = np.isin(place, chosen)
        if known.any():
            parts.append({"place": place[known], **{n: v[known] for n, v in table.items()}})
    if not parts:
        return None
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    steps = np.unique(joined["step"])
    row = np.searchsorted(chosen, joined["place"])
    column = np.searchsorted(steps, joined["step"])
    values = np.full((len(chosen), len(steps), len(LEVEL_NAMES)), np.nan)
    values[row, column] = np.stack([joined[name] for name in LEVEL_NAMES], axis=-1)
    rates = np.full((len(chosen), len(steps)), np.nan)
    rates[row, column] = joined.get("lr_mean", np.nan)
    return steps, values, [_rates(results, c, steps, rates[i]) for i, c in enumerate(chosen)]


def _rates(
    results: Results, cell: int, steps: np.ndarray, rates: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The rates of a cell: an open-loop schedule's whole table, else what the bands hold."""
    cells = results.cells
    full = results.full("schedule", cells["schedule"][cell])
    table = rate_table(full, float(cells["lr"][cell]), int(cells["steps"][cell]))
    if table is not None:
        return np.array(table["steps"]), np.array(table["rates"])
    known = ~np.isnan(rates)
    return steps[known], rates[known]


def _responses(results: Results, columns: int, axis_name: str, label: str) -> Any:
    """Medians along a numeric axis, all else as in the first scenario but the noise model."""
    cells = results.cells
    first = common.cells_of(results, results.first)[0]
    alike = np.ones(len(cells["cell"]), dtype=bool)
    for name in common.SCENARIO:
        if name not in (axis_name, "noise"):
            alike &= cells[name] == cells[name][first]
    noises = [
        noise for noise in dict.fromkeys(cells["noise"][alike].tolist())
        if len(np.unique(cells[axis_name][alike & (cells["noise"] == noise)])) > 1
    ]  # fmt: skip
    if not noises:
        return None
    abreast = min(len(noises), 2 if columns == 1 else 4)
    rows = -(-len(noises) // abreast)
    measure = cells["measure"][first]
    caption = (
        f"Median (p50) of the final {measure} against the {label}."
        f" {common.described(results, first, ('noise', axis_name))}."
    )
    shown = alike & np.isin(cells["noise"], noises)
    names, lines = common.names_of(results), results.lines()
    drawn = [i for i, name in enumerate(results.schedules) if name in set(cells["schedule"][shown])]
    alone = len(noises) == 1
    room = 0.0 if alone else common.legend_height(columns, [names[i] for i in drawn])
    with common.figure(columns, 0.35 + 1.6 * rows + room, caption) as fig:
        axes = fig.subplots(rows, abreast, sharex=True, sharey=True, squeeze=False)
        common.loss_scale(axes[0, 0], cells["final_p50"][shown])
        _numeric_scale(axes[0, 0], cells[axis_name][shown], axis_name)
        for axis, noise in zip(axes.flat, noises, strict=False):
            ends = _response(results, axis, alike & (cells["noise"] == noise), axis_name)
            if alone:
                common.end_labels(axis, ends, 1.4)
            else:
                axis.set_title(common.short(noises)[noise])
        common.below(axes, len(noises), label)
        fig.supylabel(f"final {measure} (p50)", fontsize=7)
        if not alone:
            common.legend(fig, columns, [common.handle(lines[i], names[i]) for i in drawn])
    return fig.figure


def _response(
    results: Results, axis: Any, mine: np.ndarray, axis_name: str
) -> list[tuple[float, str, str]]:
    """Draw one panel; returns the ends of its lines: height, name and colour."""
    cells, lines, names = results.cells, results.lines(), common.names_of(results)
    ends = []
    for number, schedule in enumerate(results.schedules):
        found = np.flatnonzero(mine & (cells["schedule"] == schedule))
        found = found[np.argsort(cells[axis_name][found], kind="stable")]
        if len(found):
            medians = np.minimum(cells["final_p50"][found], 1e300)
            line = lines[number]
            axis.plot(cells[axis_name][found], medians, marker="o", ms=2.2, color=line.colour,
                      ls=line.style, lw=1.0)  # fmt: skip
            ends.append((float(medians[-1]), names[number], line.text))
    return ends


def _numeric_scale(axis: Any, values: np.ndarray, name: str) -> None:
    """Logarithmic for rates; for strengths too, but linear near 0 where one is 0."""
    at = np.unique(values)
    if name == "strength" and at[0] == 0.0:
        axis.set_xscale("symlog", linthresh=float(at[1]))
    else:
        common.log_scale(axis, at, "x")
    axis.set_xticks(at, [f"{value:g}" for value in at])
    axis.minorticks_off()
