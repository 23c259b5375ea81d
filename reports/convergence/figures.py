"""Figures of the convergence experiment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from experiments import closed_forms
from experiments.convergence.run import QUANTITIES, Row
from experiments.convergence.theory import BIAS_RATES, HUBER_STEPS, Study
from reports import findings, style
from reports.bands import save
from reports.headline import headline

FORMATS = ("png", "svg")
PROBLEMS = {
    "P1": "P1: Gaussian errors",
    "P2": "P2: interpolation",
    "P5": "P5: skewed errors",
}
VARIANTS = (("algorithm-1", 0.5), ("lagged", 0.5), ("constant", None))
CURVES = dict(
    zip(
        QUANTITIES,
        (("average iterate", "#0072B2"), ("averaged loss", "#D55E00"), ("last iterate", "#009E73")),
        strict=True,
    )
)
BOUNDS = (
    ("bound_a", "A", "-"), ("bound_b", "B", "--"), ("bound_reconstructed", "reconstructed", ":")
)  # fmt: skip
#: Of the three largest rates of P3: what coincides remains visible.
SHADES = ("#0072B2", "#E69F00", "#D55E00")
SIZES = (6.5, 4.2, 1.8)
#: Gaps beyond these are not drawn.
LOWEST, HIGHEST = 1e-8, 300.0


def draw(study: Study, directory: Path) -> list[Path]:
    """Every figure as PNG and SVG; returns the paths."""
    makers = {
        "convergence": (averages, findings.averages),
        "convergence-bias": (bias, findings.bias),
        "convergence-huber": (huber, findings.huber),
    }
    paths: list[Path] = []
    with style.applied():
        for stem, (make, say) in makers.items():
            paths += save(make(study), directory, stem, FORMATS, say(study))
    return paths


def averages(study: Study) -> Any:
    """A row a problem, a column a rule for the rate: three gaps and three bounds against T."""
    from matplotlib.figure import Figure

    fig = Figure(figsize=(style.TWO_COLUMNS, 6.4), layout="constrained")
    axes = fig.subplots(len(PROBLEMS), len(VARIANTS), sharex=True, sharey="row")
    for line, (problem, title) in zip(axes, PROBLEMS.items(), strict=True):
        for axis, (variant, F) in zip(line, VARIANTS, strict=True):
            rows = study.outcome.of(problem, variant, F)
            _gaps(axis, rows)
            _bounds(axis, rows)
            axis.set_title(f"{title}, {variant if F is None else f'{variant}, F = {F:g}'}")
            axis.set_xscale("log")
            axis.set_yscale("log")
        line[0].set_ylabel("f - f*")
        line[0].set_ylim(max(LOWEST, line[0].get_ylim()[0]), HIGHEST)
    for axis in axes[-1]:
        axis.set_xlabel("T")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    headline(
        fig,
        f"Mean gap over {study.request.seeds:,} seeds (band: 95 %) and bounds on the averaged"
        " loss; A is not proved for algorithm-1",
    )
    return fig


def _gaps(axis: Any, rows: list[Row]) -> None:
    steps = [row.steps for row in rows]
    for i, (quantity, (label, colour)) in enumerate(CURVES.items()):
        mean = np.array([getattr(row, quantity) for row in rows])
        half = np.array([row.half_widths[i] for row in rows])
        low = np.maximum(mean - half, 1e-3 * mean)
        axis.fill_between(steps, low, mean + half, color=colour, alpha=0.25, lw=0)
        axis.plot(steps, mean, "o-", ms=2, color=colour, label=label)


def _bounds(axis: Any, rows: list[Row]) -> None:
    steps = [row.steps for row in rows]
    for name, label, dashes in BOUNDS:
        values = [getattr(row.setting, name)(row.steps) for row in rows]
        axis.plot(steps, values, color="k", lw=0.8, ls=dashes, label=label)


def bias(study: Study) -> Any:
    """The gap that Algorithm 1 keeps on P3, against F, with its closed form."""
    from matplotlib.figure import Figure

    fig = Figure(figsize=(style.TWO_COLUMNS * 0.62, 2.9), layout="constrained")
    axis = fig.subplots()
    F = np.linspace(0.05, 0.995, 300)
    axis.plot(F, closed_forms.biased_gap(F), color="#7F7F7F", lw=3, alpha=0.5, zorder=0,
              label="closed form")  # fmt: skip
    for rate, colour, size in zip(BIAS_RATES, SHADES, SIZES, strict=True):
        found = [b for b in study.biases if b.rate == rate]
        x = [b.F for b in found]
        for name, marker in (("algorithm_1", "o"), ("lagged", "s")):
            means = [getattr(b, name) for b in found]
            axis.errorbar(
                x, [m.value for m in means], yerr=[m.half_width for m in means], fmt=marker,
                ms=size, color=colour, mfc="none", lw=0.8,
                label=f"{'Algorithm 1' if name == 'algorithm_1' else 'lagged'}, b = {rate:g}",
            )  # fmt: skip
    axis.axhline(study.biases[0].variance, color="k", lw=0.8, ls=":", label="sigma / (2T)")
    axis.set_yscale("log")
    axis.set_xlabel("F")
    axis.set_ylabel("f(average iterate) - f*")
    fig.legend(loc="outside right center", fontsize=6)
    headline(
        fig,
        f"P3: the bias does not vanish with the rate b   (T = {study.request.checkpoints[-1]:,},"
        f" n = {study.request.seeds:,} seeds, bars: 95 %)",
    )
    return fig


def huber(study: Study) -> Any:
    """P4 against its bounds, and against the recursion of the proof."""
    from matplotlib.figure import Figure

    curve = study.huber
    fig = Figure(figsize=(style.TWO_COLUMNS, 2.6), layout="constrained")
    left, right = fig.subplots(1, 2)
    left.plot(curve.steps, curve.ratio_a(), color="#D55E00", label="averaged loss / A = R2/(2aT)")
    left.plot(
        curve.steps, curve.ratio_reconstructed(), color="#0072B2", ls="--",
        label="average iterate / reconstructed",
    )  # fmt: skip
    left.axhline(1.0, color="k", lw=0.5)
    left.set_title("ratio to the bound: above 1 it is broken")
    left.set_ylabel("ratio")
    left.set_yscale("log")
    right.plot(curve.steps, curve.last_iterate / 0.00995, color="#009E73", label="f$_T$ / f$_0$")
    promised = [curve.setting.recursion(int(T)) for T in curve.steps]
    right.plot(curve.steps, promised, "k:", label="one-step recursion of the proof")
    right.set_yscale("log")
    right.set_ylim(1e-6, 2.0)
    right.set_title("decay of the loss")
    for axis in (left, right):
        axis.axvline(HUBER_STEPS, color="#7F7F7F", lw=0.5)
        axis.set_xscale("log")
        axis.set_xlabel("T")
    left.legend(loc="upper left", bbox_to_anchor=(0.0, 0.94), fontsize=6)
    right.legend(loc="lower left", fontsize=6)
    headline(
        fig,
        "P4: Huber's function, delta 0.01, x$_0$ = 1, rates in [0.0009, 0.001]   (grey: T = 4,000)",
    )
    return fig
