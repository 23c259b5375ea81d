"""What `lab tune` found, as text, JSON and figures.

The JSON document of `lab tune --json`:

    {"schema": 1, "schedule", "search", "candidates", "tuning_seeds", "judging_seeds",
     "floor",
     "axes": [{"parameter", "values": [...], "default", "tuned", "at_edge"}],
     "objective": {"tuning", "held_out", "optimism", "close"},
     "cells": [
       {"landscape", "noise", "channel", "strength", "optimizer", "lr", "steps", "seeds",
        "schedules": [{"schedule", "lr", "p50", "ratio", "ci", "probability_better",
                       "probability_better_ci"}]}],
     "gains": [{"schedule", "ratio", "ci", "at_rate", "at_rate_ci"}],
     "sensitivity": [{"parameter", "value", "tuned", "default", "ratio", "ci"}],
     "calls": [{"lr", "call", "lr_scheduler_kwargs", "training_arguments"}], "out"}

objective: means over the scenarios of ln(median / median of the untuned schedule), on the seeds of
the search and on the judging ones; optimism is the first less the second. Ratios of `cells` and
`gains` are to the untuned schedule, `at_rate` to the untuned one at each scenario's own tuned rate,
those of `sensitivity` to the tuned one. `calls` is empty unless the schedule is greedy.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from experiments.tune.judge import RATE_TUNED, TUNED, Outcome
from experiments.tune.run import Tuned, first_seeds
from experiments.tune.space import shown
from lab.statistics.interval import Interval
from lab.store.tables import Repeated
from reports.numbers import json_ends, json_number, percent, ratio, significant, with_interval
from reports.scenario import identity
from reports.text import aligned
from reports.tune import call as tune_call
from reports.tune import figures

MARKS = {(False, False): "", (True, False): "tuned", (False, True): "default",
         (True, True): "tuned, default"}  # fmt: skip


def text(result: Tuned) -> str:
    """The answer, what it is worth, how sharp it is, and the call to copy."""
    parts = [
        _asked(result), _answer(result), _objective(result), _gains(result), _scenarios(result),
        _sensitivity(result), tune_call.text(result),
    ]  # fmt: skip
    return "\n\n".join(part for part in parts if part)


def document(result: Tuned, out: str) -> dict[str, Any]:
    """The JSON document; the module's docstring shows its shape."""
    grid, default = result.grid, result.grid.space.default
    tuning, judging = first_seeds(grid)
    return {
        "schema": 1,
        "schedule": grid.first.written[0],
        "search": grid.search,
        "candidates": len(result.tried.candidates),
        "tuning_seeds": [tuning.start, tuning.stop],
        "judging_seeds": [judging.start, judging.stop],
        "floor": grid.floor,
        "axes": [
            {
                "parameter": axis.name,
                "values": [_plain(value) for value in axis.values],
                "default": _plain(default[axis.name]),
                "tuned": _plain(result.best[axis.name]),
                "at_edge": axis.name in result.at_edge,
            }
            for axis in grid.space.axes
        ],
        "objective": {
            "tuning": result.objective,
            "held_out": result.held_out,
            "optimism": result.optimism,
            "close": result.close,
        },
        "cells": [
            {
                **identity(request),
                "schedules": [_arm(outcome, i) for outcome in result.outcomes],
            }
            for i, request in enumerate(grid.requests)
        ],
        "gains": [_gain(outcome) for outcome in result.outcomes],
        "sensitivity": [
            {
                "parameter": row.name,
                "value": _plain(row.value),
                "tuned": row.is_tuned,
                "default": row.is_default,
                **_interval(row.cost),
            }
            for row in result.variations
        ],
        "calls": [dict(call) for call in tune_call.calls(result)],
        "out": out,
    }


def tables(result: Tuned) -> Mapping[str, Mapping[str, Any]]:
    """`search/`: a row a candidate, in the order of the search, with its objective."""
    candidates = result.tried.candidates
    return {
        "search/candidates.parquet": {
            "candidate": np.arange(len(candidates)),
            **{
                axis.name: Repeated([(shown(c[axis.name]), 1) for c in candidates])
                for axis in result.grid.space.axes
            },
            "objective": result.tried.objectives,
        }
    }


def draw(result: Tuned, directory: Path) -> list[Path]:
    """What each parameter, varied alone, costs; and the ratios in every scenario."""
    return figures.draw(result, directory)


def _asked(result: Tuned) -> str:
    grid = result.grid
    count = len(grid.requests)
    how = "grid of" if grid.search == "grid" else "sampler (TPE),"
    return (
        f"Tuning {grid.first.written[0]} over {count} scenario{'s' if count > 1 else ''},"
        f" {grid.first.steps} steps: {how} {len(result.tried.candidates):,} candidates on"
        f" {grid.tuning_seeds:,} seeds, judged on {grid.first.seeds:,} others\n"
        "Objective: mean over the scenarios of ln(median final value / that of the untuned"
        f" schedule), below 0 is better; values below {grid.floor:g} count as it"
    )


def _answer(result: Tuned) -> str:
    default = result.grid.space.default
    rows = [["parameter", "tried", "untuned", "tuned"]]
    for axis in result.grid.space.axes:
        edge = "!" if axis.name in result.at_edge else ""
        rows.append(
            [
                axis.name, axis.text.partition("=")[2], shown(default[axis.name]),
                shown(result.best[axis.name]) + edge,
            ]
        )  # fmt: skip
    note = "\n! at the end of what was tried: better may lie beyond" if result.at_edge else ""
    return aligned(rows, left=2) + note


def _objective(result: Tuned) -> str:
    """Both objectives, as ratios too, and what lies between them."""
    rows = [["objective", "ln", "ratio"]]
    for name, value in (
        ("on the seeds of the search", result.objective),
        ("on the judging seeds", result.held_out),
        ("optimism: the first less the second", result.optimism),
    ):
        rows.append([name, f"{value:+.4f}", ratio(math.exp(value))])
    return (
        f"{aligned(rows)}\nCandidates within 0.01 of the best on the seeds of the search, itself"
        f" included: {result.close:,} of {len(result.tried.candidates):,}"
    )


def _gains(result: Tuned) -> str:
    rows = [["median, geometric mean of ratios [95 %]", "/ untuned", "/ untuned, lr tuned"]]
    for i, outcome in enumerate(result.outcomes):
        found = (outcome.gain, outcome.at_rate)
        shown_ratios = [with_interval(ratio.interval()) for ratio in found]
        for reference, place in ((0, 0), (RATE_TUNED, 1)):
            shown_ratios[place] = "1" if i == reference else shown_ratios[place]
        rows.append([outcome.label, *shown_ratios])
    return (
        f"On the judging seeds\n{aligned(rows)}\nlr tuned: each scenario at its own best of 9"
        " rates over 4 decades, found on other seeds; the rest as written"
    )


def _scenarios(result: Tuned) -> str:
    """The untuned and the tuned schedule in every scenario."""
    untuned, tuned = result.outcomes[0], result.outcomes[TUNED]
    rows = [
        ["scenario", "lr", "p50", "tuned lr", "p50", "tuned / untuned [95 %]", "better on"]
    ]  # fmt: skip
    for i, name in enumerate(figures.names(result.grid.requests)):
        rows.append(
            [
                name, f"{untuned.rates[i]:.3g}", significant(untuned.medians[i]),
                f"{tuned.rates[i]:.3g}", significant(tuned.medians[i]),
                with_interval(tuned.ratios[i]), percent(tuned.better[i].estimate or 0.0),
            ]
        )  # fmt: skip
    return aligned(rows)


def _sensitivity(result: Tuned) -> str:
    rows = [["parameter", "value", "", "median / tuned, geometric mean [95 %]"]]
    rows += [
        [row.name, shown(row.value), MARKS[row.is_tuned, row.is_default],
         "1" if row.is_tuned else with_interval(row.cost)]
        for row in result.variations
    ]  # fmt: skip
    return f"Each parameter varied alone, the others as tuned\n{aligned(rows, left=3)}"


def _arm(outcome: Outcome, i: int) -> dict[str, Any]:
    return {
        "schedule": outcome.label,
        "lr": outcome.rates[i],
        "p50": json_number(float(outcome.medians[i])),
        **_interval(outcome.ratios[i]),
        "probability_better": json_number(outcome.better[i].estimate),
        "probability_better_ci": json_ends(outcome.better[i]),
    }


def _gain(outcome: Outcome) -> dict[str, Any]:
    beyond = _interval(outcome.at_rate.interval())
    return {
        "schedule": outcome.label,
        **_interval(outcome.gain.interval()),
        "at_rate": beyond["ratio"],
        "at_rate_ci": beyond["ci"],
    }


def _interval(interval: Interval) -> dict[str, Any]:
    return {"ratio": json_number(interval.estimate), "ci": json_ends(interval)}


def _plain(value: Any) -> Any:
    """A value of an axis for JSON: numbers stay numbers, a multiple is text."""
    if isinstance(value, bool | int | str):
        return value
    return json_number(value) if isinstance(value, float) else shown(value)
