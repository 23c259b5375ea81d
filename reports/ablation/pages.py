"""What `lab ablate` found, as text, JSON and figures.

The JSON document of `lab ablate --json`:

    {"schema": 1, "schedule", "points", "settings", "design_seeds", "judging_seeds", "floor",
     "bound", "tuned",
     "parameters": [{"parameter", "scale", "low", "high", "default"}],
     "cells": [
       {"landscape", "noise", "channel", "strength", "optimizer", "lr", "steps", "seeds",
        "family", "deviation", "at_bound",
        "indices": [{"parameter", "first", "first_ci", "total", "total_ci"}]}],
     "pooled": [{"optimizer", "family", "parameter", "first", "first_ci", "total", "total_ci",
                 "clear", "scenarios", "verdict"}],
     "differences": [{"parameter", "family", "total", "total_ci"}],
     "interactions": [{"optimizer", "parameters", "index", "ci"}],
     "effects": [{"optimizer", "parameter", "part", "decades", "ci"}],
     "choices": [{"group", "trimmed", "schedule", "objective", "held_out",
                  "gains": [{"group", "ratio", "ci", "landscapes_ci"}]}],
     "reverted": [{"parameter", "ratio", "ci"}], "out"}

points: rows of the design, settings: what was run. deviation: standard deviation of the response
over the design, in decades; at_bound: share of the settings whose response is limited. family of
`pooled` and `differences`: empty for all of them; verdict is null for one. clear: scenarios, of
`scenarios`, whose own total index is surely above 0.05. differences: first optimizer less second.
objective: mean response of a choice on the seeds of the design, held_out: on the judging seeds;
trimmed: whether parameters that hardly matter are as written, for which there is no objective.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from experiments.ablation.effects import PARTS
from experiments.ablation.judge import Choice, Gain
from experiments.ablation.request import BOUND
from experiments.ablation.result import Ablated
from experiments.families import family
from lab.statistics.interval import Interval
from lab.store.tables import Optional, Repeated
from reports.ablation import figures
from reports.ablation import text as ablation_text
from reports.numbers import json_ends, json_number
from reports.scenario import identity


def text(result: Ablated) -> str:
    """What matters, under which optimizer, in which family, with what else, and the best set."""
    return ablation_text.text(result)


def document(result: Ablated, out: str) -> dict[str, Any]:
    """The JSON document; the module's docstring shows its shape."""
    grid = result.grid
    return {
        "schema": 1,
        "schedule": grid.first.written[0],
        "points": grid.points,
        "settings": len(grid.settings),
        "design_seeds": grid.design_seeds,
        "judging_seeds": grid.first.seeds,
        "floor": grid.floor,
        "bound": BOUND,
        "tuned": grid.tuned,
        "parameters": [
            {
                "parameter": knob.name,
                "scale": knob.scale,
                "low": float(knob.low),
                "high": float(knob.high),
                "default": ablation_text.default(result, i),
            }
            for i, knob in enumerate(grid.knobs)
        ],
        "cells": [_cell(result, i) for i in range(len(grid.requests))],
        "pooled": [
            _row(result, i, optimizer, group)
            for optimizer in grid.optimizers
            for group in ("", *grid.families)
            for i in range(len(grid.knobs))
        ],
        "differences": _differences(result),
        "interactions": _interactions(result),
        "effects": [
            {
                "optimizer": optimizer,
                "parameter": knob.name,
                "part": part,
                **_named("decades", "ci", result.effect(i, part, optimizer)),
            }
            for optimizer in grid.optimizers
            for i, knob in enumerate(grid.knobs)
            for part in range(PARTS)
        ],
        "choices": [
            _choice(result, choice, held_out, gains)
            for choice, held_out, gains in zip(
                result.judged.choices, result.held_out, result.judged.gains, strict=True
            )
        ],
        "reverted": [
            {"parameter": knob.name, **_named("ratio", "ci", cost)}
            for knob, cost in zip(grid.knobs, result.judged.reverted, strict=True)
        ],
        "out": out,
    }


def tables(result: Ablated) -> Mapping[str, Mapping[str, Any]]:
    """The settings of the design, the responses to them, and every scenario's indices.

    Scenarios are numbered in the order of `cells` of the JSON document.
    """
    grid, found = result.grid, result.indices
    scenarios, points = result.responses.shape
    names = [knob.name for knob in grid.knobs]
    pairs = [f"{names[i]} {names[j]}" for i, j in found.pairs]
    labels = [f"first {n}" for n in names] + [f"total {n}" for n in names]
    labels += [f"interaction {pair}" for pair in pairs]
    return {
        "ablation/settings.parquet": {
            "point": np.arange(points),
            **{name: grid.settings[:, i] for i, name in enumerate(names)},
        },
        "ablation/responses.parquet": {
            "scenario": np.repeat(np.arange(scenarios), points),
            "point": np.tile(np.arange(points), scenarios),
            "response": result.responses.ravel(),
        },
        "ablation/indices.parquet": {
            "scenario": np.repeat(np.arange(scenarios), len(labels)),
            "index": Repeated([(label, 1) for _ in range(scenarios) for label in labels]),
            "estimate": Optional(found.estimates.ravel()),
            "low": Optional(found.low.ravel()),
            "high": Optional(found.high.ravel()),
        },
    }


def draw(result: Ablated, directory: Path) -> list[Path]:
    """The indices of every parameter, and in which direction each acts."""
    return figures.draw(result, directory)


def _cell(result: Ablated, i: int) -> dict[str, Any]:
    found, d = result.indices, len(result.grid.knobs)
    request = result.grid.requests[i]

    def index(name: str, column: int) -> dict[str, Any]:
        low, high = (json_number(float(ends[i, column])) for ends in (found.low, found.high))
        return {
            name: json_number(float(found.estimates[i, column])),
            f"{name}_ci": None if low is None else [low, high],
        }

    return {
        **identity(request),
        "family": family(request.landscape),
        "deviation": float(np.sqrt(found.variance[i])),
        "at_bound": float(np.mean(np.abs(result.responses[i]) >= BOUND)),
        "indices": [
            {"parameter": knob.name, **index("first", k), **index("total", d + k)}
            for k, knob in enumerate(result.grid.knobs)
        ],
    }


def _row(result: Ablated, knob: int, optimizer: str, group: str) -> dict[str, Any]:
    total = len(result.grid.knobs) + knob
    return {
        "optimizer": optimizer,
        "family": group,
        "parameter": result.grid.knobs[knob].name,
        **_named("first", "first_ci", result.index(knob, optimizer, group)),
        **_named("total", "total_ci", result.index(total, optimizer, group)),
        "clear": result.clear(knob, optimizer, group),
        "scenarios": len(result.grid.members(optimizer, group)),
        "verdict": None if group else result.verdict(knob, optimizer),
    }


def _differences(result: Ablated) -> list[dict[str, Any]]:
    grid = result.grid
    if len(grid.optimizers) < 2:
        return []
    return [
        {
            "parameter": knob.name,
            "family": group,
            **_named("total", "total_ci", result.difference(len(grid.knobs) + i, group)),
        }
        for group in ("", *grid.families)
        for i, knob in enumerate(grid.knobs)
    ]


def _interactions(result: Ablated) -> list[dict[str, Any]]:
    names = [knob.name for knob in result.grid.knobs]
    return [
        {
            "optimizer": optimizer,
            "parameters": [names[i], names[j]],
            **_named("index", "ci", result.index(2 * len(names) + k, optimizer)),
        }
        for optimizer in result.grid.optimizers
        for k, (i, j) in enumerate(result.indices.pairs)
    ]


def _choice(
    result: Ablated, choice: Choice, held_out: float, gains: Mapping[str, Gain]
) -> dict[str, Any]:
    return {
        "group": choice.group,
        "trimmed": choice.trimmed,
        "schedule": result.text(choice),
        "objective": json_number(choice.objective),
        "held_out": held_out,
        "gains": [
            {
                "group": group,
                **_named("ratio", "ci", gain.over_seeds),
                "landscapes_ci": json_ends(gain.over_landscapes),
            }
            for group, gain in gains.items()
        ],
    }


def _named(name: str, ends: str, interval: Interval) -> dict[str, Any]:
    return {name: json_number(interval.estimate), ends: json_ends(interval)}
