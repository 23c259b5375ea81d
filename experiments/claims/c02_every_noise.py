"""C2: GreedyLR has the lowest median under every type of noise."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.check.claim import ACTING, AS_PUBLISHED, TUNED, Arm, Claim, Effect, all_of, judge
from experiments.check.evidence import CHANNELS, NOISES, Evidence, Grid
from experiments.check.interpretation import choose, listed, number
from experiments.check.pools import median_ratios, quantiles_of
from lab.statistics.verdict import Direction, Verdict

THRESHOLD = 1.0
MARGIN = 0.05


def evaluate(evidence: Evidence) -> list[Arm]:
    """As published, in the four channels where noise acts, and at equal tuning."""
    arms = [_arm(evidence.grid("published"), AS_PUBLISHED, "published")]
    arms += [_arm(evidence.grid(channel), ACTING, channel) for channel in CHANNELS[1:]]
    arms.append(_arm(evidence.grid("batch", tuned=True), TUNED, "batch"))
    return arms


def _arm(grid: Grid, reading: str, name: str) -> Arm:
    ratios = []
    for noise in NOISES:
        found = quantiles_of(grid, lambda cell, of=noise: _is(cell.noise, of))
        ratios += median_ratios(found, f"{noise}: {{rival}}")
    effects = judge(ratios, THRESHOLD, Direction.BELOW, MARGIN)
    missed = _missed(effects)
    measured = f"lowest of all under {len(NOISES) - len(missed)} of {len(NOISES)} noise types"
    if missed:
        measured += f"; not under {', '.join(missed)}"
    return Arm(reading, name, all_of(effects), measured, effects)


def _missed(effects: Sequence[Effect]) -> list[str]:
    """The noise types under which GreedyLR is not shown to be the lowest."""
    against = {e.label.split(":")[0] for e in effects if e.verdict != Verdict.SUPPORTED}
    return [noise for noise in NOISES if noise in against]


def _is(written: str, name: str) -> bool:
    return written == name or written.startswith(f"{name}:")


def interpret(arms: Sequence[Arm]) -> str:
    """Nine names of one experiment as published; what each channel makes of them."""
    first, others = arms[0], arms[1:]
    missed = len(_missed(first.effects))
    count = f"{len(NOISES) - missed} of the {len(NOISES)}"
    texts = [
        choose(
            first.verdict,
            f"As published GreedyLR has the lowest median under {count} noise types.",
            f"As published GreedyLR has the lowest median under {count} noise types only.",
            f"As published GreedyLR is shown to have the lowest median under {count} noise types"
            " only; the others are undecided.",
        ),
        f"But as published these are not {len(NOISES)} findings: the noise term reaches neither the"
        " gradient nor the schedule, the lanes are the same under every type bit for bit, and the"
        " rows repeat C1. The claim becomes a question where the noise acts. "
        + " ".join(_channel(arm) for arm in others),
        "A ratio that comes near 1 where the noise moves the parameters is not a schedule's doing"
        " alone: noise that keeps throwing the lanes off puts a floor under the loss of all"
        " schedules. What does not follow is that GreedyLR is the more robust one: for that its"
        " own loss with noise would have to be held against its loss without (C11); a lead that it"
        " has without noise and keeps is the same lead. Each type pools three strengths.",
    ]
    return " ".join(texts)


def _channel(arm: Arm) -> str:
    missed = _missed(arm.effects)
    where = f"{arm.reading}, {arm.name}"
    worst = max(arm.effects, key=lambda e: e.interval.estimate or 0.0)
    least = f"the smallest lead is a ratio of {number(worst.interval.estimate or 0.0)}"
    if not missed:
        return f"{where.capitalize()}: lowest under all; {least} ({worst.label})."
    return (
        f"{where.capitalize()}: not lowest, or not shown to be, under {listed(missed)}; the largest"
        f" ratio is {number(worst.interval.estimate or 0.0)} ({worst.label})."
    )


CLAIM = Claim(
    id="C2",
    title="lowest median under every noise type",
    statement="GreedyLR has the lowest median final loss under each of the nine noise types.",
    paper="all nine",
    measure="as C1, a noise type at a time",
    design="as C1",
    rule=f"supported: for every noise type and rival the Holm-adjusted 95 % interval of the ratio"
    f" lies below {THRESHOLD:g} (one family of 27); not supported: for one it lies above, or the"
    f" two are equivalent within {100 * MARGIN:g} %; otherwise inconclusive",
    evaluate=evaluate,
    interpret=interpret,
    quantity="median final loss, GreedyLR / rival",
    work={
        "published": 1.0,
        "metric": 1.0,
        "gradient": 1.0,
        "batch": 1.0,
        "parameters": 1.0,
        "batch, tuned": 3.1,
        "C2": 0.6,
    },
    limits="In the published channel the noise types differ in name only: the same lanes run in"
    " each, bit for bit.",
)
