"""Who is ahead in a finished study: each schedule over all scenarios it ran in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lab.errors import RequestError

#: Columns that name a scenario: what cells to be compared must share.
SCENARIO = (
    "landscape", "noise", "channel", "strength", "steps", "metric_every", "metric", "optimizer",
)  # fmt: skip


@dataclass(frozen=True)
class Rank:
    """One schedule.

    lowest: fraction of its scenarios where it has the lowest median. to_best: geometric mean over
    scenarios of its median / the lowest median; where it diverged counts in `lost` instead.
    """

    schedule: str
    scenarios: int
    lowest: float
    to_best: float
    lost: int


def read_cells(directory: Path) -> dict[str, np.ndarray]:
    """All cells of a study's directory by column.

    Raises
    ------
    RequestError
        There are none.
    """
    import pyarrow.parquet as pq
    from pyarrow import concat_tables

    files = sorted((directory / "cells").glob("*.parquet"))
    if not files:
        raise RequestError(f"{str(directory)!r} holds no finished cells")
    table = concat_tables([pq.read_table(file) for file in files], promote_options="permissive")
    return {name: table[name].to_numpy() for name in table.column_names}


def rank(cells: dict[str, np.ndarray], by: Sequence[str] = ()) -> dict[tuple[Any, ...], list[Rank]]:
    """Rankings, one for each combination of the columns `by` (all scenarios together by default).

    Medians of zero count as the smallest positive double in ratios.
    """
    medians = np.maximum(cells["final_p50"], np.finfo(float).tiny)
    scenario = list(zip(*(cells[name] for name in SCENARIO), strict=True))
    best: dict[tuple[Any, ...], float] = {}
    for key, median in zip(scenario, medians, strict=True):
        best[key] = min(best.get(key, np.inf), median)
    split = list(zip(*(cells[name] for name in by), strict=True)) if by else [()] * len(scenario)
    ratios: dict[tuple[Any, ...], dict[str, list[float]]] = {}
    for i, key in enumerate(scenario):
        if np.isfinite(best[key]):
            ratio = float(medians[i] / best[key])
            ratios.setdefault(split[i], {}).setdefault(str(cells["schedule"][i]), []).append(ratio)
    return {key: _ranks(found) for key, found in ratios.items()}


def _ranks(ratios: dict[str, list[float]]) -> list[Rank]:
    ranks = []
    for schedule, values in ratios.items():
        finite = [value for value in values if np.isfinite(value)]
        mean = float(np.exp(np.mean(np.log(finite)))) if finite else np.inf
        lowest = float(np.mean([value == 1.0 for value in values]))
        ranks.append(Rank(schedule, len(values), lowest, mean, len(values) - len(finite)))
    return sorted(ranks, key=lambda r: (r.to_best, -r.lowest))
