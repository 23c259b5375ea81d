"""Early convergence as text, JSON and figures.

The JSON document of `lab early --json`:

    {"schema": 1, "fractions": [...], "targets": [...], "tuned", "cells": [
      {"landscape", "noise", "channel", "strength", "optimizer", "lr", "steps", "seeds",
       "measure", "at": [...], "n", "schedules": [
         {"schedule", "lr", "inert", "against",
          "checkpoints": [{"step", "decrease", "ci", "ratio", "ratio_ci", "probability_better",
                           "probability_better_ci"}],
          "area", "area_ci", "difference", "difference_ci", "ecdf": [...]}]}],
     "out"}

decrease: median of 1 - s_t / s_0; ratio: median of s_t / s_0 over that of `against`; ecdf: share of
pairs of a target and a lane reached by each step 0 .. T; area: its mean, difference: that less the
area of `against`. Targets are multiples of each lane's s_0. null for the reference itself and where
undefined, infinity is "inf" or "-inf".
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from experiments.early import ArmEarly, Checkpoint, Early, EarlyGrid, ScenarioEarly
from lab.statistics.interval import Interval
from lab.store.tables import Repeated
from reports.early import figures
from reports.numbers import json_ends, json_number, percent, with_interval
from reports.scenario import heading, identity, inert_note, names
from reports.text import aligned


def text(result: Early) -> str:
    """Three tables and a sentence a checkpoint for every scenario."""
    return "\n\n\n".join(_scenario(result.grid, found) for found in result.scenarios)


def document(result: Early, out: str) -> dict[str, Any]:
    """The JSON document; the module's docstring shows its shape."""
    return {
        "schema": 1,
        "fractions": list(result.grid.fractions),
        "targets": result.grid.levels.tolist(),
        "tuned": result.grid.tuned,
        "cells": [_cell(found) for found in result.scenarios],
        "out": out,
    }


def tables(result: Early) -> Mapping[str, Mapping[str, Any]]:
    """`reached/`: a row a schedule and step with its share of targets, a file a scenario."""
    return {
        f"reached/{number:05d}.parquet": _rows(found)
        for number, found in enumerate(result.scenarios)
    }


def draw(result: Early, directory: Path) -> list[Path]:
    """One figure: what remains and the ECDF of time to target, a column a scenario."""
    return figures.draw(result, directory)


def _scenario(grid: EarlyGrid, found: ScenarioEarly) -> str:
    request = found.request
    reference = request.written[request.reference]
    easy, hard = grid.levels[0], grid.levels[-1]
    return "\n".join(
        [
            heading(request)
            + (f" ({found.n:,} start away from the minimum)" if found.n < request.seeds else "")
            + ("\nEach schedule at the rate tuned for it on other seeds" if grid.tuned else ""),
            f"Relative decrease of the {request.measure} after parts of the budget, median",
            _decrease_table(grid, found),
            "",
            f"What remains, against {reference}: ratio of medians [95 %], below 1 is better",
            _ratio_table(grid, found),
            *sentences(grid, found),
            "",
            f"Time to {len(grid.levels)} targets, {easy:.3g} to {hard:.3g} of each lane's start",
            _target_table(grid, found) + inert_note(request),
        ]
    )


def _headers(grid: EarlyGrid, found: ScenarioEarly) -> list[str]:
    return [
        f"{100 * fraction:g} % (step {step})"
        for fraction, step in zip(grid.fractions, found.steps, strict=True)
    ]


def _decrease_table(grid: EarlyGrid, found: ScenarioEarly) -> str:
    rows = [["schedule", "lr", *_headers(grid, found)]]
    for name, arm in zip(names(found.request), found.arms, strict=True):
        cells = [decrease(c.decrease.estimate) for c in arm.checkpoints]
        rows.append([name, f"{arm.lr:.3g}", *cells])
    return aligned(rows)


def decrease(value: float | None) -> str:
    """A decrease in per cent."""
    if value is None:
        return "-"
    return "diverged" if math.isinf(value) else percent(value)


def _ratio_table(grid: EarlyGrid, found: ScenarioEarly) -> str:
    rows = [["schedule", *_headers(grid, found)]]
    reference = found.request.reference
    for i, (name, arm) in enumerate(zip(names(found.request), found.arms, strict=True)):
        cells = [
            "1 (reference)" if i == reference else with_interval(c.ratio) for c in arm.checkpoints
        ]
        rows.append([name, *cells])
    return aligned(rows)


def sentences(grid: EarlyGrid, found: ScenarioEarly) -> Iterator[str]:
    """Who has least left at each checkpoint, and whether these seeds tell it apart."""
    for k, fraction in enumerate(grid.fractions):
        yield f"After {100 * fraction:g} %: {_ahead(found, k)}."


def _ahead(found: ScenarioEarly, k: int) -> str:
    reference = found.request.reference
    medians = [arm.checkpoints[k].decrease.estimate for arm in found.arms]
    left = [math.inf if m is None else -m for m in medians]
    best = min(range(len(left)), key=lambda i: (left[i], i != reference))
    if math.isinf(left[best]):
        return "more than half of the lanes diverged under every schedule"
    rivals = [i for i in range(len(left)) if i != reference]
    name = found.request.written[reference]
    if not rivals:
        return f"{name} has decreased by {decrease(medians[reference])}"
    shown = best if best != reference else min(rivals, key=lambda i: left[i])
    ratio = found.arms[shown].checkpoints[k].ratio
    other = found.request.written[shown]
    lead = (
        f"{other} has least left, {with_interval(ratio)} times what {name} has"
        if shown == best
        else f"{name} has least left; next is {other} with {with_interval(ratio)} times as much"
    )
    return lead + ("" if _apart(ratio) else ", not told apart by these seeds")


def _apart(ratio: Interval | None) -> bool:
    if ratio is None or ratio.low is None or ratio.high is None:
        return False
    return not ratio.low <= 1.0 <= ratio.high


def _target_table(grid: EarlyGrid, found: ScenarioEarly) -> str:
    reference = found.request.written[found.request.reference]
    rows = [
        [
            "schedule", *(f"reached by {100 * fraction:g} %" for fraction in grid.fractions),
            "area [95 %]", f"less {reference} [95 %]",
        ]
    ]  # fmt: skip
    for name, arm in zip(names(found.request), found.arms, strict=True):
        reached = [f"{100 * arm.ecdf[step]:.3g} %" for step in found.steps]
        difference = "reference" if arm.difference is None else with_interval(arm.difference)
        rows.append([name, *reached, with_interval(arm.area), difference])
    return aligned(rows) + "\narea: mean share of targets reached over all steps, 1 is the best"


def _cell(found: ScenarioEarly) -> dict[str, Any]:
    request = found.request
    return {
        **identity(request),
        "measure": request.measure,
        "at": list(found.steps),
        "n": found.n,
        "schedules": [_schedule(found, i, arm) for i, arm in enumerate(found.arms)],
    }


def _schedule(found: ScenarioEarly, i: int, arm: ArmEarly) -> dict[str, Any]:
    request = found.request
    difference = arm.difference
    return {
        "schedule": arm.written,
        "lr": arm.lr,
        "inert": request.inert(request.schedules[i], request.strengths[0]),
        "against": None if i == request.reference else request.written[request.reference],
        "checkpoints": [_checkpoint(c) for c in arm.checkpoints],
        "area": json_number(arm.area.estimate),
        "area_ci": json_ends(arm.area),
        "difference": None if difference is None else json_number(difference.estimate),
        "difference_ci": json_ends(difference),
        "ecdf": arm.ecdf.tolist(),
    }


def _checkpoint(found: Checkpoint) -> dict[str, Any]:
    ratio, better = found.ratio, found.better
    return {
        "step": found.step,
        "decrease": json_number(found.decrease.estimate),
        "ci": json_ends(found.decrease),
        "ratio": None if ratio is None else json_number(ratio.estimate),
        "ratio_ci": json_ends(ratio),
        "probability_better": None if better is None else better.estimate,
        "probability_better_ci": json_ends(better),
    }


def _rows(found: ScenarioEarly) -> dict[str, Any]:
    request, rows = found.request, len(found.arms) * (found.request.steps + 1)
    return {
        "landscape": Repeated([(request.landscape.text, rows)]),
        "optimizer": Repeated([(request.optimizer.text, rows)]),
        "strength": np.full(rows, request.strengths[0]),
        "schedule": Repeated([(arm.written, request.steps + 1) for arm in found.arms]),
        "step": np.tile(np.arange(request.steps + 1, dtype=np.int32), len(found.arms)),
        "reached": np.concatenate([arm.ecdf for arm in found.arms]),
    }
