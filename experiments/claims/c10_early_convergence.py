"""C10: GreedyLR converges faster early on."""

from __future__ import annotations

import numpy as np

from experiments.claim import ACTING, AS_PUBLISHED, Arm, Claim, all_of, judge
from experiments.evidence import NOISES, RIVALS, SUBJECT, Evidence
from experiments.pools import FLOOR, P50, quantiles_of_pools, quotient
from experiments.protocol import STEPS, pooled, series
from lab.statistics.verdict import Direction

THRESHOLD = 1.0
MARGIN = 0.05
FRACTIONS = (0.1, 0.5, 1.0)


def evaluate(evidence: Evidence) -> list[Arm]:
    """Without noise (which is what the published channel is), and in the batch channel."""
    return [
        _arm(evidence, AS_PUBLISHED, "published", ("none",)),
        _arm(evidence, ACTING, "batch", NOISES[1:]),
    ]


def _arm(evidence: Evidence, reading: str, channel: str, noises: tuple[str, ...]) -> Arm:
    at = [round(fraction * STEPS) for fraction in FRACTIONS]
    parts: list[list[dict[str, np.ndarray]]] = [[] for _ in at]
    for noise in noises:
        for found in series(
            evidence.names, evidence.seeds, noise, channel, threads=evidence.threads
        ):
            for part, step in zip(parts, at, strict=True):
                part.append({name: _left(v, step) for name, v in found.losses.items()})
    ratios, shown = [], []
    for fraction, part in zip(FRACTIONS, parts, strict=True):
        pools = quantiles_of_pools(pooled(part))
        label = f"{100 * fraction:g} % of the steps"
        ratios += [(f"{label}: {r}", quotient(pools[SUBJECT], P50, pools[r], P50)) for r in RIVALS]
        values = ", ".join(f"{s} {pools[s].estimates[P50]:.3g}" for s in (SUBJECT, *RIVALS))
        shown.append(f"at {label} {values}")
    effects = judge(ratios, THRESHOLD, Direction.BELOW, MARGIN)
    measured = f"median loss relative to the start: {'; '.join(shown)}"
    return Arm(reading, channel, all_of(effects), measured, effects)


def _left(losses: np.ndarray, step: int) -> np.ndarray:
    """f_t / f_0, shape (cells, seeds)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = losses[step] / losses[0]
    return np.maximum(np.where(np.isnan(found), 1.0, found), FLOOR)


CLAIM = Claim(
    id="C10",
    title="faster early convergence",
    statement="GreedyLR's loss is lower already early in training.",
    paper="loss at 10 %, 50 % and 100 % of the steps",
    measure="median over all lanes of f_t / f_0 at 10, 50, 100 % of the steps, GreedyLR / rival",
    design="11 landscapes, Adam, lr 0.01, 200 steps, paired seeds; without noise, and with the"
    " eight noise models at strength 0.5 in the batch channel",
    rule=f"supported: at every fraction and for every rival the Holm-adjusted 95 % interval lies"
    f" below {THRESHOLD:g} (one family of nine); not supported: for one it lies above, or the two"
    f" are equivalent within {100 * MARGIN:g} %; otherwise inconclusive",
    evaluate=evaluate,
    limits="Analytic models only.",
)
