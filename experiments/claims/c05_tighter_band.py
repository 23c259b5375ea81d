"""C5: GreedyLR has the tighter band from p10 to p90, and a p90 below the others' medians."""

from __future__ import annotations

from experiments.claim import ACTING, AS_PUBLISHED, TUNED, Arm, Claim, all_of, judge
from experiments.evidence import CHANNELS, RIVALS, SUBJECT, Evidence, Grid
from experiments.pools import P10, P50, P90, everything, quantiles_of, quotient
from lab.statistics.bootstrap import MedianRatio
from lab.statistics.pooled import PooledQuantiles
from lab.statistics.verdict import Direction

THRESHOLD = 1.0


def evaluate(evidence: Evidence) -> list[Arm]:
    """As published, in the four channels where noise acts, and at equal tuning."""
    arms = [_arm(evidence.grid("published"), AS_PUBLISHED, "published")]
    arms += [_arm(evidence.grid(channel), ACTING, channel) for channel in CHANNELS[1:]]
    arms.append(_arm(evidence.grid("batch", tuned=True), TUNED, "batch"))
    return arms


def _arm(grid: Grid, reading: str, name: str) -> Arm:
    found = quantiles_of(grid, everything)
    widths = {schedule: quotient(q, P90, q, P10) for schedule, q in found.items()}
    ratios = [(f"width: {r}", _relative(widths[SUBJECT], widths[r])) for r in RIVALS]
    ratios += [(f"p90 / median of {r}", _reach(found, r)) for r in RIVALS]
    effects = judge(ratios, THRESHOLD, Direction.BELOW)
    shown = ", ".join(f"{s} {widths[s].estimate:.3g}x" for s in (SUBJECT, *RIVALS))
    measured = f"p90 / p10 of the pooled final loss: {shown}"
    return Arm(reading, name, all_of(effects), measured, effects)


def _relative(ours: MedianRatio, theirs: MedianRatio) -> MedianRatio:
    """Our width over theirs."""
    return MedianRatio(
        ours.estimate / theirs.estimate, ours.replicates / theirs.replicates, ours.n, ""
    )


def _reach(found: dict[str, PooledQuantiles], rival: str) -> MedianRatio:
    """Our p90 over their median."""
    return quotient(found[SUBJECT], P90, found[rival], P50)


CLAIM = Claim(
    id="C5",
    title="tighter percentile band",
    statement="The band from p10 to p90 of the final loss is tighter, and GreedyLR's p90 lies below"
    " the others' medians.",
    paper="p10/p50/p90: GreedyLR .001/.01/.1 (100x); cosine .01/.3/3 (300x); restarts .02/.25/2.5"
    " (125x); exponential 1/100/1000 (1000x)",
    measure="p90 / p10 over all lanes of all cells, GreedyLR / rival; and GreedyLR's p90 / rival's"
    " median",
    design="as C1",
    rule=f"supported: for all three rivals both Holm-adjusted 95 % intervals lie below"
    f" {THRESHOLD:g} (one family of six); not supported: one lies above; otherwise inconclusive",
    evaluate=evaluate,
    limits="Analytic models only. The pool spans functions whose scales differ by more than the"
    " band's width, so the band measures the choice of functions as much as the schedule.",
)
