"""A page for each claim: statement, figure, numbers, rule, and what it means in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from experiments.check.claim import Arm
from experiments.check.run import Judged
from reports.claims import figures
from reports.numbers import with_interval


def write(judged: Sequence[Judged], directory: Path, command: str) -> list[Path]:
    """An index and a page with a figure for every claim; returns the paths."""
    directory.mkdir(parents=True, exist_ok=True)
    paths = [directory / "index.md"]
    paths[0].write_text(
        f"# The claims\n\n`{command}`\n\n{verdict_table(judged)}\n", encoding="utf-8"
    )
    for result in judged:
        name = result.claim.id.lower()
        drawn = figures.draw(result, directory / f"{name}.svg")
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


def readings(result: Judged) -> str:
    """The verdict, in how many other readings it is the same, and which differ."""
    first, *others = result.arms
    text = f"**{str(first.verdict).capitalize()}** ({_named(first)})"
    same = sum(arm.verdict == first.verdict for arm in others)
    if others and same == len(others):
        text += ", and in every other reading"
    elif same:
        text += f", and in {same} of the {len(others)} other readings"
    for verdict in dict.fromkeys(arm.verdict for arm in others if arm.verdict != first.verdict):
        arms = [_named(arm) for arm in others if arm.verdict == verdict]
        text += f"; **{verdict}**: {', '.join(arms)}"
    return f"{text}."


def _named(arm: Arm) -> str:
    return f"{arm.reading}: {arm.name}"


def _page(result: Judged, figure: str | None, command: str) -> str:
    claim = result.claim
    parts = [
        f"# {claim.id}: {claim.title}",
        readings(result),
        claim.interpret(result.arms),
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
                f"| compared | {claim.quantity} [interval] | confidence | n | says |",
                "| --- | --- | --- | --- | --- |",
            ]
            rows += [
                f"| {e.label} | {with_interval(e.interval)} | {100 * e.interval.confidence:.4g} % |"
                f" {e.interval.n:,} | {e.verdict} |"
                for e in arm.effects
            ]
            parts.append("\n".join(rows))
    parts.append(
        f"Made by `{command}`. The rule and its thresholds: `{_source(result)}`; the grid and its"
        " constants: `experiments/check/evidence.py`."
    )
    return "\n\n".join(parts) + "\n"


def _source(result: Judged) -> str:
    return result.claim.evaluate.__module__.replace(".", "/") + ".py"


def _finding(result: Judged) -> str:
    effect = result.arms[0].headline
    return f"{effect.label} {with_interval(effect.interval)}" if effect else result.arms[0].measured
