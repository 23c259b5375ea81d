"""What `lab rank` found, as text, JSON and figures.

The JSON document of `lab rank --json`:

    {"schema": 1, "steps", "seeds", "tuning_seeds", "budget", "against", "floor", "limit",
     "contenders": [{"contender", "schedule", "optimizer", "knows_minimum", "rate_free"}],
     "tables": [
       {"rates": "default"|"tuned",
        "families": [
          {"family", "scenarios", "landscapes", "leaders": [...],
           "standings": [
             {"contender", "rank", "rank_ci", "factor", "factor_ci", "factor_landscapes",
              "better", "better_ci", "better_landscapes", "lowest_in", "diverged", "at_edge",
              "evaluations"}]}]}],
     "out"}

factor: 10^IQM of the decades behind the best; better: the probability of a lower final value than
that of `against` on the same seed. Their `ci` is over seeds, `landscapes` over landscapes (null for
a family of one); `experiments.contest.scores` defines both. Numbers of a contender that knows the
minimum are relative to the best of the others, its rank is where it would stand. evaluations: of f
a step, mean over scenarios and seeds. at_edge: share of the scenarios in which the tuned rate lies
at an end of the grid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.contest.run import Ran, Ranking
from experiments.contest.scores import FACTORS, FLOOR, LIMIT, OVERALL, Family, Standing
from lab.statistics.quantiles import quantiles
from lab.store.tables import Repeated
from reports.contest import figures
from reports.numbers import json_ends, json_number, percent, significant
from reports.text import aligned

#: Contenders that a family's table shows, besides the reference, those who may lead and those who
#: know f*; the last table shows all.
TOP = 8
MARK = "+"
RATES = {"default": "default rates", "tuned": "tuned rates"}


def text(result: Ranking) -> str:
    """What was asked, who leads in each family, and the tables."""
    parts = [_asked(result), _leaders(result)]
    for ran in result.tables:
        parts += [_table(result, ran, family) for family in ran.families.values()]
    return "\n\n".join([*parts, _notes(result)])


def document(result: Ranking, out: str) -> dict[str, Any]:
    """The JSON document; the module's docstring shows its shape."""
    grid = result.grid
    return {
        "schema": 1,
        "steps": grid.first.steps,
        "seeds": grid.first.seeds,
        "tuning_seeds": grid.tuning_seeds,
        "budget": grid.budget,
        "against": grid.contenders[grid.against].label,
        "floor": FLOOR,
        "limit": 10.0**LIMIT,
        "contenders": [
            {
                "contender": c.label,
                "schedule": c.schedule.text,
                "optimizer": c.optimizer.text,
                "knows_minimum": not c.fair,
                "rate_free": c.free,
            }
            for c in grid.contenders
        ],
        "tables": [
            {
                "rates": ran.kind,
                "families": [
                    {
                        "family": family.name,
                        "scenarios": family.scenarios,
                        "landscapes": family.landscapes,
                        "leaders": leaders(result, family),
                        "standings": [_standing(result, ran, family, s) for s in family.standings],
                    }
                    for family in ran.families.values()
                ],
            }
            for ran in result.tables
        ],
        "out": out,
    }


def tables(result: Ranking) -> Mapping[str, Mapping[str, Any]]:
    """`scenarios/`, a row a scenario and contender; `pairs/`, who beats whom; `profiles/`.

    better: share of the pairs of scenario and seed in which `contender` ends lower than `other`.
    """
    labels = [c.label for c in result.grid.contenders]
    found: dict[str, Mapping[str, Any]] = {}
    for ran in result.tables:
        found[f"scenarios/{ran.kind}.parquet"] = _scenarios(result, ran)
        families = list(ran.families.values())
        count = len(labels)
        found[f"pairs/{ran.kind}.parquet"] = {
            "family": Repeated([(f.name, count * count) for f in families]),
            "contender": Repeated([(label, count) for _ in families for label in labels]),
            "other": Repeated([(label, 1) for label in labels] * (len(families) * count)),
            "better": np.concatenate([f.improvement.ravel() for f in families]),
        }
        found[f"profiles/{ran.kind}.parquet"] = {
            "family": Repeated([(f.name, count * len(FACTORS)) for f in families]),
            "contender": Repeated([(label, len(FACTORS)) for _ in families for label in labels]),
            "factor": np.tile(FACTORS, len(families) * count),
            "share": np.concatenate([f.profiles.ravel() for f in families]),
        }
    return found


def draw(result: Ranking, directory: Path) -> list[Path]:
    """Ranks, factors and probabilities by family; performance profiles."""
    return figures.draw(result, directory)


def leaders(result: Ranking, family: Family) -> list[str]:
    """Who is first, and whom other seeds might have put there."""
    return [result.grid.contenders[s.contender].label for s in family.standings if s.leads]


def _asked(result: Ranking) -> str:
    grid = result.grid
    first = grid.first
    families = len(dict.fromkeys(grid.families))
    tuned = (
        f"; tuned on {grid.tuning_seeds:,} others, 9 rates over 4 decades each"
        if grid.tuning_seeds
        else ""
    )
    return (
        f"{len(grid.contenders)} contenders in {len(grid.requests):,} scenarios of {families}"
        f" famil{'ies' if families > 1 else 'y'}, {first.steps} steps, n = {first.seeds:,} paired"
        f" seeds{tuned}\nFactor to the best: interquartile mean over the scenarios of log(median"
        f" final suboptimality / lowest), as a factor; 1 is best, lost lanes count {10**LIMIT:.0e}"
    )


def _leaders(result: Ranking) -> str:
    """A line a family and kind of rate."""
    rows = [["rates", "family", "first", "others that may be first on other seeds"]]
    for ran in result.tables:
        for family in ran.families.values():
            first, *others = leaders(result, family)
            rows.append([ran.kind, family.name, first, ", ".join(others) or "-"])
    return "Who leads\n" + aligned(rows, left=True)


def _table(result: Ranking, ran: Ran, family: Family) -> str:
    """The leading contenders of a family, the reference, and those that know f*."""
    reference = result.grid.contenders[result.grid.against].label
    rows = [
        [
            "rank [95 %]", "contender", "factor to best [seeds]", "[landscapes]",
            "better than ref", "[landscapes]", "lowest in", "lost", "f a step",
        ]
    ]  # fmt: skip
    rows += [_row(result, ran, family, s) for s in _shown(result, family)]
    title = (
        f"{family.name}, {RATES[ran.kind]}: {family.scenarios} scenarios of"
        f" {family.landscapes} landscape{'s' if family.landscapes > 1 else ''}; ref is {reference}"
    )
    return f"{title}\n{aligned(rows, left=2)}"


def _shown(result: Ranking, family: Family) -> list[Standing]:
    whole = family.name == OVERALL or len({*result.grid.families}) == 1
    first = {s.contender for s in [s for s in family.standings if s.fair][:TOP]}
    first.add(result.grid.against)
    return [s for s in family.standings if whole or s.contender in first or s.leads or not s.fair]


def _row(result: Ranking, ran: Ran, family: Family, s: Standing) -> list[str]:
    low, high = s.rank_ends
    reference = s.contender == result.grid.against
    return [
        f"{s.rank} [{low}, {high}]" if s.fair else "-",
        label(result, s),
        f"{significant(s.factor.estimate)} {_between(s.factor.low, s.factor.high)}",
        _between(*(s.over_landscapes or (None, None))),
        "-" if reference else f"{_share(s.better.estimate)} {_shares(s.better.low, s.better.high)}",
        "-" if reference else _shares(*(s.better_over_landscapes or (None, None))),
        percent(s.lowest),
        percent(s.lost),
        f"{float(ran.evaluations[_at(result, family), s.contender].mean()):.2f}",
    ]


def label(result: Ranking, standing: Standing) -> str:
    """The contender, marked where it knows f*."""
    return result.grid.contenders[standing.contender].label + ("" if standing.fair else MARK)


def _notes(result: Ranking) -> str:
    """What the marks and columns mean."""
    lines = [
        "[seeds], rank: 95 % over seeds, these scenarios; [landscapes]: 95 % over the landscapes of"
        " the family, these seeds",
        "better than ref: share of scenarios and seeds with a lower final value, a tie one half;"
        " lowest in: share of scenarios with the lowest median",
        "lost: share of lanes that diverged; f a step: evaluations of f, the trials of a line"
        f" search included; ranks are at equal {result.grid.budget}",
    ]
    if not all(c.fair for c in result.grid.contenders):
        lines.append(f"{MARK} knows the minimum of f: measured, not ranked")
    return "\n".join(lines)


def _at(result: Ranking, family: Family) -> list[int]:
    """Positions of a family's scenarios."""
    every = range(len(result.grid.requests))
    return [i for i in every if family.name in (OVERALL, result.grid.families[i])]


def _between(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "-"
    return f"[{significant(low)}, {significant(high)}]"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{100.0 * value:.1f} %"


def _shares(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "-"
    return f"[{100.0 * low:.1f}, {100.0 * high:.1f}]"


def _standing(result: Ranking, ran: Ran, family: Family, s: Standing) -> dict[str, Any]:
    at = _at(result, family)
    return {
        "contender": result.grid.contenders[s.contender].label,
        "rank": s.rank,
        "rank_ci": list(s.rank_ends),
        "factor": json_number(s.factor.estimate),
        "factor_ci": json_ends(s.factor),
        "factor_landscapes": _ends(s.over_landscapes),
        "better": json_number(s.better.estimate),
        "better_ci": json_ends(s.better),
        "better_landscapes": _ends(s.better_over_landscapes),
        "lowest_in": s.lowest,
        "diverged": s.lost,
        "at_edge": float(ran.at_edge[at, s.contender].mean()),
        "evaluations": float(ran.evaluations[at, s.contender].mean()),
    }


def _ends(ends: Sequence[float] | None) -> list[Any] | None:
    return None if ends is None else [json_number(end) for end in ends]


def _scenarios(result: Ranking, ran: Ran) -> dict[str, Any]:
    """A row a scenario and contender."""
    grid = result.grid
    count = len(grid.contenders)
    silent = [r.scenario(r.strengths[0]).silent for r in grid.requests]
    noise = ["none" if s else r.noise.text for s, r in zip(silent, grid.requests, strict=True)]
    return {
        "family": Repeated([(family, count) for family in grid.families]),
        "landscape": Repeated([(r.landscape.text, count) for r in grid.requests]),
        "noise": Repeated([(name, count) for name in noise]),
        "channel": Repeated([(r.channel.text, count) for r in grid.requests]),
        "perturb": Repeated([(r.events or "none", count) for r in grid.requests]),
        "contender": Repeated([(c.label, 1) for _ in grid.requests for c in grid.contenders]),
        "lr": ran.rates.ravel(),
        "at_edge": ran.at_edge.ravel(),
        "p50": quantiles(ran.finals, 0.5).ravel(),
        "diverged": np.isinf(ran.finals).mean(axis=2).ravel(),
        "evaluations": ran.evaluations.ravel(),
    }
