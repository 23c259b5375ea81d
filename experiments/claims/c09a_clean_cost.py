"""C9a: without noise GreedyLR costs something."""

from __future__ import annotations

from experiments.claim import AS_PUBLISHED, TUNED, Arm, Claim, any_of, judge
from experiments.evidence import RIVALS, SUBJECT, Evidence, Grid
from experiments.pools import P50, median_ratios, quantiles_of
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
    return Arm(reading, "no noise", any_of(effects), f"median without noise: {medians}", effects)


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
    limits="Analytic models only; which rival the published figure refers to is not stated.",
)
