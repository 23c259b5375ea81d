"""A page for each claim: statement, figure, numbers, rule, and what it means in plain words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.check import Judged
from experiments.claim import TUNED, Arm
from lab.statistics.verdict import Verdict
from reports import style
from reports.numbers import with_interval

#: Effects that a figure shows at most; the page's table has them all.
SHOWN = 24
COLOURS = {
    Verdict.SUPPORTED: "#009E73",
    Verdict.NOT_SUPPORTED: "#D55E00",
    Verdict.INCONCLUSIVE: "#7F7F7F",
    Verdict.NOT_TESTABLE: "#7F7F7F",
}


def write(judged: Sequence[Judged], directory: Path, command: str) -> list[Path]:
    """An index and a page with a figure for every claim; returns the paths."""
    directory.mkdir(parents=True, exist_ok=True)
    paths = [directory / "index.md"]
    paths[0].write_text(
        f"# The claims\n\n`{command}`\n\n{verdict_table(judged)}\n", encoding="utf-8"
    )
    for result in judged:
        name = result.claim.id.lower()
        drawn = _draw(result, directory / f"{name}.svg")
        page = directory / f"{name}.md"
        page.write_text(_page(result, f"{name}.svg" if drawn else None, command), encoding="utf-8")
        paths.append(page)
    return paths


def verdict_table(judged: Sequence[Judged]) -> str:
    """Claims with the verdict of every arm, as a Markdown table."""
    lines = [
        "| claim | reading | arm | verdict | effect [interval] |",
        "| --- | --- | --- | --- | --- |",
    ]
    for result in judged:
        for i, arm in enumerate(result.arms):
            link = f"[{result.claim.id}]({result.claim.id.lower()}.md) {result.claim.title}"
            effect = arm.headline
            number = f"{effect.label}: {with_interval(effect.interval)}" if effect else ""
            cells = [link if i == 0 else "", arm.reading, arm.name, f"**{arm.verdict}**", number]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def meaning(result: Judged) -> str:
    """One paragraph: what the arms say together."""
    first, *others = result.arms
    sentences = [
        f"In the reading closest to the paper ({first.reading}, {first.name}) the claim is"
        f" **{first.verdict}**: {first.measured}."
    ]
    readings = dict.fromkeys(arm.reading for arm in others)
    for reading in readings:
        members = [arm for arm in others if arm.reading == reading]
        sentences.append(_reading(reading, members))
    if len({arm.verdict for arm in result.arms}) == 1 and others:
        sentences.append("All readings agree.")
    return " ".join(sentences)


def _reading(reading: str, arms: Sequence[Arm]) -> str:
    words = "; ".join(f"{arm.name} {arm.verdict}" for arm in arms)
    return f"{reading.capitalize()}: {words}."


def _page(result: Judged, figure: str | None, command: str) -> str:
    claim = result.claim
    parts = [
        f"# {claim.id}: {claim.title}",
        meaning(result),
        f"- **Claim.** {claim.statement}\n- **The paper's figure.** {claim.paper}\n"
        f"- **Measure.** {claim.measure}\n- **Design.** {claim.design}\n"
        f"- **Rule, fixed before the data.** {claim.rule}",
    ]
    if claim.limits:
        parts[-1] += f"\n- **Limits.** {claim.limits}"
    if figure:
        parts.append(f"![{claim.id}: {result.verdict}; {_finding(result)}]({figure})")
    for arm in result.arms:
        parts.append(f"## {arm.reading}: {arm.name}\n\n{arm.verdict}; {arm.measured}.")
        if arm.effects:
            rows = [
                "| compared | ratio [interval] | confidence | n | says |",
                "| --- | --- | --- | --- | --- |",
            ]
            rows += [
                f"| {e.label} | {with_interval(e.interval)} | {100 * e.interval.confidence:.4g} % |"
                f" {e.interval.n or ''} | {e.verdict} |"
                for e in arm.effects
            ]
            parts.append("\n".join(rows))
    parts.append(f"Made by `{command}`.")
    return "\n\n".join(parts) + "\n"


def _finding(result: Judged) -> str:
    effect = result.arms[0].headline
    return f"{effect.label} {with_interval(effect.interval)}" if effect else result.arms[0].measured


def _draw(result: Judged, path: Path) -> bool:
    """A forest plot of every arm's effects that have intervals; False where none has."""
    rows = [
        (f"{arm.name}{', tuned' if arm.reading == TUNED else ''}: {effect.label}", effect)
        for arm in result.arms
        for effect in arm.effects
        if _drawable(effect.interval)
    ][:SHOWN]
    if not rows:
        return False
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(style.SETTINGS):
        fig = Figure(figsize=(style.TWO_COLUMNS, 0.7 + 0.19 * len(rows)), layout="constrained")
        axis = fig.add_subplot()
        for y, (_, effect) in enumerate(rows):
            _bar(axis, y, effect)
        axis.set_yticks(range(len(rows)), [label for label, _ in rows])
        axis.invert_yaxis()
        axis.set_xscale("log")
        axis.axvline(1.0, color="black", lw=0.6, ls=":")
        n = max(effect.interval.n for _, effect in rows)
        seeds = f", n = {n:,} seeds" if n else ""
        axis.set_xlabel(
            f"ratio with its Holm-adjusted interval{seeds}; dotted: 1\n"
            "green: supports the claim, orange: contradicts it, grey: undecided"
        )
        axis.set_title(f"{result.claim.id}: {result.claim.title}", loc="left")
        fig.savefig(path, metadata={"Date": None})
    return True


def _drawable(interval: Any) -> bool:
    ends = (interval.low, interval.estimate, interval.high)
    return all(end is not None and math.isfinite(end) and end > 0.0 for end in ends)


def _bar(axis: Any, y: int, effect: Any) -> None:
    colour = COLOURS[effect.verdict]
    interval = effect.interval
    axis.plot([interval.low, interval.high], [y, y], color=colour, lw=1.4, solid_capstyle="butt")
    axis.plot([interval.estimate], [y], "o", color=colour, ms=3)
