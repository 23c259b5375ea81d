"""A comparison as text for the terminal: two tables and a plain answer to each question."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.comparison import LEVELS, Comparison, Paired
from experiments.request import Request
from lab.component import written
from reports.numbers import percent, significant, with_interval

P10, P50, P90 = (LEVELS.index(level) for level in (0.10, 0.50, 0.90))
INERT_MARK = "*"


def render(request: Request, comparison: Comparison) -> str:
    """Both tables with their sentences."""
    parts = [heading(request, comparison), shared_table(request, comparison)]
    parts.append(shared_sentence(request, comparison))
    if comparison.tuned is not None:
        parts += ["", tuned_table(request, comparison), tuned_sentence(request, comparison)]
    return "\n".join(parts)


def heading(request: Request, comparison: Comparison) -> str:
    """What was run, in a line, and what perturbed it."""
    perturbed = f"\nPerturbed by {request.events}" if request.perturbations else ""
    return (
        f"{request.landscape.text}, noise {request.noise.text} in channel"
        f" {request.channel.component.name}, strength {comparison.strength:g},"
        f" {request.optimizer.text}, {request.steps} steps, n = {request.seeds:,} paired seeds"
        f"{perturbed}\nFinal {request.measure} at the shared rate {request.lr:g}"
    )


def shared_table(request: Request, comparison: Comparison) -> str:
    """Quantiles and comparisons at the shared rate."""
    reference = request.written[request.reference]
    header = [
        "schedule", "p10", "p50", "p90", "noise effect", "diverged",
        f"p50 / {reference} [95 %]", f"better than {reference}",
    ]  # fmt: skip
    rows = [
        [
            arm.written + (INERT_MARK if arm.inert else ""),
            significant(arm.final[P10]),
            significant(arm.final[P50]),
            significant(arm.final[P90]),
            with_interval(arm.noise_effect),
            percent(arm.diverged),
            with_interval(arm.paired.ratio) if arm.paired else "1 (reference)",
            _probability(arm.paired),
        ]
        for arm in comparison.arms
    ]
    text = aligned([header, *rows])
    if any(arm.inert for arm in comparison.arms):
        text += (
            f"\n{INERT_MARK} the noise cannot act here: same lanes as without noise, bit for bit"
        )
    return text + "\nParameters that ran:\n" + _parameters(request, comparison)


def tuned_table(request: Request, comparison: Comparison) -> str:
    """Each schedule at the rate tuned for it."""
    reference = request.written[request.reference]
    header = [
        "schedule",
        "tuned lr",
        "p50",
        f"p50 / {reference} [95 %]",
        f"better than {reference}",
    ]
    rows, edge = [], False
    for arm in comparison.arms:
        tuned = arm.tuned
        assert tuned is not None
        edge |= tuned.rate.at_edge
        rows.append(
            [
                arm.written,
                f"{tuned.rate.lr:.3g}" + ("!" if tuned.rate.at_edge else ""),
                significant(tuned.p50),
                with_interval(tuned.paired.ratio) if tuned.paired else "1 (reference)",
                _probability(tuned.paired),
            ]
        )
    n = comparison.tuned_seeds
    title = (
        f"Final {request.measure}, each schedule at its own tuned rate"
        f" (tuned on 250 other seeds, 9 rates over 4 decades; n = {n:,})"
    )
    note = "\n! at the edge of the grid: a better rate may lie beyond" if edge else ""
    return f"{title}\n{aligned([header, *rows])}{note}"


def shared_sentence(request: Request, comparison: Comparison) -> str:
    """The answer at the shared rate."""
    medians = [float(arm.final[P50]) for arm in comparison.arms]
    pairs = [arm.paired for arm in comparison.arms]
    return f"At the shared rate {request.lr:g}: " + _answer(request, medians, pairs)


def tuned_sentence(request: Request, comparison: Comparison) -> str:
    """The answer at the tuned rates."""
    tuned = [arm.tuned for arm in comparison.arms]
    medians = [t.p50 for t in tuned if t is not None]
    pairs = [t.paired for t in tuned if t is not None]
    return "Each at its tuned rate: " + _answer(request, medians, pairs)


def _answer(request: Request, medians: Sequence[float], pairs: Sequence[Paired | None]) -> str:
    return answer(request.written, request.reference, medians, pairs)


def answer(
    written: Sequence[str],
    reference: int,
    medians: Sequence[float],
    pairs: Sequence[Paired | None],
) -> str:
    """Who has the lowest median, and whether the interval tells it from the reference."""
    name = written[reference]
    if len(medians) == 1:
        return f"{name} has the median {significant(medians[0])}."
    best = min(range(len(medians)), key=lambda i: (medians[i], i != reference))
    if medians[best] == float("inf"):
        return "more than half of the lanes diverged under every schedule."
    if best != reference:
        pair = pairs[best]
        assert pair is not None
        return (
            f"{written[best]} has the lowest median, {significant(medians[best])};"
            f" {_against(pair, name)}."
        )
    second = min((i for i in range(len(medians)) if i != best), key=lambda i: medians[i])
    pair = pairs[second]
    assert pair is not None
    return (
        f"{name} has the lowest median, {significant(medians[best])};"
        f" the next is {written[second]}, {_against(pair, name)}."
    )


def _against(pair: Paired, name: str) -> str:
    interval = pair.ratio
    if interval.estimate is None or interval.low is None or interval.high is None:
        return f"its ratio to {name} is undefined ({interval.note})"
    text = f"{with_interval(interval)} times {name}'s"
    if interval.low <= 1.0 <= interval.high:
        text += ", which these seeds do not tell apart from equal"
    if pair.probability_better.estimate is not None:
        text += f", lower on {percent(pair.probability_better.estimate)} of the seeds"
    return text


def _probability(pair: Paired | None) -> str:
    if pair is None or pair.probability_better.estimate is None:
        return "-"
    interval = pair.probability_better
    if interval.low is None or interval.high is None:
        return percent(interval.estimate or 0.0)
    return (
        f"{percent(interval.estimate or 0.0)} [{100 * interval.low:.3g}, {100 * interval.high:.3g}]"
    )


def _parameters(request: Request, comparison: Comparison) -> str:
    lines = []
    trials = comparison.shared.summary["evaluations"].mean(axis=1) / request.steps
    for arm, more in zip(comparison.arms, trials, strict=True):
        values = request.running(arm.schedule).values.items()
        shown = ", ".join(f"{key} {written(value)}" for key, value in values) or "no parameters"
        remark = arm.schedule.component.remark
        if more:
            remark += f": {significant(1.0 + float(more))} evaluations of the loss a step"
        lines.append(f"  {arm.written}: {shown}" + (f" ({remark})" if remark else ""))
    return "\n".join(lines)


def aligned(rows: Sequence[Sequence[str]], left: bool | int = 1) -> str:
    """Rows of cells as columns, a rule under the header; the first `left` or all to the left."""
    count = len(rows[0]) if left is True else left
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if i < count else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "-" * len(max(lines, key=len)))
    return "\n".join(lines)
