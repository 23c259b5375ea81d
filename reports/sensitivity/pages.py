"""Sensitivity to the initial rate as text, JSON and figures.

The JSON document of `lab sensitivity --json`:

    {"schema": 1, "cells": [
      {"landscape", "noise", "channel", "strength", "optimizer", "lr", "steps", "seeds",
       "measure", "rates": [...], "schedules": [
         {"schedule", "inert", "p10": [...], "p50": [...], "p90": [...], "diverged": [...],
          "over_rates": {"p10", "p50", "p90"},
          "width_own": {"decades", "ci", "at_edge"}, "width_best": {"decades", "ci", "at_edge"},
          "lowest_at": [...], "badly_chosen": [...], "only_badly": bool,
          "shared": {"lr", "p50", "paired": {"against", "ratio", "ci", "probability_better"}},
          "tuned": {"lr", "at_edge", "p50", "paired": {...}}}]}],
     "out"}

p10, p50, p90 and diverged have an entry a rate, null where a schedule does not allow it.
over_rates: all lanes at all rates together. width_own, width_best: decades of rates within twice
the schedule's own lowest median, and twice the lowest of all. lowest_at: rates at which the
schedule has the lowest median of all by more than 1 % in 95 % of the resamples; badly_chosen: those
among them where that median is more than twice the lowest at tuned rates; only_badly: it is the
lowest nowhere else. paired as in `lab run --json`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from experiments.comparison import LEVELS as FINAL_LEVELS
from experiments.comparison import Paired
from experiments.rate_ranges import GOOD, Width
from experiments.sensitivity import LEVELS, ArmSensitivity, ScenarioSensitivity, Sensitivity
from lab.statistics.interval import Interval
from lab.store.tables import Repeated
from reports import document as document_of_run
from reports.numbers import json_ends, json_number, significant, with_interval
from reports.scenario import heading, identity, inert_note, names
from reports.sensitivity import figures
from reports.text import aligned

MEDIAN = FINAL_LEVELS.index(0.50)
NAMES = tuple(f"p{round(100 * level)}" for level in LEVELS)


def text(result: Sensitivity) -> str:
    """Two tables and a sentence a schedule for every scenario."""
    parts = [_scenario(found) for found in result.scenarios]
    return "\n\n\n".join(parts)


def document(result: Sensitivity, out: str) -> dict[str, Any]:
    """The JSON document; the module's docstring shows its shape."""
    return {
        "schema": 1,
        "cells": [_cell(found) for found in result.scenarios],
        "out": out,
    }


def tables(result: Sensitivity) -> Mapping[str, Mapping[str, Any]]:
    """`rates/`: a row a schedule and rate, a file a scenario."""
    return {
        f"rates/{number:05d}.parquet": _rows(found) for number, found in enumerate(result.scenarios)
    }


def draw(result: Sensitivity, directory: Path) -> list[Path]:
    """A figure a scenario: every schedule's band over the rates."""
    return figures.draw(result, directory)


def _scenario(found: ScenarioSensitivity) -> str:
    request, rates = found.request, found.rates
    return "\n".join(
        [
            f"{heading(request)}\nFinal {request.measure} at {len(rates)} rates from"
            f" {rates[0]:.3g} to {rates[-1]:.3g}",
            _width_table(found),
            "",
            f"Each schedule at the shared rate, and at the rate tuned for it on other seeds"
            f" (n = {found.comparison.tuned_seeds:,})",
            _tuned_table(found) + inert_note(request),
            "",
            *sentences(found),
        ]
    )


def _width_table(found: ScenarioSensitivity) -> str:
    times = f"{GOOD:g}"
    rows = [
        [
            "schedule", "lowest p50", "at lr", f"decades within {times}x of it [95 %]",
            f"within {times}x of the best [95 %]", "all rates: p10", "p50", "p90",
        ]
    ]  # fmt: skip
    edge = False
    for name, arm in zip(names(found.request), found.arms, strict=True):
        medians = arm.bands[:, LEVELS.index(0.50)]
        best = int(np.argmin(medians))
        edge |= arm.own.at_edge or arm.best.at_edge
        rows.append(
            [
                name, significant(medians[best]), f"{found.rates[best]:.3g}",
                _width(arm.own, arm.own_interval), _width(arm.best, arm.best_interval),
                *(significant(value) for value in arm.over_rates),
            ]
        )  # fmt: skip
    note = "\n! reaches the end of the grid: the range may go on" if edge else ""
    return aligned(rows) + note


def _width(width: Width, interval: Interval) -> str:
    """Decades to two places; those of a range that the grid cuts off are marked."""
    text = f"{width.decades:.2f}" + ("!" if width.at_edge else "")
    if interval.low is None or interval.high is None:
        return text
    return f"{text} [{interval.low:.2f}, {interval.high:.2f}]"


def _tuned_table(found: ScenarioSensitivity) -> str:
    reference = found.request.written[found.request.reference]
    against = f"/ {reference} [95 %]"
    rows = [["schedule", f"p50 at {found.request.lr:g}", against, "tuned lr", "p50", against]]
    edge = False
    for name, arm in zip(names(found.request), found.comparison.arms, strict=True):
        tuned = arm.tuned
        assert tuned is not None
        edge |= tuned.rate.at_edge
        rows.append(
            [
                name, significant(float(arm.final[MEDIAN])), _ratio(arm.paired),
                f"{tuned.rate.lr:.3g}" + ("!" if tuned.rate.at_edge else ""),
                significant(tuned.p50), _ratio(tuned.paired),
            ]
        )  # fmt: skip
    note = "\n! at the edge of the tuning grid: a better rate may lie beyond" if edge else ""
    return aligned(rows) + note


def _ratio(pair: Paired | None) -> str:
    return "1 (reference)" if pair is None else with_interval(pair.ratio)


def sentences(found: ScenarioSensitivity) -> Iterator[str]:
    """For each schedule: at which rates it is ahead, and what that is worth."""
    tuned = found.tuned_medians
    first = int(np.argmin(tuned))
    name, lowest_tuned = found.request.written[first], significant(tuned[first])
    for i, arm in enumerate(found.arms):
        if not arm.lowest_at:
            continue
        where = _rates(found, arm.lowest_at)
        if found.only_badly(i):
            lowest = min(float(arm.bands[j, LEVELS.index(0.50)]) for j in arm.lowest_at)
            yield (
                f"{arm.written} is ahead at badly chosen rates only: at {where}, where it gets no"
                f" lower than {significant(lowest)}, more than {GOOD:g} times the {lowest_tuned} of"
                f" {name} at its tuned rate."
            )
            continue
        bad = (
            f", of which {_rates(found, arm.badly_chosen)} badly chosen" if arm.badly_chosen else ""
        )
        ahead = ", and has the lowest median at tuned rates" if i == first else ""
        yield f"{arm.written} is ahead at {where}{bad}{ahead}."
    if not any(arm.lowest_at for arm in found.arms):
        yield "At no rate is one schedule's median surely the lowest."
    yield (
        f"Ahead: lowest median of all by more than 1 % in 95 % of the resamples. Of the medians at"
        f" tuned rates the lowest is {name}'s, {lowest_tuned}."
    )


def _rates(found: ScenarioSensitivity, positions: tuple[int, ...]) -> str:
    """Rates in words: runs of neighbours as from to."""
    runs: list[list[int]] = []
    for position in positions:
        if runs and position == runs[-1][-1] + 1:
            runs[-1].append(position)
        else:
            runs.append([position])
    return ", ".join(
        f"lr {found.rates[run[0]]:.3g}"
        + (f" to {found.rates[run[-1]]:.3g}" if len(run) > 1 else "")
        for run in runs
    )


def _cell(found: ScenarioSensitivity) -> dict[str, Any]:
    return {
        **identity(found.request),
        "measure": found.request.measure,
        "rates": list(found.rates),
        "schedules": [_schedule(found, i, arm) for i, arm in enumerate(found.arms)],
    }


def _schedule(found: ScenarioSensitivity, i: int, arm: ArmSensitivity) -> dict[str, Any]:
    shared = found.comparison.arms[i]
    tuned = shared.tuned
    assert tuned is not None
    return {
        "schedule": arm.written,
        "inert": shared.inert,
        **{name: _series(arm.bands[:, k], arm.ran) for k, name in enumerate(NAMES)},
        "diverged": _series(arm.diverged, arm.ran),
        "over_rates": {
            name: json_number(float(value))
            for name, value in zip(NAMES, arm.over_rates, strict=True)
        },
        "width_own": _width_document(arm.own, arm.own_interval),
        "width_best": _width_document(arm.best, arm.best_interval),
        "lowest_at": [found.rates[j] for j in arm.lowest_at],
        "badly_chosen": [found.rates[j] for j in arm.badly_chosen],
        "only_badly": found.only_badly(i),
        "shared": {
            "lr": found.request.lr,
            "p50": json_number(float(shared.final[MEDIAN])),
            "paired": document_of_run.paired(shared.paired),
        },
        "tuned": {
            "lr": tuned.rate.lr,
            "at_edge": tuned.rate.at_edge,
            "p50": json_number(tuned.p50),
            "paired": document_of_run.paired(tuned.paired),
        },
    }


def _series(values: np.ndarray, ran: np.ndarray) -> list[Any]:
    return [json_number(float(v)) if ok else None for v, ok in zip(values, ran, strict=True)]


def _width_document(width: Width, interval: Interval) -> dict[str, Any]:
    return {"decades": width.decades, "ci": json_ends(interval), "at_edge": width.at_edge}


def _rows(found: ScenarioSensitivity) -> dict[str, Any]:
    """A row a schedule and rate that it allows."""
    request, count = found.request, sum(int(arm.ran.sum()) for arm in found.arms)
    ran = np.concatenate([arm.ran for arm in found.arms])
    rows = np.concatenate([arm.bands for arm in found.arms])[ran]
    return {
        "landscape": Repeated([(request.landscape.text, count)]),
        "optimizer": Repeated([(request.optimizer.text, count)]),
        "strength": np.full(count, request.strengths[0]),
        "schedule": Repeated([(arm.written, int(arm.ran.sum())) for arm in found.arms]),
        "lr": np.tile(found.rates, len(found.arms))[ran],
        **{name: rows[:, k] for k, name in enumerate(NAMES)},
        "diverged": np.concatenate([arm.diverged for arm in found.arms])[ran],
    }
