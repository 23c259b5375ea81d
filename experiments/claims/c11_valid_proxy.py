"""C11: noise added to the loss is a valid proxy for noise in training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from experiments.check.claim import ACTING, Arm, Claim, Effect
from experiments.check.evidence import CHANNELS, RIVALS, SUBJECT, Evidence
from experiments.check.interpretation import choose, number, spread
from experiments.check.pools import P50, quantiles_of, quotient
from experiments.study.declaration import Cell
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


def interpret(arms: Sequence[Arm]) -> str:
    """A term without a gradient is no noise; what noise does depends on where it enters."""
    first = arms[0]
    texts = [
        choose(
            first.verdict,
            f"In channel {first.name} noise that acts leaves every median within a factor"
            f" {1 + MARGIN:g} of what the published channel gives.",
            f"In channel {first.name} noise that acts moves at least one median by more than a"
            f" factor {1 + MARGIN:g}.",
            f"In channel {first.name} it is undecided whether noise that acts moves a median by a"
            f" factor {1 + MARGIN:g}.",
        ),
        "The argument for the proxy is that the term has no gradient. That is so, and is why it"
        " cannot stand for noise: added to the loss before it is differentiated, and kept from the"
        " schedule, it changes no number of a run. What noise does depends on where it enters. In"
        " the metric channel an open-loop schedule still sees none of it and its ratio is 1 by"
        " construction, so that what noise does there it does to a schedule that listens:"
        f" GreedyLR's factor is {number(first.ratio(SUBJECT))}. "
        + " ".join(_channel(arm) for arm in arms[1:]),
        "What does not follow is that every result as published is wrong: where a claim's other"
        " readings agree with the published one, it holds with noise as without. The results as"
        " published are results without noise, and should be quoted as such. The factors are those"
        " of the three strengths together and of these noise models; at other strengths"
        " they are others.",
    ]
    return " ".join(texts)


def _channel(arm: Arm) -> str:
    others = [arm.ratio(r) for r in RIVALS]
    return (
        f"In channel {arm.name} GreedyLR's factor is {number(arm.ratio(SUBJECT))}, the rivals'"
        f" {spread(others)}."
    )


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
    interpret=interpret,
    quantity="median with noise that acts / as published",
    marks=(1 / (1 + MARGIN), 1 + MARGIN),
    work={
        "published": 1.0,
        "metric": 1.0,
        "gradient": 1.0,
        "batch": 1.0,
        "parameters": 1.0,
    },
    limits="The published channel equals no noise bit for bit (a test shows it), so this asks"
    " whether noise that acts changes results.",
)
