"""C8: F >= 0.5 is stable and its value matters little; F = 0.25 diverges."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from experiments.check.claim import AS_PUBLISHED, Arm, Claim, Effect, all_of
from experiments.check.evidence import Evidence
from experiments.check.interpretation import choose, percent
from experiments.components import SCHEDULES as KNOWN
from experiments.optimal_f.stability import LOW, SCHEDULES, STEPS, Stability, run_stability
from lab.statistics.bootstrap import MedianRatio
from lab.statistics.holm import simultaneous_confidence
from lab.statistics.interval import Interval
from lab.statistics.verdict import Verdict

#: Shares of the scenarios in which a statement must hold, and below which it fails.
MOST, FEW = 0.95, 0.5
STABLE, DIVERGES, ALIKE = "F >= 0.5 is stable", "F = 0.25 diverges", "F >= 0.5 lies within 1.5 %"


def evaluate(evidence: Evidence) -> list[Arm]:
    """Every landscape with and without noise, with adam and sgd; the release and Algorithm 1."""
    seeds = min(evidence.seeds, 200)
    found = run_stability(seeds, threads=evidence.threads, progress=evidence.log)
    return [_arm(name, [s for s in found if s.schedule == name]) for name in SCHEDULES]


def _arm(name: str, found: Sequence[Stability]) -> Arm:
    seeds = found[0].request.seeds
    effects = (
        _effect(STABLE, [s.stable for s in found], [s.halves.stable for s in found], seeds),
        _effect(
            DIVERGES, [s.low_diverges for s in found], [s.halves.low_diverges for s in found], seeds
        ),
        _effect(ALIKE, [s.alike for s in found], [s.halves.alike for s in found], seeds),
    )
    shown = "; ".join(f"{e.label} in {percent(e.interval.estimate or 0.0)}" for e in effects)
    measured = f"of {len(found)} scenarios: {shown}"
    return Arm(AS_PUBLISHED, name, all_of(effects), measured, effects)


def _effect(label: str, holds: Sequence[bool], halves: Sequence[np.ndarray], seeds: int) -> Effect:
    """The share of scenarios in which a statement holds.

    The scenarios are all there are, no sample; what is sampled, and gives the share its interval,
    are the seeds within them, the same in every scenario. They are halved for all at once.
    """
    share = MedianRatio(float(np.mean(holds)), np.mean(halves, axis=0), seeds, "")
    interval = share.interval(simultaneous_confidence(3))
    return Effect(label, interval, _decide(interval))


def _decide(interval: Interval) -> Verdict:
    if interval.low is None or interval.high is None:
        return Verdict.INCONCLUSIVE
    if interval.low >= MOST:
        return Verdict.SUPPORTED
    return Verdict.NOT_SUPPORTED if interval.high < FEW else Verdict.INCONCLUSIVE


def interpret(arms: Sequence[Arm]) -> str:
    """What keeps a schedule stable are its patience and bounds, more than F."""
    release, simple = arms
    patience = int(KNOWN.choose("greedy").values["patience"])
    texts = [
        choose(
            release.verdict,
            "On nearly all landscapes the three statements hold of the release:"
            f" {_shares(release)}.",
            "Of the release the three statements do not hold together; the shares of the scenarios"
            f" are: {_shares(release)}.",
            f"Of the release the statements are neither borne out nor refuted: {_shares(release)}.",
        ),
        f"The release changes the rate at most once in {patience + 1} calls, which is"
        f" {STEPS // (patience + 1)} times in {STEPS} steps, and keeps it between two bounds; in"
        f" such a run even F = {LOW:g} has few occasions. Algorithm 1 changes the rate at every"
        " step and as printed has no bounds: F is the length of the steps of a walk of the rate's"
        f" logarithm, with nothing to hold it. Its shares: {_shares(simple)}."
        " Whether a value of F is stable is thus less a property of F than of"
        " patience, bounds and length of the run.",
        "What does not follow is that small F is safe in the release: a longer run, a smaller"
        " patience or wider bounds make a different case. The paper's figure is one language model"
        " and one run; here most lanes of a scenario decide, and the scenarios are those landscapes"
        " that the laboratory has, which stand for no population. The intervals are those of the"
        " seeds alone.",
    ]
    return " ".join(texts)


def _shares(arm: Arm) -> str:
    return "; ".join(f"{e.label}, {percent(e.interval.estimate or 0.0)}" for e in arm.effects)


CLAIM = Claim(
    id="C8",
    title="stability in F",
    statement="F >= 0.5 is stable and insensitive, F = 0.25 diverges.",
    paper="Phi-2, 250 steps: F = 0.25 ends at 7.78 (from 2.28); 0.5, 0.75, 0.99 at 1.89, 1.92,"
    " 1.91, within 1.5 %",
    measure="share of scenarios in which F >= 0.5 ends below its start on most lanes, in which"
    " F = 0.25 does not, and in which the medians of F >= 0.5 lie within 1.5 % of one another",
    design="every landscape, with and without Gaussian noise, adam and sgd at their default rates,"
    " 250 steps, F from 0.1 to 0.99",
    rule="by the simultaneous 95 % intervals of the shares, over the seeds: supported: each lies at"
    f" {100 * MOST:g} % or above; not supported: one lies below {100 * FEW:g} %; otherwise"
    " inconclusive",
    evaluate=evaluate,
    interpret=interpret,
    quantity="share of scenarios",
    marks=(FEW, MOST),
    linear=True,
    work={
        "C8": 0.6,
    },
    limits="Analytic landscapes; the paper's figure is one language model and one run. The"
    " scenarios are a census of the registry: the intervals cover the seeds within them, no other"
    " landscapes.",
)
