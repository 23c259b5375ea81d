"""C10: GreedyLR converges faster early on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from experiments.check.claim import ACTING, AS_PUBLISHED, TUNED, Arm, Claim, all_of, judge
from experiments.check.evidence import NOISES, RIVALS, SUBJECT, Evidence
from experiments.check.interpretation import choose, listed, number, pick
from experiments.check.pools import FLOOR, P50, quantiles_of_pools, quotient
from experiments.check.protocol import STEPS, pooled, series
from lab.statistics.verdict import Direction

THRESHOLD = 1.0
MARGIN = 0.05
FRACTIONS = (0.1, 0.5, 1.0)


def evaluate(evidence: Evidence) -> list[Arm]:
    """Without noise (which is what the published channel is), in the batch channel, and tuned."""
    return [
        _arm(evidence, AS_PUBLISHED, "published", ("none",)),
        _arm(evidence, ACTING, "batch", NOISES[1:]),
        _arm(evidence, TUNED, "published", ("none",), evidence.rates),
    ]


def _arm(
    evidence: Evidence,
    reading: str,
    channel: str,
    noises: tuple[str, ...],
    rates: Mapping[tuple[str, str], float] | None = None,
) -> Arm:
    at = [round(fraction * STEPS) for fraction in FRACTIONS]
    parts: list[list[dict[str, np.ndarray]]] = [[] for _ in at]
    for noise in noises:
        for found in series(
            evidence.names, evidence.seeds, noise, channel, threads=evidence.threads, rates=rates
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


def interpret(arms: Sequence[Arm]) -> str:
    """The lead grows with the time that rates have had to part."""
    first, acting, tuned = arms[0], pick(arms, ACTING), pick(arms, TUNED)
    early, late = FRACTIONS[0], FRACTIONS[-1]
    texts = [
        choose(
            first.verdict,
            "At each of the three times the median lane of GreedyLR has less of its initial loss"
            " left than that of any rival.",
            "At one of the three times at least, some rival's median lane has as little of its"
            " initial loss left as GreedyLR's, or less.",
            "Not at all three times is the median lane of GreedyLR shown to have less of its"
            " initial loss left than those of all rivals.",
        ),
        f"After {100 * early:g} % of the steps the ratios to the rivals are"
        f" {_listed(first, early)}, after {100 * late:g} % {_listed(first, late)}. All begin at one"
        " rate, and cosine has hardly left it after the first tenth: a difference there comes of"
        " what GreedyLR does with its rate in the first steps, a later one also of what the others"
        " have given up by then. Noise in the batch channel makes the first ratios"
        f" {_listed(acting, early)}.",
        f"At equal tuning they are {_listed(tuned, early)} early and {_listed(tuned, late)} at the"
        " end: the initial rate decides most of what is early about a run. The verdict is about"
        " steps of a short run from one rate; it says nothing on the time that a step takes, nor on"
        " runs that begin at a rate found for each schedule with more care than on a grid.",
    ]
    return " ".join(texts)


def _listed(arm: Arm, fraction: float) -> str:
    return listed(
        [f"{number(arm.ratio(f'{100 * fraction:g} % of the steps: {r}'))} ({r})" for r in RIVALS]
    )


CLAIM = Claim(
    id="C10",
    title="faster early convergence",
    statement="GreedyLR's loss is lower already early in training.",
    paper="loss at 10 %, 50 % and 100 % of the steps",
    measure="median over all lanes of f_t / f_0 at 10, 50, 100 % of the steps, GreedyLR / rival",
    design="11 landscapes, Adam, lr 0.01, 200 steps, paired seeds; without noise, with the eight"
    " noise models at strength 0.5 in the batch channel, and without noise at each schedule's own"
    " rate",
    rule=f"supported: at every fraction and for every rival the Holm-adjusted 95 % interval lies"
    f" below {THRESHOLD:g} (one family of nine); not supported: for one it lies above, or the two"
    f" are equivalent within {100 * MARGIN:g} %; otherwise inconclusive",
    evaluate=evaluate,
    interpret=interpret,
    quantity="median of f_t / f_0, GreedyLR / rival",
    work={
        "published, tuned": 1.1,
        "C10": 0.5,
    },
    limits="Analytic models only.",
)
