"""Who is ahead in a finished study: each schedule over all scenarios it ran in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lab.errors import RequestError
from lab.store import marks
from lab.store.tables import parquet_file

#: Columns that name a scenario: what cells to be compared must share.
SCENARIO = (
    "landscape", "noise", "channel", "strength", "steps", "metric_every", "metric", "perturb",
    "optimizer", "lr",
)  # fmt: skip


@dataclass(frozen=True)
class Rank:
    """One schedule.

    lowest: fraction of its scenarios where it has the lowest median. to_best: geometric mean over
    scenarios of its median / the lowest one; scenarios where it diverged count in `lost` instead.
    below, above: scenarios where the interval of its median / the reference's lies wholly below or
    above 1; None for a schedule that is always the reference itself.
    """

    schedule: str
    scenarios: int
    lowest: float
    to_best: float
    lost: int
    below: int | None
    above: int | None


def read_cells(directory: Path) -> dict[str, np.ndarray]:
    """All finished cells of a study's directory by column.

    Raises
    ------
    RequestError
        There are none, or a file is damaged.
    """
    return read_table(directory, "cells")


def read_table(
    directory: Path, folder: str, columns: Sequence[str] | None = None
) -> dict[str, np.ndarray]:
    """A table of a study's directory, or some of its columns; finished chunks only.

    Raises
    ------
    RequestError
        There is none, or a file is damaged.
    """
    import pyarrow as pa

    files = [directory / folder / f"{n:05d}.parquet" for n in sorted(marks.numbers(directory))]
    if not files:
        raise RequestError(f"{str(directory)!r} holds no finished cells")
    tables = []
    for file in files:
        try:
            tables.append(parquet_file(file).read(columns))
        except (OSError, pa.ArrowException) as error:
            raise RequestError(
                f"{str(file)!r} is damaged or missing: `lab sweep --resume` makes it again"
            ) from error
    table = pa.concat_tables(tables, promote_options="permissive")
    return {name: table[name].to_numpy() for name in table.column_names}


def rank(cells: dict[str, np.ndarray], by: Sequence[str] = ()) -> dict[tuple[Any, ...], list[Rank]]:
    """Rankings, one for each combination of the columns `by` (all scenarios together by default).

    Medians of zero count as the smallest positive double in ratios; where f* is unknown there are
    no ratios.
    """
    out = {}
    split = list(zip(*(cells[n] for n in by), strict=True)) if by else [()] * len(cells["cell"])
    for key in dict.fromkeys(split):
        chosen = np.array([part == key for part in split])
        out[key] = _ranks({name: values[chosen] for name, values in cells.items()})
    return out


def _ranks(cells: dict[str, np.ndarray]) -> list[Rank]:
    """Rankings of scenarios that belong together."""
    known = cells["measure"] == "suboptimality"
    medians = np.where(known, np.maximum(cells["final_p50"], np.finfo(float).tiny), np.inf)
    best: dict[tuple[Any, ...], float] = {}
    scenario = list(zip(*(cells[name] for name in SCENARIO), strict=True))
    for key, median in zip(scenario, cells["final_p50"], strict=True):
        best[key] = min(best.get(key, np.inf), median)
    lowest = np.array([best[key] for key in scenario])
    settled = np.isfinite(lowest)
    with np.errstate(invalid="ignore"):
        ratio = np.where(known, medians / np.maximum(lowest, np.finfo(float).tiny), np.nan)
    ranks = []
    for schedule in dict.fromkeys(cells["schedule"]):
        mine = cells["schedule"] == schedule
        compared = mine & (cells["reference"] != cells["cell"])
        finite = ratio[mine & settled & np.isfinite(ratio)]
        ranks.append(
            Rank(
                str(schedule),
                int(mine.sum()),
                float((settled & (cells["final_p50"] == lowest))[mine].mean()),
                float(np.exp(np.log(finite).mean())) if len(finite) else np.inf,
                int(np.isinf(cells["final_p50"][mine]).sum()),
                int((cells["ratio_high"][compared] < 1.0).sum()) if compared.any() else None,
                int((cells["ratio_low"][compared] > 1.0).sum()) if compared.any() else None,
            )
        )
    return sorted(ranks, key=lambda r: (r.to_best, -r.lowest))
