"""The effects of a claim as a figure: a row a comparison, a panel an arm, one scale for all.

What an effect says of the claim is in its colour and, for readers without colours and for print, in
its marker: a filled circle supports, a cross contradicts, an open circle is undecided. An end that
is 0 or infinite, or an estimate, is an arrow at the edge of the scale.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.check.claim import Arm, Claim, Effect
from experiments.check.run import Judged
from lab.statistics.interval import Interval
from lab.statistics.verdict import Verdict
from reports import bands, style

#: Panels side by side at most; more are laid out in several rows.
ACROSS = 6
COLOURS = {
    Verdict.SUPPORTED: "#009E73",
    Verdict.NOT_SUPPORTED: "#D55E00",
    Verdict.INCONCLUSIVE: "#6F6F6F",
    Verdict.NOT_TESTABLE: "#6F6F6F",
}
MARKERS: dict[Verdict, dict[str, Any]] = {
    Verdict.SUPPORTED: {"marker": "o"},
    Verdict.NOT_SUPPORTED: {"marker": "x", "mew": 1.2, "ms": 4.0},
    Verdict.INCONCLUSIVE: {"marker": "o", "mfc": "white"},
    Verdict.NOT_TESTABLE: {"marker": "o", "mfc": "white"},
}
WORDS = {
    Verdict.SUPPORTED: "supports the claim",
    Verdict.NOT_SUPPORTED: "contradicts it",
    Verdict.INCONCLUSIVE: "undecided",
}


def draw(result: Judged, path: Path) -> bool:
    """Write the figure of a claim; False, and nothing written, where no effect has a number."""
    arms = [arm for arm in result.arms if any(_has_number(e) for e in arm.effects)]
    if not arms:
        return False
    from matplotlib.figure import Figure

    labels = list(dict.fromkeys(effect.label for arm in arms for effect in arm.effects))
    down = -(-len(arms) // ACROSS)
    across = -(-len(arms) // down)
    with style.applied():
        height = down * (0.55 + 0.145 * len(labels)) + 0.55
        fig = Figure(figsize=(style.TWO_COLUMNS, height), layout="constrained")
        axes = fig.subplots(down, across, sharex=True, sharey=True, squeeze=False).ravel()
        limits = _limits(result.claim, arms)
        for axis, arm in zip(axes, arms, strict=False):
            _panel(axis, arm, result.claim, labels, limits)
        for axis in axes[len(arms) :]:
            axis.set_visible(False)
        for axis in axes[: len(arms)][-across:]:
            axis.tick_params(labelbottom=True)
        fig.supxlabel(_quantity(result, arms), fontsize=7.0)
        fig.legend(handles=_legend(arms), loc="outside upper left", ncols=3, handletextpad=0.2)
    bands.write(fig, path, "svg")
    return True


def _panel(
    axis: Any, arm: Arm, claim: Claim, labels: Sequence[str], limits: tuple[float, float]
) -> None:
    axis.set_title(f"{arm.reading}\n{arm.name}", fontsize=6.5, loc="left")
    axis.set_yticks(range(len(labels)), labels)
    axis.tick_params(axis="y", length=0)
    axis.set_ylim(len(labels) - 0.4, -0.6)
    axis.set_xscale("linear" if claim.linear else "log")
    axis.set_xlim(*limits)
    axis.locator_params(axis="x", **({"nbins": 3} if claim.linear else {"numticks": 4}))
    axis.minorticks_off()
    axis.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    for mark in claim.marks:
        axis.axvline(mark, color="black", lw=0.6, ls=(0, (1.0, 1.6)))
    for row in range(1, len(labels)):
        if _group(labels[row]) != _group(labels[row - 1]):
            axis.axhline(row - 0.5, color="#D9D9D9", lw=0.4)
    for effect in arm.effects:
        if _has_number(effect):
            _bar(axis, labels.index(effect.label), effect, limits, claim.linear)


def _bar(axis: Any, y: int, effect: Effect, limits: tuple[float, float], linear: bool) -> None:
    colour = COLOURS[effect.verdict]
    ends = _ends(effect.interval)
    low, estimate, high = (min(max(end, limits[0]), limits[1]) for end in ends)
    axis.plot([low, high], [y, y], color=colour, lw=1.2, solid_capstyle="butt")
    shown = linear or (min(ends) > 0.0 and math.isfinite(max(ends)))
    outside = {} if shown else dict(zip(limits, "<>", strict=True))
    for end in {low, high} & set(outside):
        _mark(axis, end, y, colour, marker=outside[end], ms=3.0)
    if estimate not in outside:
        _mark(axis, estimate, y, colour, **{"ms": 3.0, **MARKERS[effect.verdict]})


def _mark(axis: Any, x: float, y: float, colour: str, **marker: Any) -> None:
    axis.plot([x], [y], color=colour, ls="", clip_on=False, zorder=3, **marker)


def _limits(claim: Claim, arms: Sequence[Arm]) -> tuple[float, float]:
    """A scale that holds the thresholds and every end that it can show."""
    ends = [
        end
        for arm in arms
        for effect in arm.effects
        if _has_number(effect)
        for end in _ends(effect.interval)
        if math.isfinite(end) and (end > 0.0 or claim.linear)
    ]
    if claim.linear:
        return 0.0, max(1.0, *ends)
    low, high = min(*ends, *claim.marks), max(*ends, *claim.marks)
    room = max(1.15, (high / low) ** 0.06)
    return low / room, high * room


def _ends(interval: Interval) -> tuple[float, float, float]:
    """Low end, estimate and high end; the estimate thrice where there is no interval."""
    estimate = interval.estimate
    assert estimate is not None
    if interval.low is None or interval.high is None:
        return estimate, estimate, estimate
    return interval.low, estimate, interval.high


def _has_number(effect: Effect) -> bool:
    return effect.interval.estimate is not None


def _group(label: str) -> str:
    """What rows have in common: a comparison's part before the rival, where it has one."""
    return label.rpartition(": ")[0]


def _quantity(result: Judged, arms: Sequence[Arm]) -> str:
    """The axis: what is shown, with which intervals, from how many seeds, and where the rule is."""
    effects = [effect for arm in arms for effect in arm.effects]
    levels = {round(100 * e.interval.confidence, 2) for e in effects}
    interval = "95 % intervals" if levels == {95.0} else "95 % intervals adjusted for the family"
    seeds = sorted({e.interval.n for e in effects if e.interval.n})
    n = f", n = {' or '.join(f'{count:,}' for count in seeds)} seeds" if seeds else ""
    marks = " and ".join(f"{mark:.3g}" for mark in result.claim.marks)
    rule = "threshold" if len(result.claim.marks) == 1 else "thresholds"
    return f"{result.claim.quantity}\n{interval}{n}; dotted: the rule's {rule}, {marks}"


def _legend(arms: Sequence[Arm]) -> list[Any]:
    from matplotlib.lines import Line2D

    met = {effect.verdict for arm in arms for effect in arm.effects}
    return [
        Line2D([], [], ls="", color=COLOURS[verdict], label=words,
               **{"ms": 3.5, **MARKERS[verdict]})
        for verdict, words in WORDS.items()
        if verdict in met
    ]  # fmt: skip
