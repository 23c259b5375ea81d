"""What a claim is: a statement of the paper with the rule that decides it, written before the data.

A claim is judged in arms. Each arm is one reading of the question: as published (protocol and
channel), the same protocol with noise that acts, and at equal tuning. The claim's own verdict is
that of its first arm, the paper's own setting; the others stand beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lab.statistics.bootstrap import MedianRatio
from lab.statistics.holm import holm_confidences
from lab.statistics.interval import Interval
from lab.statistics.tost import equivalence
from lab.statistics.verdict import Direction, Verdict, decide

AS_PUBLISHED = "as published"
ACTING = "noise that acts"
TUNED = "equal tuning"
REPAIRED = "repaired"
BEYOND = "beyond the paper"


@dataclass(frozen=True)
class Effect:
    """One comparison inside an arm: what was compared, its interval, and what it says."""

    label: str
    interval: Interval
    verdict: Verdict


@dataclass(frozen=True)
class Arm:
    """One reading of a claim.

    measured: a sentence. facts: further numbers, by name, that the interpretation of the claim
    quotes and the verdict does not rest on.
    """

    reading: str
    name: str
    verdict: Verdict
    measured: str
    effects: tuple[Effect, ...] = ()
    facts: Mapping[str, float] = field(default_factory=dict)

    def ratio(self, label: str) -> float:
        """The estimate of the effect of this label; NaN where it is undefined."""
        (found,) = (effect.interval.estimate for effect in self.effects if effect.label == label)
        return math.nan if found is None else found

    @property
    def headline(self) -> Effect | None:
        """The effect the verdict rests on most.

        The first against the claim, else undecided, else the first.
        """
        for verdict in (Verdict.NOT_SUPPORTED, Verdict.INCONCLUSIVE):
            for effect in self.effects:
                if effect.verdict == verdict:
                    return effect
        return self.effects[0] if self.effects else None


@dataclass(frozen=True)
class Claim:
    """A statement of the paper, how it is measured, and the rule that decides it.

    evaluate: from the evidence (`experiments.check.evidence.Evidence`) to the arms, the paper's own
    setting first. interpret: from these arms to a paragraph: what the verdict means, why it came
    out so, what not to conclude. quantity: what an effect is, as on the axis of a figure; marks:
    the thresholds of the rule there; linear: its scale is not logarithmic. work: what `evaluate`
    computes, by name, each with its cost relative to one grid; what claims share costs once.
    limits: what the verdict cannot say.
    """

    id: str
    title: str
    statement: str
    paper: str
    measure: str
    design: str
    rule: str
    evaluate: Callable[[Any], Sequence[Arm]]
    interpret: Callable[[Sequence[Arm]], str]
    quantity: str
    work: Mapping[str, float]
    marks: tuple[float, ...] = (1.0,)
    linear: bool = False
    limits: str = ""


def judge(
    ratios: Sequence[tuple[str, MedianRatio]],
    threshold: float,
    direction: Direction,
    margin: float | None = None,
) -> tuple[Effect, ...]:
    """A family of ratios against one threshold, with Holm's correction.

    margin: ratios shown to lie within a factor 1 + margin of 1 (TOST) contradict a claim of a
    difference.
    """
    p_values = [ratio.p_value(threshold) for _, ratio in ratios]
    effects = []
    for (label, ratio), confidence in zip(ratios, holm_confidences(p_values), strict=True):
        interval = ratio.interval(confidence)
        same = margin is not None and equivalence(ratio, margin).equivalent
        effects.append(Effect(label, interval, decide(interval, threshold, direction, same)))
    return tuple(effects)


def all_of(effects: Sequence[Effect]) -> Verdict:
    """The verdict on "every one of these": one contradiction contradicts it."""
    verdicts = {effect.verdict for effect in effects}
    if Verdict.NOT_SUPPORTED in verdicts:
        return Verdict.NOT_SUPPORTED
    return Verdict.SUPPORTED if verdicts == {Verdict.SUPPORTED} else Verdict.INCONCLUSIVE


def any_of(effects: Sequence[Effect]) -> Verdict:
    """The verdict on "at least one of these"."""
    verdicts = {effect.verdict for effect in effects}
    if Verdict.SUPPORTED in verdicts:
        return Verdict.SUPPORTED
    return Verdict.NOT_SUPPORTED if verdicts == {Verdict.NOT_SUPPORTED} else Verdict.INCONCLUSIVE
