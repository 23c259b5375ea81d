"""The stability of F on every landscape as text and JSON.

A row of the JSON: {"landscape", "noise", "optimizer", "schedule", "lr", "steps", "seeds", "F":
[...], "start", "median": [...], "worse": [...], "diverged": [...], "spread", "spread_ci", "low",
"low_ci"}. `worse` are shares of lanes that end above their start or diverge; `spread` is the ratio
of the largest to the smallest median over F >= 0.5, `low` that of F = 0.25 to the smallest.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.optimal_f.stability import (
    ALIKE,
    FACTORS,
    LOW,
    NOISES,
    OPTIMIZERS,
    SCHEDULES,
    Stability,
)
from lab.store.tables import Repeated
from reports.numbers import json_ends, json_number


def columns(found: list[Stability]) -> dict[str, Any]:
    """A row a scenario, schedule and F, for a Parquet file."""
    count = len(FACTORS)
    words = {
        "landscape": [row.request.landscape.text for row in found],
        "noise": [row.request.noise.component.name for row in found],
        "optimizer": [row.request.optimizer.component.name for row in found],
        "schedule": [row.schedule for row in found],
    }
    return {
        **{name: Repeated([(word, count) for word in column]) for name, column in words.items()},
        "start": np.repeat([row.start for row in found], count),
        "F": np.tile(FACTORS, len(found)),
        "median": np.concatenate([row.medians for row in found]),
        "worse": np.concatenate([row.worse for row in found]),
        "diverged": np.concatenate([row.diverged for row in found]),
    }


def text(found: list[Stability]) -> str:
    """How often the claim's three parts hold, a sentence a schedule and optimizer."""
    names = len({row.request.landscape.component.name for row in found})
    request = found[0].request
    lines = [
        f"Stability of F over {request.steps} steps on {names} landscapes, noise"
        f" {' and '.join(NOISES)} (strength 0.5, batch channel), n = {request.seeds} paired seeds"
    ]
    for schedule in SCHEDULES:
        for optimizer in OPTIMIZERS:
            part = [
                row
                for row in found
                if row.schedule == schedule and row.request.optimizer.component.name == optimizer
            ]
            lines.append(
                f"- {schedule}, {optimizer} ({len(part)} scenarios): F = {LOW:g} diverges in"
                f" {sum(row.low_diverges for row in part)}; every F >= 0.5 is stable in"
                f" {sum(row.stable for row in part)}; their medians lie within"
                f" {100 * (ALIKE - 1):.1f} % of one another in {sum(row.alike for row in part)}."
            )
    lines.append(
        "  F diverges where most lanes end above their start, or are lost. sgd runs at the"
        " landscape's own rate, adam at 0.01; greedy has the release's bounds 1e-3 and 1,"
        " greedy-simple has none."
    )
    return "\n".join(lines)


def document(found: list[Stability]) -> list[dict[str, Any]]:
    """The rows; the module's docstring shows their shape."""
    return [
        {
            "landscape": row.request.landscape.text,
            "noise": row.request.noise.text,
            "optimizer": row.request.optimizer.text,
            "schedule": row.schedule,
            "lr": row.request.lr,
            "steps": row.request.steps,
            "seeds": row.request.seeds,
            "F": list(FACTORS),
            "start": json_number(row.start),
            "median": [json_number(float(value)) for value in row.medians],
            "worse": [float(share) for share in row.worse],
            "diverged": [float(share) for share in row.diverged],
            "spread": json_number(row.spread.estimate),
            "spread_ci": json_ends(row.spread),
            "low": json_number(row.low.estimate),
            "low_ci": json_ends(row.low),
        }
        for row in found
    ]
