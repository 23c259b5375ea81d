"""C8: F >= 0.5 is stable and its value matters little; F = 0.25 diverges."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from experiments.claim import AS_PUBLISHED, Arm, Claim, Effect, all_of
from experiments.evidence import Evidence
from experiments.f_stability import SCHEDULES, Stability, run_stability
from lab.statistics.interval import Interval
from lab.statistics.verdict import Verdict

#: Shares of the scenarios in which a statement must hold, and below which it fails.
MOST, FEW = 0.95, 0.5


def evaluate(evidence: Evidence) -> list[Arm]:
    """Every landscape with and without noise, with adam and sgd; the release and Algorithm 1."""
    seeds = min(evidence.seeds, 200)
    found = run_stability(seeds, threads=evidence.threads, progress=evidence.log)
    return [_arm(name, [s for s in found if s.schedule == name]) for name in SCHEDULES]


def _arm(name: str, found: Sequence[Stability]) -> Arm:
    parts: list[tuple[str, Callable[[Stability], bool]]] = [
        ("F >= 0.5 is stable", lambda s: s.stable),
        ("F = 0.25 diverges", lambda s: s.low_diverges),
        ("F >= 0.5 lies within 1.5 %", lambda s: s.alike),
    ]
    effects = tuple(_effect(label, [holds(s) for s in found]) for label, holds in parts)
    shown = "; ".join(f"{e.label} in {100 * (e.interval.estimate or 0.0):.3g} %" for e in effects)
    measured = f"of {len(found)} scenarios: {shown}"
    return Arm(AS_PUBLISHED, name, all_of(effects), measured, effects)


def _effect(label: str, holds: Sequence[bool]) -> Effect:
    """A share of scenarios; they are a census, not a sample, so it has no interval."""
    share = sum(holds) / len(holds)
    verdict = Verdict.INCONCLUSIVE
    if share >= MOST:
        verdict = Verdict.SUPPORTED
    elif share < FEW:
        verdict = Verdict.NOT_SUPPORTED
    note = "a census of scenarios"
    return Effect(label, Interval(share, None, None, len(holds), note), verdict)


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
    rule=f"supported: each statement holds in at least {100 * MOST:g} % of the scenarios; not"
    f" supported: one holds in fewer than {100 * FEW:g} %; otherwise inconclusive",
    evaluate=evaluate,
    limits="Analytic landscapes; the paper's figure is one language model and one run.",
)
