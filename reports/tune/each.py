"""What `lab tune --each` found: a row a landscape, as text, JSON and a figure.

The JSON document:

    {"schema": 1, "schedule",
     "each": [the document of `lab tune`, a landscape each, nothing varied alone],
     "overall": [{"comparison", "ratio", "ci", "landscapes_ci", "lower", "higher"}], "out"}

overall: geometric means over the landscapes of ratios of medians; `ci` is for these landscapes on
other seeds, `landscapes_ci` for others of their kind; lower, higher: on how many landscapes the
interval lies below and above 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from experiments.tune.each import Compared, TunedApart
from experiments.tune.judge import TUNED, Outcome
from experiments.tune.run import Tuned
from experiments.tune.space import shown
from lab.statistics.interval import Interval
from lab.statistics.quantiles import quantiles
from reports.labels import short
from reports.numbers import json_ends, json_number, percent, significant, with_interval
from reports.text import aligned
from reports.tune import each_figure, pages


def text(result: TunedApart) -> str:
    """What was asked, the table of landscapes, what it comes to, how much of it was luck."""
    parts = [_asked(result), _landscapes(result), _overall(result), _promises(result)]
    if result.rivals:
        parts.insert(2, _rivals(result))
    return "\n\n".join(parts)


def document(result: TunedApart, out: str) -> dict[str, Any]:
    """The JSON document; the module's docstring shows its shape."""
    return {
        "schema": 1,
        "schedule": result.grid.first.written[0],
        "each": [pages.document(found, out) for found in result.found],
        "overall": [
            {
                "comparison": compared.label,
                "ratio": json_number(compared.gain.estimate),
                "ci": json_ends(compared.gain),
                "landscapes_ci": json_ends(compared.landscapes),
                "lower": compared.lower,
                "higher": compared.higher,
            }
            for compared in _every(result)
        ],
        "out": out,
    }


def tables(result: TunedApart) -> Mapping[str, Mapping[str, Any]]:
    """`search/`: of each landscape, by its number, a row a candidate with its objective."""
    return {
        f"search/{number:03d}.parquet": columns
        for number, found in enumerate(result.found)
        for columns in pages.tables(found).values()
    }


def draw(result: TunedApart, directory: Path) -> list[Path]:
    """The gain on every landscape, and what is left of it beside a tuned rate."""
    return each_figure.draw(result, directory)


def _every(result: TunedApart) -> tuple[Compared, ...]:
    return (*result.basic, *result.rivals, *result.against)


def names(result: TunedApart) -> list[str]:
    """A short name for each landscape."""
    labels = short(result.landscapes)
    return [labels[name] for name in result.landscapes]


def _asked(result: TunedApart) -> str:
    first, part = result.grid.first, result.found[0]
    scenarios = [pages.figures.names(each.requests) for each in result.grid.parts]
    conditions = [name.split(", ", 1)[1] for name in scenarios[0]]
    return (
        f"Tuning {first.written[0]} on {len(result.found)} landscapes, each by itself"
        f" ({'; '.join(conditions)}), {first.steps} steps: {len(part.tried.candidates):,}"
        f" candidates on {part.grid.tuning_seeds:,} seeds, judged on {first.seeds:,} others\n"
        f"Medians of the final suboptimality; values below {part.grid.floor:g} count as it"
    )


def _landscapes(result: TunedApart) -> str:
    gain, rate, beyond = result.basic
    axes = [axis.name for axis in result.grid.parts[0].space.axes]
    rows = [
        [
            "landscape", "untuned", "tuned", f"{gain.label} [95 %]", rate.label,
            f"{beyond.label} [95 %]", *axes, "false",
        ]
    ]  # fmt: skip
    for i, (name, found) in enumerate(zip(names(result), result.found, strict=True)):
        best = [shown(found.best[a]) + ("!" if a in found.at_edge else "") for a in axes]
        rows.append(
            [
                name, significant(_median(found.outcomes[0])),
                significant(_median(found.outcomes[TUNED])), _ratio(gain, i),
                significant(rate.ratios[i].estimate), _ratio(beyond, i), *best,
                _percent(result.false[i]),
            ]
        )  # fmt: skip
    return (
        f"{aligned(rows)}\nlr alone: the best of 9 rates over 4 decades, the rest as written;"
        " lr: times the landscape's own\nfalse: share of the promised gain, as a logarithm, that"
        " the judging seeds did not keep\n! at the end of what was tried: better may lie beyond"
    )


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else percent(share)


def _median(outcome: Outcome) -> float:
    """Geometric mean of the medians of a landscape's scenarios."""
    with np.errstate(divide="ignore"):
        return float(np.exp(np.mean(np.log(outcome.medians))))


def _ratio(compared: Compared, i: int) -> str:
    return with_interval(compared.ratios[i].interval())


def _rivals(result: TunedApart) -> str:
    rivals = result.rivals
    rows = [["landscape", *(f"{rival.label} [95 %]" for rival in rivals)]]
    rows += [
        [name, *(_ratio(rival, i) for rival in rivals)] for i, name in enumerate(names(result))
    ]
    return f"Others at the best of the same 9 rates\n{aligned(rows)}"


def _overall(result: TunedApart) -> str:
    rows = [["geometric mean of ratios", "[95 %, seeds]", "[95 %, landscapes]", "lower", "higher"]]
    for compared in _every(result):
        rows.append(
            [
                compared.label, with_interval(compared.gain), _ends(compared.landscapes),
                str(compared.lower), str(compared.higher),
            ]
        )  # fmt: skip
    return (
        f"{aligned(rows)}\nlower, higher: on how many of the {len(result.found)} landscapes the"
        " interval lies below and above 1"
    )


def _ends(interval: Interval) -> str:
    if interval.low is None or interval.high is None:
        return "-"
    return f"[{significant(interval.low)}, {significant(interval.high)}]"


def _promises(result: TunedApart) -> str:
    """How far the searches' own seeds promised too much."""
    known = np.array([share for share in result.false if not math.isnan(share)])
    factors = [math.exp(found.optimism) for found in result.found]
    worst = int(np.argmin(factors))
    middle = percent(float(quantiles(known, 0.5))) if known.size else "-"
    return (
        f"Promised and not kept: {middle} of the gain in the median of {known.size} landscapes with"
        f" a gain to promise; as a factor at most {significant(1.0 / factors[worst])}, on"
        f" {names(result)[worst]}\nAt the end of what was tried: {_at_edge(result.found)} of"
        f" {len(result.found)} answers"
    )


def _at_edge(found: tuple[Tuned, ...]) -> int:
    return sum(bool(each.at_edge) for each in found)
