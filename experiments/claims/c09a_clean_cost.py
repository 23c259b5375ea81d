"""C9a: without noise GreedyLR costs something."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.check.claim import AS_PUBLISHED, TUNED, Arm, Claim, any_of, judge
from experiments.check.evidence import RIVALS, SUBJECT, Evidence, Grid
from experiments.check.interpretation import choose, pick, spread
from experiments.check.pools import P50, behind, median_ratios, quantiles_of
from lab.statistics.verdict import Direction

THRESHOLD = 1.0
MARGIN = 0.05


def evaluate(evidence: Evidence) -> list[Arm]:
    """The clean part of the grid, at the shared rate and at equal tuning."""
    return [
        _arm(evidence.grid("published"), AS_PUBLISHED),
        _arm(evidence.grid("published", tuned=True), TUNED),
    ]


def _arm(grid: Grid, reading: str) -> Arm:
    found = quantiles_of(grid, lambda cell: cell.noise == "none")
    effects = judge(median_ratios(found), THRESHOLD, Direction.ABOVE, MARGIN)
    medians = ", ".join(f"{s} {found[s].estimates[P50]:.3g}" for s in (SUBJECT, *RIVALS))
    measured = f"median without noise: {medians}"
    return Arm(reading, "no noise", any_of(effects), measured, effects, behind(grid))


def interpret(arms: Sequence[Arm]) -> str:
    """The same reason as C1, and what the pool hides."""
    first, tuned = arms[0], pick(arms, TUNED)
    ratios = spread([first.ratio(r) for r in RIVALS])
    texts = [
        choose(
            first.verdict,
            f"Without noise at least one rival has the lower median: GreedyLR's is {ratios} times"
            " the rivals'.",
            f"Without noise no rival does better: GreedyLR's median is {ratios} times the rivals'.",
            f"Whether a rival does better without noise is not settled: GreedyLR's median is"
            f" {ratios} times the rivals'.",
        ),
        "The lanes are those of C1 as published, where no noise acts either, and the reason is"
        " C1's: in a run this short it counts how far the rates let the optimizer walk. At equal"
        f" tuning the ratios are {spread([tuned.ratio(r) for r in RIVALS])}.",
        "A pooled median can hide a cost. Function by function some rival has the lower median on"
        f" {first.facts['behind']:.0f} of {first.facts['functions']:.0f} functions at the shared"
        f" rate, and on {tuned.facts['behind']:.0f} at equal tuning. Against what, and in which"
        " measure, the documents found a loss is not stated, so that this verdict does not say that"
        " their figure is wrong for their runs.",
    ]
    return " ".join(texts)


CLAIM = Claim(
    id="C9a",
    title="a cost in clean conditions",
    statement="Without noise GreedyLR ends worse than a traditional schedule.",
    paper="-44 % in clean conditions (repository documents, not the paper)",
    measure="median of f(x_(T-1)) over all lanes without noise, GreedyLR / rival",
    design="as C1, noise none only",
    rule=f"supported: for at least one rival the Holm-adjusted 95 % interval of the ratio lies"
    f" above {THRESHOLD:g}; not supported: for every rival it lies below, or the two are equivalent"
    f" within {100 * MARGIN:g} %; otherwise inconclusive",
    evaluate=evaluate,
    interpret=interpret,
    quantity="median final loss without noise, GreedyLR / rival",
    work={
        "published": 1.0,
        "published, tuned": 1.1,
    },
    limits="Analytic models only; which rival the published figure refers to is not stated.",
)
