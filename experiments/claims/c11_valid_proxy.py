"""C11: noise added to the loss is a valid proxy for noise in training."""

from __future__ import annotations

import numpy as np

from experiments.claim import ACTING, Arm, Claim, Effect
from experiments.evidence import CHANNELS, Evidence
from experiments.pools import P50, quantiles_of, quotient
from experiments.study import Cell
from lab.statistics.holm import simultaneous_confidence
from lab.statistics.verdict import Verdict

#: A proxy may be this far off, as a factor on the median.
MARGIN = 0.10


def evaluate(evidence: Evidence) -> list[Arm]:
    """Each acting channel against the published one, on the same seeds."""
    return [_arm(evidence, channel) for channel in CHANNELS[1:]]


def _arm(evidence: Evidence, channel: str) -> Arm:
    proxy = quantiles_of(evidence.grid("published"), _noisy)
    acting = quantiles_of(evidence.grid(channel), _noisy)
    confidence = simultaneous_confidence(len(acting))
    effects = []
    for name, found in acting.items():
        interval = quotient(found, P50, proxy[name], P50).interval(confidence)
        effects.append(Effect(name, interval, _decide(interval.low, interval.high)))
    shown = ", ".join(f"{e.label} {e.interval.estimate:.3g}x" for e in effects)
    measured = f"median with noise in channel {channel} / in the published channel: {shown}"
    return Arm(ACTING, channel, _together(effects), measured, tuple(effects))


def _noisy(cell: Cell) -> bool:
    return cell.noise != "none"


def _decide(low: float | None, high: float | None) -> Verdict:
    if low is None or high is None:
        return Verdict.INCONCLUSIVE
    inside = low > 1 / (1 + MARGIN) and high < 1 + MARGIN
    outside = high < 1 / (1 + MARGIN) or low > 1 + MARGIN
    if inside:
        return Verdict.SUPPORTED
    return Verdict.NOT_SUPPORTED if outside else Verdict.INCONCLUSIVE


def _together(effects: list[Effect]) -> Verdict:
    verdicts = [effect.verdict for effect in effects]
    if Verdict.NOT_SUPPORTED in verdicts:
        return Verdict.NOT_SUPPORTED
    same = np.all([verdict == Verdict.SUPPORTED for verdict in verdicts])
    return Verdict.SUPPORTED if same else Verdict.INCONCLUSIVE


CLAIM = Claim(
    id="C11",
    title="noise added to the loss is a valid proxy",
    statement="A noise term added to the loss, without a gradient, stands for noise in training.",
    paper="argued from its zero gradient",
    measure="pooled median final loss where the noise acts / in the published channel, where it"
    " acts on nothing, a schedule and channel at a time",
    design="as C1 without noise none; the same seeds and draws in all channels",
    rule=f"supported: every simultaneous 95 % interval lies within a factor {1 + MARGIN:g} of 1;"
    " not supported: one lies wholly outside; otherwise inconclusive",
    evaluate=evaluate,
    limits="The published channel equals no noise bit for bit (a test shows it), so this asks"
    " whether noise that acts changes results.",
)
