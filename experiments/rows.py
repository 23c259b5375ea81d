"""A comparison as columns: a row a lane, and a row a cell and step."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.comparison import LEVELS, Comparison
from experiments.request import Request
from lab.ensemble import suboptimality
from lab.simulation import Scenario
from lab.store.tables import Repeated, parquet_bytes, write_whole

BAND_NAMES = tuple(f"p{round(100 * level)}" for level in LEVELS)


def lanes(request: Request, comparison: Comparison) -> dict[str, Any]:
    """A row a lane, at the shared rate and then at the tuned ones.

    Columns: schedule, rate ("shared" or "tuned"), lr, strength, seed; final, last (of step T - 1),
    best: suboptimality, or loss where f* is unknown, +inf once diverged; best_step; log_area: mean
    over steps of log10 suboptimality; diverged: step, -1 for never.
    """
    scenario = request.scenario(comparison.strength)
    parts = [(comparison.shared.summary, "shared", [request.lr] * len(comparison.arms))]
    if comparison.tuned is not None:
        rates = [arm.tuned.rate.lr for arm in comparison.arms if arm.tuned is not None]
        parts.append((comparison.tuned, "tuned", rates))
    columns: dict[str, list[np.ndarray]] = {}
    words: dict[str, list[tuple[str, int]]] = {"schedule": [], "rate": []}
    for summary, rate, lr in parts:
        count = summary["final"].shape[1]
        for i, arm in enumerate(comparison.arms):
            words["schedule"].append((arm.written, count))
            words["rate"].append((rate, count))
            row = {
                "lr": np.full(count, lr[i]),
                "strength": np.full(count, comparison.strength),
                "seed": np.arange(count),
                **measures(scenario, summary, i),
            }
            for name, values in row.items():
                columns.setdefault(name, []).append(values)
    return {
        **{name: Repeated(runs) for name, runs in words.items()},
        **{name: np.concatenate(values) for name, values in columns.items()},
    }


def measures(scenario: Scenario, summary: dict[str, np.ndarray], arm: int) -> dict[str, np.ndarray]:
    """What a row says of one lane, for all lanes of an arm; the names are explained in `lanes`."""
    diverged = summary["diverged"][arm]
    return {
        "final": suboptimality(scenario, summary["final"][arm]),
        "last": suboptimality(scenario, summary["last"][arm]),
        "best": summary["best"][arm],
        "best_step": summary["best_step"][arm].astype(np.int32),
        "log_area": summary["log_area"][arm],
        "diverged": np.where(np.isfinite(diverged), diverged, -1).astype(np.int32),
    }


def bands(request: Request, comparison: Comparison) -> dict[str, Any]:
    """A row a schedule and step: quantiles over the lanes and the mean rate (none at step T)."""
    steps = request.steps + 1
    count = len(comparison.arms)
    padded = np.concatenate([comparison.shared.lr_mean, np.full((count, 1), np.nan)], axis=1)
    return {
        "schedule": Repeated([(arm.written, steps) for arm in comparison.arms]),
        "strength": np.full(count * steps, comparison.strength),
        "step": np.tile(np.arange(steps, dtype=np.int32), count),
        **{name: comparison.shared.bands[:, :, i].ravel() for i, name in enumerate(BAND_NAMES)},
        "lr_mean": padded.ravel(),
    }


def write(directory: Path, request: Request, comparisons: Sequence[Comparison]) -> None:
    """`runs/` and `bands/` of a result directory, a file a strength."""
    for number, comparison in enumerate(comparisons):
        name = f"{number:05d}.parquet"
        write_whole(directory / "runs" / name, parquet_bytes(lanes(request, comparison)))
        write_whole(directory / "bands" / name, parquet_bytes(bands(request, comparison)))
