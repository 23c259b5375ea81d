"""C1: GreedyLR reaches a lower median final loss."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from experiments.check.claim import ACTING, AS_PUBLISHED, BEYOND, TUNED, Arm, Claim, all_of, judge
from experiments.check.evidence import BASELINE, CHANNELS, RIVALS, SUBJECT, Evidence, Grid
from experiments.check.interpretation import choose, listed, number, percent, pick, spread
from experiments.check.pools import P50, behind, everything, median_ratios, quantiles_of
from experiments.check.protocol import RATE, STEPS, mean_rates
from lab.statistics.verdict import Direction

THRESHOLD = 1.0
#: Medians closer than this count as equal.
MARGIN = 0.05


def evaluate(evidence: Evidence) -> list[Arm]:
    """As published, where noise acts, at equal tuning, and against no schedule at all."""
    arms = [_arm(evidence.grid("published"), AS_PUBLISHED, "published")]
    facts = mean_rates(evidence.names, evidence.seeds, evidence.threads)
    arms[0] = replace(arms[0], facts=facts)
    arms += [_arm(evidence.grid(channel), ACTING, channel) for channel in CHANNELS[1:]]
    arms += [_arm(evidence.grid(c, tuned=True), TUNED, c) for c in ("published", "batch")]
    arms += [
        _arm(evidence.grid("batch", tuned), BEYOND, f"a constant rate, {words}", (BASELINE,))
        for tuned, words in ((False, "shared"), (True, "tuned"))
    ]
    return arms


def _arm(grid: Grid, reading: str, name: str, rivals: Sequence[str] = RIVALS) -> Arm:
    found = quantiles_of(grid, everything)
    effects = judge(median_ratios(found, rivals=rivals), THRESHOLD, Direction.BELOW, MARGIN)
    medians = ", ".join(f"{s} {found[s].estimates[P50]:.3g}" for s in (SUBJECT, *rivals))
    measured = f"pooled median final loss: {medians}"
    return Arm(reading, name, all_of(effects), measured, effects, behind(grid))


def interpret(arms: Sequence[Arm]) -> str:
    """What decides is how far the rates let the optimizer walk; a constant rate shows how much."""
    first = arms[0]
    rates = listed([f"{name} {number(rate)}" for name, rate in first.facts.items()])
    shared, tuned = pick(arms, ACTING, "batch"), pick(arms, TUNED, "batch")
    each = pick(arms, TUNED, "published").facts
    constants = [pick(arms, BEYOND, f"a constant rate, {how}") for how in ("shared", "tuned")]
    texts = [
        choose(
            first.verdict,
            "Over all lanes the median final loss of GreedyLR is below that of each of the study's"
            f" schedules: it is {spread([first.ratio(r) for r in RIVALS])} times theirs.",
            "For at least one of the study's schedules the median final loss is as low as that of"
            f" GreedyLR or lower: GreedyLR's is {spread([first.ratio(r) for r in RIVALS])} times"
            " theirs.",
            "The intervals do not set GreedyLR's median final loss apart from those of all three"
            f" schedules: it is {spread([first.ratio(r) for r in RIVALS])} times theirs.",
        ),
        f"{STEPS} steps at a rate around {RATE:g} end most of these descents on the way, so that a"
        " final loss tells foremost how far the rates let Adam walk. Their means over the run,"
        f" without noise and in units of the initial rate, are: {rates} (medians over the"
        " functions).",
        "The constant rate, which the study leaves out, separates keeping the rate up from reacting"
        " to the loss. " + _decomposed("At the shared rate", shared, constants[0]) + " "
        + _decomposed("With each schedule at its own best rate", tuned, constants[1]),
        "What does not follow: that GreedyLR deals better with noise, of which none acts as"
        " published (C11); that the order would be the same in a run long enough for a small last"
        " rate to pay; that GreedyLR is ahead on every function, as the pool joins functions of"
        " different scale and its median is made by those whose losses lie near it (function by"
        " function, without noise and at tuned rates, some rival has the lower median on"
        f" {each['behind']:.0f} of {each['functions']:.0f}); and anything about"
        " networks.",
    ]  # fmt: skip
    return " ".join(texts)


def _decomposed(setting: str, rivals: Arm, constant: Arm) -> str:
    """Of the lead over cosine, on the logarithmic scale, the part that a constant rate has too."""
    ours, kept = rivals.ratio("cosine"), constant.ratio(BASELINE)
    text = (
        f"{setting} (batch channel) the constant rate's median is {number(ours / kept)} times that"
        f" of cosine, GreedyLR's {number(ours)} times"
    )
    if not 0.0 < ours < ours / kept < 1.0:
        return f"{text}."
    share = math.log(ours / kept) / math.log(ours)
    return (
        f"{text}: on a logarithmic scale {percent(share)} of the lead is had by never lowering the"
        " rate."
    )


CLAIM = Claim(
    id="C1",
    title="lower median final loss",
    statement="GreedyLR reaches a significantly lower median loss than traditional schedules.",
    paper="median 0.148 against cosine 0.232, restarts 0.226, exponential 0.249 over all models;"
    " on the analytic models alone 3.08 against 7.96, 7.96, 36.12",
    measure="median of f(x_(T-1)) over all lanes of all cells, GreedyLR (both patiences) / rival",
    design="11 landscapes x 9 noises x 3 strengths, Adam, lr 0.01, 200 steps, paired seeds",
    rule=f"supported: for all three rivals the Holm-adjusted 95 % interval of the ratio lies below"
    f" {THRESHOLD:g}; not supported: for one it lies above, or the two are equivalent within"
    f" {100 * MARGIN:g} %; otherwise inconclusive",
    evaluate=evaluate,
    interpret=interpret,
    quantity="median final loss, GreedyLR / other",
    work={
        "published": 1.0,
        "metric": 1.0,
        "gradient": 1.0,
        "batch": 1.0,
        "parameters": 1.0,
        "published, tuned": 1.1,
        "batch, tuned": 3.1,
        "C1": 0.5,
    },
    limits="The paper pools four analytic and eight network models; only the analytic ones run"
    " here. A pooled median mixes functions of different scale.",
)
