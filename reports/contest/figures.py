"""Figures of `lab rank`: forests of factors and probabilities by family; performance profiles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.contest.field import WITH
from experiments.contest.run import Ran, Ranking
from experiments.contest.scores import FACTORS, OVERALL, Family, Standing
from reports import style
from reports.bands import save
from reports.headline import headline
from reports.numbers import percent, significant

#: Contenders of a panel, at most: the first by rank, with the reference.
ROWS = 12
#: Contenders whose profiles are drawn.
PROFILES = 8
COLUMNS = 3
#: A name with parameters that is longer, in characters, would leave the panels no room.
LONGEST = 36


def draw(result: Ranking, directory: Path) -> list[Path]:
    """The figures at each kind of rate as PNG and SVG; returns the paths."""
    paths = []
    with style.applied():
        for ran in result.tables:
            for kind, figure in (("forest", forest), ("profiles", profiles)):
                stem = f"rank-{kind}-{ran.kind}"
                fig, finding = figure(result, ran), said(result, ran)
                paths += save(fig, directory, stem, ("png", "svg"), finding)
    return paths


def said(result: Ranking, ran: Ran) -> str:
    """Who is first in each family: the figures' alternative text."""
    parts = []
    for family in ran.families.values():
        first = next(s for s in family.standings if s.fair)
        name = result.grid.contenders[first.contender].label
        parts.append(
            f"{family.name}: {name}, factor {significant(first.factor.estimate)} to the best"
        )
    return (
        f"First at {ran.kind} rates, n = {result.grid.first.seeds:,} seeds a scenario:"
        f" {'; '.join(parts)}."
    )


def forest(result: Ranking, ran: Ran) -> Any:
    """A row a family: on the left the factor to the best, on the right the probability."""
    from matplotlib.figure import Figure

    families = list(ran.families.values())
    rows = [_rows(result, family) for family in families]
    heights = [len(found) + 2.0 for found in rows]
    fig = Figure(figsize=(style.TWO_COLUMNS, 0.6 + 0.13 * sum(heights)), layout="constrained")
    panels = fig.subplots(len(families), 2, squeeze=False, height_ratios=heights, sharex="col")
    for (left, right), family, shown in zip(panels, families, rows, strict=True):
        _panel(left, result, family, shown)
        _improvement(right, result, shown)
    panels[-1, 0].set_xlabel("factor to the best")
    reference = result.grid.contenders[result.grid.against].label
    panels[-1, 1].set_xlabel(f"probability of a lower final value\nthan {reference}")
    headline(
        fig,
        f"Contenders by family at {ran.kind} rates, n = {result.grid.first.seeds:,} seeds"
        "\nthick: 95 % over seeds; thin: 95 % over landscapes",
    )
    return fig


def _rows(result: Ranking, family: Family) -> list[Standing]:
    """The standings that are drawn: the first ones, and the reference."""
    fair = [s for s in family.standings if s.fair]
    chosen = fair[:ROWS]
    return chosen + [s for s in fair[ROWS:] if s.contender == result.grid.against]


def _panel(panel: Any, result: Ranking, family: Family, rows: Sequence[Standing]) -> None:
    for y, (s, colour) in enumerate(zip(rows, _colours(result, rows), strict=True)):
        if s.over_landscapes is not None:
            panel.hlines(y, *s.over_landscapes, color=colour, lw=0.6)
        panel.hlines(y, _known(s.factor.low), _known(s.factor.high), color=colour, lw=1.8)
        panel.plot([s.factor.estimate], [y], "o", ms=3.0, color=colour)
    panel.set_xscale("log")
    panel.set_yticks(range(len(rows)), [_short(result, s.contender) for s in rows])
    panel.set_ylim(len(rows) - 0.5, -0.5)
    panel.set_title(f"{family.name}, {family.scenarios} scenarios", loc="left")


def _short(result: Ranking, contender: int) -> str:
    """A contender's name; a long one without its parameters, if no other is called that."""

    def bare(number: int) -> tuple[str, str]:
        found = result.grid.contenders[number]
        return found.schedule.component.name, found.optimizer.component.name

    label, name = result.grid.contenders[contender].label, bare(contender)
    alone = [bare(other) for other in range(len(result.grid.contenders))].count(name) == 1
    return WITH.join(name) if alone and len(label) > LONGEST else label


def _improvement(panel: Any, result: Ranking, rows: Sequence[Standing]) -> None:
    panel.axvline(0.5, color="0.7", lw=0.6, zorder=0)
    for y, (s, colour) in enumerate(zip(rows, _colours(result, rows), strict=True)):
        if s.better_over_landscapes is not None:
            panel.hlines(y, *s.better_over_landscapes, color=colour, lw=0.6)
        panel.hlines(y, _known(s.better.low), _known(s.better.high), color=colour, lw=1.8)
        panel.plot([s.better.estimate], [y], "o", ms=3.0, color=colour)
    panel.set_xlim(-0.02, 1.02)
    panel.set_yticks(range(len(rows)), [])
    panel.set_ylim(len(rows) - 0.5, -0.5)


def _known(value: float | None) -> float:
    return math.nan if value is None else value


def _colours(result: Ranking, rows: Sequence[Standing]) -> list[str]:
    """That of each contender's schedule; of a constant one, that of its optimizer."""
    return [style.lines([_name(result, s.contender)])[0].colour for s in rows]


def _name(result: Ranking, contender: int) -> str:
    found = result.grid.contenders[contender]
    schedule, optimizer = found.schedule.component.name, found.optimizer.component.name
    return optimizer if schedule == "constant" and optimizer not in ("adam", "sgd") else schedule


def profiles(result: Ranking, ran: Ran) -> Any:
    """A panel a family: share of scenarios within a factor of the best, for the first by rank."""
    from matplotlib.figure import Figure

    families = list(ran.families.values())
    columns = min(COLUMNS, len(families))
    rows = math.ceil(len(families) / columns)
    whole = ran.families.get(OVERALL, families[-1])
    drawn = [s.contender for s in whole.standings if s.fair][:PROFILES]
    lines = style.lines([_name(result, c) for c in drawn])
    reach = _reach(families, drawn)
    fig = Figure(figsize=(style.TWO_COLUMNS, 1.0 + 1.7 * rows), layout="constrained")
    panels = fig.subplots(rows, columns, squeeze=False, sharey=True)
    for panel, family in zip(panels.flat, families, strict=False):
        for contender, line in zip(drawn, lines, strict=True):
            panel.step(
                FACTORS, family.profiles[contender], where="post", color=line.colour,
                ls=line.style, label=result.grid.contenders[contender].label,
            )  # fmt: skip
        panel.set_xscale("log")
        panel.set_xlim(FACTORS[0], reach)
        panel.set_ylim(-0.02, 1.02)
        panel.set_title(family.name, loc="left")
        panel.set_xlabel("factor to the best")
    for panel in panels.flat[len(families) :]:
        panel.set_axis_off()
    for panel in panels[:, 0]:
        panel.set_ylabel("share of scenarios")
    handles, names = panels[0, 0].get_legend_handles_labels()
    fig.legend(handles, names, loc="outside lower left", ncols=3)
    best = percent(float(whole.profiles[drawn[0], 0]))
    headline(
        fig,
        f"Performance profiles at {ran.kind} rates, the first {len(drawn)} by rank in"
        f" {whole.name}; {names[0]} is the best in {best} of all scenarios there",
    )
    return fig


def _reach(families: Sequence[Family], drawn: Sequence[int]) -> float:
    """The factor from which on no drawn profile rises any more; the rest of the axis is empty."""
    shares = np.array([family.profiles[drawn] for family in families])
    rising = (shares < shares[..., -1:]).any(axis=(0, 1))
    last = int(np.flatnonzero(rising)[-1]) + 1 if rising.any() else 1
    return float(FACTORS[max(last, 1)])
