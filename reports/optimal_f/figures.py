"""Figures of the experiment on the optimal F."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments import closed_forms
from experiments.optimal_f.cells import FACTORS
from experiments.optimal_f.outcome import Outcome
from experiments.optimal_f.run import HIGHEST, CellResult
from experiments.optimal_f.theory import PhaseMap, Phases, Theory
from reports import findings, style
from reports.bands import save
from reports.headline import headline

FORMATS = ("png", "svg")
#: Colours and marks of up to six curves: light to dark along L.
SHADES = ("#56B4E9", "#009E73", "#E69F00", "#D55E00", "#CC79A7", "#0072B2")
MARKERS = ("o", "s", "^", "D", "v", "P")
THEORY = "#7F7F7F"
#: Of the whole grid: which cells the score figure shows (dimension, s, T), and which L.
SHOWN = ((1, 0.0, 100), (10, 0.1, 1000))
SHOWN_LIPSCHITZ = (2.0, 10.0, 100.0, 1000.0)
#: Worst and best growth of the phase map, e-folds of |x| a step.
GROWTH = 0.6
#: Up to which F the map shows borders: beyond they are closer than lines can be.
BORDERS = 0.85
TICKS = (0.05, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)


def draw(outcome: Outcome, directory: Path) -> list[Path]:
    """Every figure as PNG and SVG; returns the paths."""
    shown = [r for row in _score_rows(outcome) for found in row for r in found]
    figures = {"optimal-f-scores": (scores(outcome), findings.scores(outcome, shown))}
    if outcome.theory is not None:
        theory = outcome.theory
        figures["optimal-f-collapse"] = collapse(outcome, theory), findings.collapse(theory)
        figures["optimal-f-phases"] = phases(theory), findings.phases(theory)
    paths: list[Path] = []
    with style.applied():
        for stem, (figure, finding) in figures.items():
            paths += save(figure(), directory, stem, FORMATS, finding)
    return paths


def collapse(outcome: Outcome, theory: Theory) -> Any:
    """The best F against L, and the same points against lr_0 L."""

    def make() -> Any:
        fig, axes = _figure(1, 2, 2.6, sharey=True)
        left, right = axes[0]
        for number, found in enumerate(theory.collapse.values()):
            label = f"lr$_0$ = {found[0].cell.rate.value:g}"
            _points(left, [r.cell.L for r in found], found, number, label)
            _points(right, [r.cell.u for r in found], found, number, label)
        L = np.array([r.cell.L for r in next(iter(theory.collapse.values()))])
        fine = np.geomspace(L[L > 1.0].min(), L.max(), 200)
        paper = {"color": "k", "ls": ":", "lw": 0.9}
        left.plot(fine, _place(1.0 - 1.0 / fine), label="1 - 1/L", **paper)
        u = np.geomspace(1e-3, 1.99, 200)
        swept = _place(np.array([closed_forms.sweep_factor(x, 100) for x in u]))
        right.plot(u, swept, color=THEORY, lw=3, alpha=0.4, zorder=0,
                   label="(lr$_0$L/2)$^{1/T}$, up to lr$_0$L = 2")  # fmt: skip
        for axis, name in ((left, "L"), (right, "lr$_0$ L")):
            axis.set_xscale("log")
            axis.set_xlabel(name)
        _factor_axis(left)
        left.legend(loc="upper left", fontsize=6)
        right.legend(loc="upper left", fontsize=6)
        left.set_ylabel("best F")
        left.set_title("against L: another curve for each initial rate")
        right.set_title("against lr$_0$ L: one curve")
        headline(
            fig,
            "The best F depends on lr$_0$ L, not on L   (d = 1, s = 0, T = 100, no clamps, n ="
            f" {outcome.request.seeds:,} paired seeds; bars: 95 %)",
        )
        return fig

    return make


def scores(outcome: Outcome) -> Any:
    """Score against F, the initial rate fixed on the left and scaled with 1/L on the right."""

    def make() -> Any:
        rows = _score_rows(outcome)
        columns = max(len(row) for row in rows)
        fig, axes = _figure(len(rows), columns, 2.3, squeeze=False)
        for line, row in zip(axes, rows, strict=True):
            for axis, found in zip(line, row, strict=True):
                _scores(axis, found)
            line[0].set_ylabel("score, decades")
            # What lies above 0 ends further off than it began.
            low = min(r.score.min() for found in row for r in found)
            high = max(0.0, low + 1.0)
            for axis in line:
                axis.set_ylim(low - 0.08 * (high - low), high + 0.08 * (high - low))
                axis.axhline(0.0, color="k", lw=0.4)
        for axis in axes[-1]:
            axis.set_xlabel("F")
        axes[0, 0].legend(loc="best", fontsize=6)
        headline(
            fig,
            f"Score of every F: median of log10(gap / gap$_0$), n = {outcome.request.seeds:,}"
            " paired seeds; 0 is as far off as at the start\n"
            "band: 95 % of the median   open circle: best F   filled: F = 1 - 1/L",
        )
        return fig

    return make


def phases(theory: Theory) -> Any:
    """The mean growth against F, and the growth of every phase."""

    def make() -> Any:
        fig, axes = _figure(1, 2, 2.7, width_ratios=(1.0, 1.25))
        _rates(axes[0][0], theory.phases)
        _heatmap(fig, axes[0][1], theory.map)
        headline(fig, "Algorithm 1 on a noiseless parabola without clamps")
        return fig

    return make


def _figure(rows: int, columns: int, height: float, **options: Any) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    fig = Figure(figsize=(style.TWO_COLUMNS, 0.4 + height * rows), layout="constrained")
    return fig, fig.subplots(rows, columns, **{"squeeze": False, **options})


def _place(F: Any) -> np.ndarray:
    """Where a factor stands on the axis: factors near 1 are spread as log(1 - F)."""
    return -np.log10(1.0 - np.asarray(F, dtype=np.float64))


def _factor_axis(axis: Any, horizontal: bool = False) -> None:
    places, labels = _place(TICKS), [f"{F:g}" for F in TICKS]
    if horizontal:
        axis.set_xticks(places, labels, rotation=45)
        axis.set_xlim(_place(0.03), _place(0.9992))
    else:
        axis.set_yticks(places, labels)
        axis.set_ylim(_place(0.0), _place(0.9993))


def _points(
    axis: Any, x: Sequence[float], found: list[CellResult], number: int, label: str
) -> None:
    y = _place([r.best for r in found])
    low, high = (_place([r.best_interval[i] for r in found]) for i in (0, 1))
    axis.errorbar(
        x, y, yerr=(y - low, high - y), fmt=MARKERS[number], ms=4, mfc="none", lw=0.8,
        color=SHADES[2 * number % len(SHADES)], label=label, zorder=3,
    )  # fmt: skip


def _score_rows(outcome: Outcome) -> list[list[list[CellResult]]]:
    """Rows and columns of panels, each a list of cells that differ in L."""
    if not outcome.request.whole:
        return [[outcome.cells[:6]]]
    return [
        [
            [
                r for r in outcome.cells
                if (r.cell.dim, r.cell.strength, r.cell.steps) == shown
                and r.cell.rate.text == rate.text
                and r.cell.clamp.text == "none"
                and r.cell.L in SHOWN_LIPSCHITZ
            ]
            for rate in outcome.request.rates
        ]
        for shown in SHOWN
    ]  # fmt: skip


def _scores(axis: Any, found: list[CellResult]) -> None:
    x = _place(FACTORS)
    for number, r in enumerate(found):
        colour = SHADES[number]
        shown = np.where(r.score < HIGHEST, r.score, np.nan)
        low, high = r.intervals.T
        axis.fill_between(x, low, high, color=colour, alpha=0.25, lw=0)
        width = 3.6 - 0.9 * number  # curves that coincide all remain visible
        axis.plot(x, shown, color=colour, lw=max(width, 0.8), label=f"L = {r.cell.L:g}")
        at = FACTORS.index(r.best)
        axis.plot(x[at], r.score[at], "o", mfc="white", mec=colour, ms=5, zorder=5)
        if r.paper in FACTORS:
            at = FACTORS.index(r.paper)
            axis.plot(x[at], r.score[at], "o", color=colour, mec="k", mew=0.5, ms=4, zorder=6)
    cell = found[0].cell
    rate = f"lr$_0$ = {cell.rate.value:g}" + ("/L" if cell.rate.scaled else " for every L")
    clamp = "no clamps" if cell.clamp.text == "none" else f"clamp {cell.clamp.text}"
    axis.set_title(f"d = {cell.dim}, s = {cell.strength:g}, T = {cell.steps}, {clamp}: {rate}")
    _factor_axis(axis, horizontal=True)


def _rates(axis: Any, found: list[Phases]) -> None:
    """r(F) and the simulated means."""
    F = np.linspace(0.03, 0.9995, 500)
    axis.axhline(0.0, color="k", lw=0.5)
    axis.plot(F, closed_forms.phase_rate(F), color=THEORY, lw=2.5, alpha=0.5, label="r(F)")
    axis.errorbar(
        [row.F for row in found], [row.simulated for row in found],
        yerr=[2.0 * row.standard_error for row in found], fmt="o", ms=2.5,
        color=style.colour("greedy-simple"), lw=0.8, label="simulated, 2 s.e.",
    )  # fmt: skip
    axis.annotate(
        "-0.402 at F = 0.437", (0.43738, -0.40207), (0.56, -0.42), fontsize=6,
        arrowprops={"arrowstyle": "-", "lw": 0.5},
    )  # fmt: skip
    axis.annotate(
        "0 at F = 0.190", (0.19019, 0.0), (0.27, 0.14), fontsize=6,
        arrowprops={"arrowstyle": "-", "lw": 0.5},
    )  # fmt: skip
    axis.set_xlabel("F")
    axis.set_ylabel("growth of ln|x| a step")
    axis.set_title("mean over the phases")
    axis.set_ylim(-0.48, 0.65)
    axis.legend(loc="upper right", fontsize=6)


def _heatmap(fig: Any, axis: Any, found: PhaseMap) -> None:
    """Growth by lr_0 L and F: red diverges, blue converges; lines: the closed form's border."""
    half = 0.5 * (found.factors[1] - found.factors[0])
    rows = np.append(found.factors - half, found.factors[-1] + half)
    mesh = axis.pcolormesh(
        found.edges, rows, found.growth, cmap="RdBu_r", vmin=-GROWTH, vmax=GROWTH,
        rasterized=True,
    )  # fmt: skip
    u, F = np.meshgrid(
        np.geomspace(found.edges[0], found.edges[-1], 1200), np.linspace(rows[0], BORDERS, 800)
    )
    border = np.sign(closed_forms.orbit_rate(closed_forms.phase(u, F), F))
    axis.contour(u, F, border, levels=[0.0], colors="k", linewidths=0.4)
    axis.set_xscale("log")
    axis.set_xticks([0.1, 0.2, 0.5, 1, 2, 4], ["0.1", "0.2", "0.5", "1", "2", "4"])
    axis.minorticks_off()
    axis.set_xlabel("lr$_0$ L")
    axis.set_ylabel("F")
    axis.set_title("phases that diverge (red) and converge (blue); lines: closed form")
    bar = fig.colorbar(mesh, ax=axis, extend="both", pad=0.02)
    bar.set_label("growth of ln|x| a step")
