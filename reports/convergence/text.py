"""The convergence experiment as text: tables, and in words what theory says and what is seen."""

from __future__ import annotations

import numpy as np

from experiments.convergence.run import QUANTITIES, Row, Slope
from experiments.convergence.theory import BIAS_RATES, HUBER_STEPS, Mean, Study
from reports.numbers import significant, with_interval
from reports.text import aligned

TITLES = {
    "P1": "P1: least squares, Gaussian errors",
    "P2": "P2: least squares without errors (interpolation)",
    "P5": "P5: least squares, skewed errors",
}
#: f(x_0) of P4.
HUBER_START = 0.01 * (1.0 - 0.005)
EXPLODES = (
    "- P6: every gradient vanishes at the minimiser, the theorem's variance is 0, and the mean of"
    " f(x_T) grows as 1.17625^T while almost every lane falls: without convex terms nothing"
    " follows. Past some tens of steps the mean is made by lanes too rare to be met, so that the"
    " means of P6 in the JSON rows lie far below it."
)
HEADINGS = ("average iterate", "averaged loss", "last iterate")


def text(study: Study) -> str:
    """Tables, and in words what theory says and what is seen."""
    request = study.request
    parts = [
        "SGD with rates in [a, b]: Algorithm 1 (the rate depends on the drawn term), the lagged"
        f" decision, the constant rate b. n = {request.seeds:,} paired seeds.\n"
        "Gaps to f*: means over the seeds +- half width of the 95 % interval. A, B: bound over the"
        " averaged loss; from 1 on the bound holds."
    ]
    parts += [_problem(study, name) for name in TITLES]
    parts += [_bias(study), _huber(study), _explosion(study)]
    return "\n\n".join([*parts, "\n".join(["In words", *_words(study)])])


def _named(variant: str, F: float | None) -> str:
    return variant if F is None else f"{variant}, F = {F:g}"


def _problem(study: Study, name: str) -> str:
    """One problem at its last number of steps, with the slopes over the steps before."""
    last = study.request.checkpoints[-1]
    rows = [row for row in study.outcome.rows if (row.problem, row.steps) == (name, last)]
    header = ["rates", *HEADINGS, "slope of the average iterate [95 %]", "A", "B"]
    body = [
        [
            _named(row.variant, row.F),
            *(_with_width(row, i) for i in range(len(QUANTITIES))),
            with_interval(slope.slope) if (slope := _slope_of(study, row)) else "-",
            _factor(row.setting.bound_a(last), row.averaged_loss)
            if row.variant != "algorithm-1"
            else "(not proved)",
            _factor(row.setting.bound_b(last), row.averaged_loss),
        ]
        for row in rows
    ]
    slopes = [s for s in study.outcome.slopes if s.problem == name]
    over = f"; slopes of log gap over log T from {slopes[0].first:,}" if slopes else ""
    return f"{TITLES[name]}, T = {last:,}{over}\n{aligned([header, *body])}"


def _with_width(row: Row, number: int) -> str:
    gap, width = getattr(row, QUANTITIES[number]), row.half_widths[number]
    return f"{significant(gap)} +- {significant(width, 2)}"


def _factor(bound: float, gap: float) -> str:
    return f"{bound / gap:.3g}" if gap > 0.0 else "-"


def _slope_of(study: Study, row: Row) -> Slope | None:
    return next(
        (
            slope
            for slope in study.outcome.slopes
            if (slope.problem, slope.variant, slope.F) == (row.problem, row.variant, row.F)
            and slope.quantity == "average_iterate"
        ),
        None,
    )


def _bias(study: Study) -> str:
    """P3: the gap that Algorithm 1 keeps, by F and largest rate."""
    by_rate = {rate: [b for b in study.biases if b.rate == rate] for rate in BIAS_RATES}
    smallest = by_rate[BIAS_RATES[-1]]
    header = [
        "F", "closed form", *(f"b = {rate:g}" for rate in BIAS_RATES),
        *(f"lagged, b = {rate:g}" for rate in BIAS_RATES), f"bound A, b = {BIAS_RATES[-1]:g}",
    ]  # fmt: skip
    rows = [
        [
            f"{b.F:g}",
            significant(b.expected),
            *(_mean(by_rate[rate][i].algorithm_1) for rate in BIAS_RATES),
            *(_mean(by_rate[rate][i].lagged) for rate in BIAS_RATES),
            significant(b.bound_a),
        ]
        for i, b in enumerate(smallest)
    ]
    title = (
        "P3 (sample-bias): gap of the average iterate of Algorithm 1 against the closed form for"
        f" small rates, [a, b] = [F b, b], T = {study.request.checkpoints[-1]:,}"
    )
    note = (
        f"Any unbiased rule has sigma/(2T) = {significant(smallest[0].variance)} left; the lagged"
        " gap beyond it goes with b, that of Algorithm 1 does not."
    )
    return f"{title}\n{aligned([header, *rows])}\n{note}"


def _mean(mean: Mean) -> str:
    return f"{significant(mean.value)} +- {significant(mean.half_width, 1)}"


def _huber(study: Study) -> str:
    """P4 at 4,000 steps and at the last."""
    curve = study.huber
    header = [
        "T", "averaged loss", "/ R2/(2 a T)", "average iterate / reconstructed", "f_T / f_0",
        "recursion",
    ]  # fmt: skip
    a, reconstructed = curve.ratio_a(), curve.ratio_reconstructed()
    shown = [int(T) for T in curve.steps if T in (HUBER_STEPS, curve.steps[-1])]
    rows = []
    for T in shown:
        i = int((curve.steps == T).argmax())
        rows.append(
            [
                f"{T:,}",
                significant(float(curve.averaged_loss[i])),
                f"{a[i]:.3g}",
                f"{reconstructed[i]:.3g}",
                significant(float(curve.last_iterate[i]) / HUBER_START),
                significant(curve.setting.recursion(T)),
            ]
        )
    return f"P4 (Huber, delta 0.01, x_0 = 1, rates in [0.0009, 0.001])\n{aligned([header, *rows])}"


def _explosion(study: Study) -> str:
    """P6 while its mean can be seen."""
    header = ["T", "mean of f(x_T)", "0.025 * 1.17625^T", "median"]
    rows = [
        [str(row.steps), _mean(row.mean), significant(row.expected), significant(row.median)]
        for row in study.explosions
    ]
    title = "P6 (nonconvex-sum, rate 1/2, x_0 = 1): f convex, terms smooth but not convex"
    return f"{title}\n{aligned([header, *rows])}"


def _words(study: Study) -> list[str]:
    return [*_on_bounds(study), _on_averages(study), _on_bias(study), _on_huber(study), EXPLODES]


def _on_bounds(study: Study) -> list[str]:
    rows = [row for row in study.outcome.rows if row.problem in TITLES]
    fixed = [row for row in rows if row.variant != "algorithm-1"]
    return [
        f"- Bound A (rates fixed before the draw) holds in {_holding(fixed, 'bound_a')} of the"
        f" lagged and constant rows of P1, P2 and P5, bound B in {_holding(rows, 'bound_b')} of"
        f" all; the closest comes within a factor {_closest(fixed, 'bound_a'):.3g} and"
        f" {_closest(rows, 'bound_b'):.3g}. They are consistent with the data; agreement as loose"
        " as this shows no more.",
        "- The average iterate of least squares has no variance floor under lagged or constant"
        " rates: its gap goes on falling. The averaged loss and the last iterate have one (P1, P5)."
        " In interpolation (P2) none of the three has.",
    ]


def _on_averages(study: Study) -> str:
    last = study.request.checkpoints[-1]
    biased, fair = (
        study.outcome.of("P1", variant, 0.5)[-1].average_iterate
        for variant in ("algorithm-1", "lagged")
    )
    return (
        "- Algorithm 1 as printed lowers the rate where the drawn term is large, and so weighs"
        f" terms unevenly: on P1 with F = 0.5 its average iterate is {significant(biased)} above"
        f" f* after {last:,} steps, the lagged one {significant(fair)}."
    )


def _on_bias(study: Study) -> str:
    worst = max(study.biases, key=lambda bias: bias.algorithm_1.value / bias.bound_a)
    ratio = worst.algorithm_1.value / worst.bound_a
    text = (
        "- P3 shows this bias alone: the gap follows (1 - xhat)^2 / 2, xhat = w/(0.9 + 0.1 w) with"
        f" w = 0.9 F + 0.1, whatever b is. At F = {worst.F:g}, b = {worst.rate:g} the average"
        f" iterate's gap is {ratio:.3g} times bound A"
    )
    if ratio <= 1.0:
        return f"{text}; a longer run would show it broken."
    return (
        f"{text}, which therefore does not hold for Algorithm 1 as printed. Deciding one step later"
        " (lagged) repairs it."
    )


def _on_huber(study: Study) -> str:
    curve = study.huber
    at = int(np.searchsorted(curve.steps, min(HUBER_STEPS, curve.steps[-1])))
    steps = int(curve.steps[at])
    return (
        f"- P4: after {steps:,} steps the loss is still {curve.last_iterate[at] / HUBER_START:.3g}"
        " of its start, where the one-step recursion of the proof promises"
        f" {significant(curve.setting.recursion(steps))}: that holds for isotropic quadratics, not"
        " for every convex f. R2/(2 a T) holds: the averaged loss comes up"
        f" to {curve.ratio_a().max():.3g} of it. The reconstructed leading term, half as large, is"
        f" met up to a factor {curve.ratio_reconstructed().max():.3g} (above 1 it is broken)."
    )


def _bound(row: Row, name: str) -> float:
    return getattr(row.setting, name)(row.steps)


def _holding(rows: list[Row], name: str) -> str:
    """In how many rows the averaged loss, with its half width, lies below the bound."""
    held = sum(row.averaged_loss + row.half_widths[1] <= _bound(row, name) for row in rows)
    return f"{held} of {len(rows)}"


def _closest(rows: list[Row], name: str) -> float:
    return min(_bound(row, name) / row.averaged_loss for row in rows)
