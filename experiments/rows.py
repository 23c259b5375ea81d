"""A comparison as columns: a row a lane, and a row a cell and step."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from experiments.comparison import LEVELS, Comparison
from experiments.request import Request
from lab.distribution import EXACT_LANES
from lab.engine.workers import cores
from lab.ensemble import suboptimality
from lab.simulation import Scenario
from lab.store.tables import Optional, Repeated, TableFile, joined, parquet_bytes, write_whole

BAND_NAMES = tuple(f"p{round(100 * level)}" for level in LEVELS)


def lanes(request: Request, comparison: Comparison) -> dict[str, Any]:
    """A row a lane, at the shared rate and then at the tuned ones.

    Columns: schedule, rate ("shared" or "tuned"), lr, strength, seed; final, last (of step T - 1),
    best: suboptimality, or loss where f* is unknown, +inf once diverged; best_step; log_area: mean
    over steps of log10 suboptimality; diverged: step, -1 for never.
    """
    return {**joined([part() for part in _lanes_by_arm(request, comparison)])}


def _lanes_by_arm(
    request: Request, comparison: Comparison
) -> Iterator[Callable[[], dict[str, Any]]]:
    """The same, an arm at a time: what makes its columns.

    All arms of a million seeds need not be in memory twice.
    """
    scenario = request.scenario(comparison.strength)
    parts = [(comparison.shared.summary, "shared", [request.lr] * len(comparison.arms))]
    if comparison.tuned is not None:
        rates = [arm.tuned.rate.lr for arm in comparison.arms if arm.tuned is not None]
        parts.append((comparison.tuned, "tuned", rates))
    for summary, rate, lr in parts:
        for i, arm in enumerate(comparison.arms):
            words = (arm.written, rate)
            numbers = (lr[i], comparison.strength)
            yield partial(_columns, scenario, summary, i, words, numbers)


def _columns(
    scenario: Scenario,
    summary: dict[str, np.ndarray],
    arm: int,
    words: tuple[str, str],
    numbers: tuple[float, float],
) -> dict[str, Any]:
    """The rows of one arm; words are its schedule and rate, numbers its lr and strength."""
    count = summary["final"].shape[1]
    return {
        "schedule": Repeated([(words[0], count)]),
        "rate": Repeated([(words[1], count)]),
        "lr": np.full(count, numbers[0]),
        "strength": np.full(count, numbers[1]),
        "seed": np.arange(count),
        **measures(scenario, summary, arm),
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
    """A row a schedule and band step: quantiles over the lanes, the mean rate (none at step T)."""
    at, count = comparison.shared.at, len(comparison.arms)
    steps = len(at)
    padded = np.concatenate([comparison.shared.lr_mean, np.full((count, 1), np.nan)], axis=1)
    return {
        "schedule": Repeated([(arm.written, steps) for arm in comparison.arms]),
        "strength": np.full(count * steps, comparison.strength),
        "step": np.tile(at.astype(np.int32), count),
        **{name: comparison.shared.bands[:, :, i].ravel() for i, name in enumerate(BAND_NAMES)},
        "lr_mean": Optional(padded.ravel()),
    }


def write(directory: Path, request: Request, comparisons: Sequence[Comparison]) -> None:
    """`runs/` and `bands/` of a result directory, which is not yet in place.

    A file a strength; of very many seeds a file a strength and arm, some at a time.
    """
    (directory / "runs").mkdir(parents=True, exist_ok=True)
    for number, comparison in enumerate(comparisons):
        name = f"{number:05d}.parquet"
        write_whole(directory / "bands" / name, parquet_bytes(bands(request, comparison)))
        parts = _lanes_by_arm(request, comparison)
        if request.seeds <= EXACT_LANES:
            _write_rows(directory / "runs" / name, parts)
            continue
        first = number * 2 * len(comparison.arms)
        with ThreadPoolExecutor(cores()) as pool:
            done = [
                pool.submit(_write_rows, directory / "runs" / f"{first + i:05d}.parquet", (part,))
                for i, part in enumerate(parts)
            ]
        for future in done:
            future.result()


def _write_rows(path: Path, parts: Iterable[Callable[[], dict[str, Any]]]) -> None:
    """Rows to a file that grows by parts."""
    with open(path, "wb") as file:
        table = TableFile(file)
        for part in parts:
            table.write(part())
        table.close()
        file.flush()
        os.fsync(file.fileno())
