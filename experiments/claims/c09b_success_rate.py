"""C9b: GreedyLR succeeds more often."""

from __future__ import annotations

from experiments.claim import ACTING, AS_PUBLISHED, TUNED, Arm, Claim, all_of, judge
from experiments.evidence import CHANNELS, RIVALS, SUBJECT, Evidence, Grid
from experiments.pools import everything, share, success_ratio
from lab.statistics.verdict import Direction

#: Final losses that could count as success; the published figure does not say which does.
TARGETS = (1e-3, 1e-2, 1e-1, 1.0, 10.0)
THRESHOLD = 1.0


def evaluate(evidence: Evidence) -> list[Arm]:
    """As published, in the four channels where noise acts, and at equal tuning."""
    arms = [_arm(evidence.grid("published"), AS_PUBLISHED, "published")]
    arms += [_arm(evidence.grid(channel), ACTING, channel) for channel in CHANNELS[1:]]
    arms.append(_arm(evidence.grid("batch", tuned=True), TUNED, "batch"))
    return arms


def _arm(grid: Grid, reading: str, name: str) -> Arm:
    pools = grid.pools("last", everything)
    ratios = [
        (f"final loss <= {target:g}: {r}", success_ratio(pools[SUBJECT], pools[r], target))
        for target in TARGETS
        for r in RIVALS
    ]
    effects = judge(ratios, THRESHOLD, Direction.ABOVE)
    shown = "; ".join(
        f"<= {t:g}: {100 * share(pools[SUBJECT], t):.3g} % against "
        + "/".join(f"{100 * share(pools[r], t):.3g}" for r in RIVALS)
        for t in TARGETS
    )
    return Arm(reading, name, all_of(effects), f"success at a final loss {shown}", effects)


CLAIM = Claim(
    id="C9b",
    title="higher success rate",
    statement="GreedyLR succeeds more often than traditional schedules.",
    paper="94.8 % against 60.4 % (repository documents, not the paper; success is not defined)",
    measure="share of lanes with f(x_(T-1)) at or below a threshold, GreedyLR / rival, for five"
    " thresholds",
    design="as C1",
    rule=f"supported: at every threshold and for every rival the Holm-adjusted 95 % interval of the"
    f" ratio lies above {THRESHOLD:g} (one family of 15); not supported: for one it lies below;"
    " otherwise inconclusive",
    evaluate=evaluate,
    limits="Analytic models only. The verdict depends on what counts as success: the effects list"
    " every threshold.",
)
