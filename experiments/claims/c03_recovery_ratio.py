"""C3: GreedyLR has the higher recovery ratio in clean conditions."""

from __future__ import annotations

import numpy as np

from experiments.claim import AS_PUBLISHED, Arm, Claim, all_of, judge
from experiments.evidence import RIVALS, SUBJECT, Evidence
from experiments.pools import FLOOR, P50, P90, quantiles_of_pools, quotient
from experiments.protocol import pooled, series
from experiments.published_recovery import recovery_ratios
from lab.statistics.verdict import Direction

THRESHOLD = 1.0


def evaluate(evidence: Evidence) -> list[Arm]:
    """The published measure without noise; how much of it is the start is said beside it."""
    parts, starts = [], []
    for found in series(evidence.names, evidence.seeds, threads=evidence.threads):
        losses = {name: np.maximum(values[:-1], FLOOR) for name, values in found.losses.items()}
        parts.append({name: _ratios(values) for name, values in losses.items()})
        starts.append([np.mean(v.argmax(axis=0) == 0) for v in losses.values()])
    pools = quantiles_of_pools(pooled(parts))
    ratios = [(rival, quotient(pools[SUBJECT], P50, pools[rival], P50)) for rival in RIVALS]
    effects = judge(ratios, THRESHOLD, Direction.ABOVE)
    shown = ", ".join(
        f"{s} {pools[s].estimates[P50]:.3g}x (p90 {pools[s].estimates[P90]:.3g}x)"
        for s in (SUBJECT, *RIVALS)
    )
    measured = (
        f"median of max loss / mean of the last 10: {shown}; the largest loss is the start in"
        f" {100 * np.mean(starts):.3g} % of the lanes"
    )
    return [Arm(AS_PUBLISHED, "no noise", all_of(effects), measured, effects)]


def _ratios(losses: np.ndarray) -> np.ndarray:
    """Ratios of shape (cells, seeds); a lane that diverged recovered nothing."""
    found = recovery_ratios(np.moveaxis(losses, 1, 0))
    return np.where(np.isnan(found), FLOOR, found)


CLAIM = Claim(
    id="C3",
    title="higher recovery ratio",
    statement="In clean conditions GreedyLR recovers by a larger factor: max loss over the mean of"
    " the last 10 steps.",
    paper="median 134x, best 73,000x; cosine 132x, 5,000x; restarts 35.7x, 950x; exponential 4.9x,"
    " 450x (n = 720/360/360/360)",
    measure="median over all lanes of max loss / mean of the last 10 losses, GreedyLR / rival",
    design="11 landscapes without noise, Adam, lr 0.01, 200 steps, paired seeds",
    rule=f"supported: for all three rivals the Holm-adjusted 95 % interval of the ratio of medians"
    f" lies above {THRESHOLD:g}; not supported: for one it lies below; otherwise inconclusive",
    evaluate=evaluate,
    limits="Analytic models only. Without a perturbation there is nothing to recover from: the"
    " measure is start over end of an ordinary descent (C4 has recovery proper).",
)
