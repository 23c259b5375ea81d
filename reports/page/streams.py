"""Bands, rates and samples of all cells, read file by file and cut to what a page shows."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from experiments.rows import BAND_NAMES
from lab.statistics.quantiles import quantiles
from reports.page.collect import Columns, Results, read_columns

#: Quantiles of a band, lowest first.
BAND = ("p10", "p50", "p90")
#: Steps that a page shows at least, and how many values all cells together may have.
STEPS, STEP_BUDGET = 30, 100_000
#: Levels of an ECDF when cells are many, and when they are few enough for percentiles.
LEVELS = np.array(
    [0, 0.01, 0.025, *(np.arange(1, 20) / 20), 0.975, 0.99, 1], dtype=np.float64
)  # fmt: skip
PERCENTILES, LEVEL_BUDGET = np.arange(101) / 100, 60_000
#: Seeds of a cell that an ECDF is drawn from at most.
SEEDS = 50_000


T = TypeVar("T")


@dataclass(frozen=True)
class Bands:
    """Quantiles and mean rates step by step.

    grids: for each number of steps T the steps shown, ascending, of 0 .. T. values: (cells, steps,
    3) as in `BAND`; rates: (cells, steps). NaN where a cell has none, or fewer steps than others.
    """

    grids: dict[int, np.ndarray]
    values: np.ndarray
    rates: np.ndarray


@dataclass(frozen=True)
class Samples:
    """Quantiles of the final value of every cell, over its first `SEEDS` seeds at most.

    values: (cells, levels), NaN where a cell has none. whole: whether they are of the lanes' rows;
    otherwise they are the few that the cells have.
    """

    levels: np.ndarray
    values: np.ndarray
    whole: bool


def read_bands(results: Results) -> Bands | None:
    """The bands of all cells at few steps, or None where the directory has none."""
    files = results.files("bands")
    if not files:
        return None
    cells = results.cells
    at_most = max(STEPS, STEP_BUDGET // len(cells["cell"]))
    tables = list(_each(files, lambda path: read_columns(path, ("step", *BAND), _identity(path))))
    grids: dict[int, np.ndarray] = {}
    places = [positions(results, table) for table in tables]
    for table, place in zip(tables, places, strict=True):
        for steps in np.unique(cells["steps"][place[place >= 0]]):
            mine = (place >= 0) & (cells["steps"][place] == steps)
            grids.setdefault(int(steps), thinned(np.unique(table["step"][mine]), at_most))
    width = max((len(grid) for grid in grids.values()), default=0)
    values = np.full((len(cells["cell"]), width, len(BAND)), np.nan)
    rates = np.full((len(cells["cell"]), width), np.nan)
    for table, place in zip(tables, places, strict=True):
        for steps, grid in grids.items():
            known = np.isin(table["step"], grid) & (place >= 0)
            known &= cells["steps"][place] == steps
            row, column = place[known], np.searchsorted(grid, table["step"][known])
            values[row, column] = np.stack([table[name][known] for name in BAND], axis=-1)
            if "lr_mean" in table:
                rates[row, column] = table["lr_mean"][known]
    return Bands(grids, values, rates)


def thinned(steps: np.ndarray, at_most: int) -> np.ndarray:
    """At most so many of the steps, spaced evenly in log(step + 1), both ends among them."""
    if len(steps) <= at_most:
        return steps
    spaced = np.geomspace(steps[0] + 1, steps[-1] + 1, at_most) - 1
    # Low steps coincide: each wish takes the next step that is free, as many as there are wishes.
    chosen = np.searchsorted(steps, spaced - 0.5)
    chosen = np.maximum.accumulate(np.maximum(chosen, np.arange(at_most)))
    last = np.arange(at_most) + len(steps) - at_most
    return steps[np.minimum(chosen, last)]


def read_samples(results: Results) -> Samples:
    """Quantiles of the final value, of all lanes where they were kept, else those of the cells."""
    count = len(results.cells["cell"])
    levels = PERCENTILES if count * len(PERCENTILES) <= LEVEL_BUDGET else LEVELS
    found, values = quantiles_of(results, np.arange(count), levels)
    return Samples(found, values, found is levels)


def quantiles_of(
    results: Results, chosen: np.ndarray, levels: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Levels and quantiles (cells, levels) of the final value of the chosen cells.

    The levels are those of the cells' own columns where the rows of the lanes were not kept.
    """
    files = results.files("runs")
    if not files:
        few = np.array([int(name[1:]) / 100 for name in BAND_NAMES])
        return few, np.stack([results.cells[f"final_{n}"][chosen] for n in BAND_NAMES], axis=1)
    values = np.full((len(results.cells["cell"]), len(levels)), np.nan)
    for place, found in _each(files, lambda path: _quantiles(results, path, chosen, levels)):
        values[place] = found
    return levels, values[chosen]


def _quantiles(
    results: Results, path: Path, chosen: np.ndarray, levels: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the chosen cells of a file and their quantiles."""
    table = read_columns(path, ("final",), _identity(path), first_seeds=SEEDS)
    place = positions(results, table)
    final = table["final"].astype(np.float64)
    sound = np.isin(place, chosen) & ~np.isnan(final)
    if "rate" in table:
        sound &= table["rate"] == "shared"
    place, final = place[sound], final[sound]
    if not len(place):
        return np.zeros(0, dtype=np.int64), np.zeros((0, len(levels)))
    if np.any(np.diff(place) < 0):
        order = np.argsort(place, kind="stable")
        place, final = place[order], final[order]
    found, first, counts = np.unique(place, return_index=True, return_counts=True)
    if (counts == counts[0]).all():
        return found, quantiles(final.reshape(len(found), -1), levels).T
    parts = [quantiles(part, levels) for part in np.split(final, first[1:])]
    return found, np.stack(parts)


def _identity(path: Path) -> tuple[str, ...]:
    """Columns that say whose a row is: a number, or schedule and strength; and the mean rate."""
    rows = path.parent.name == "runs"
    return ("cell", "schedule", "strength", "rate") if rows else (
        "cell", "schedule", "strength", "lr_mean",
    )  # fmt: skip


def positions(results: Results, table: Columns) -> np.ndarray:
    """For each row the position of its cell, -1 where there is no such cell."""
    cells = results.cells
    if "cell" in table:
        order = np.argsort(cells["id"], kind="stable")
        place = np.searchsorted(cells["id"], table["cell"], sorter=order)
        place = order[np.minimum(place, len(order) - 1)]
        return np.where(cells["id"][place] == table["cell"], place, -1)
    if "schedule" not in table or "strength" not in table:
        return np.full(len(next(iter(table.values()))), -1)
    place = np.full(len(table["schedule"]), -1)
    for i in range(len(cells["cell"])):
        mine = table["schedule"] == cells["schedule"][i]
        place[mine & (table["strength"] == cells["strength"][i])] = i
    return place


def _each(files: list[Path], read: Callable[[Path], T]) -> Iterator[T]:
    """Read files side by side; reading and sorting leave the interpreter free."""
    with ThreadPoolExecutor(min(len(files), os.cpu_count() or 1)) as pool:
        yield from pool.map(read, files)
