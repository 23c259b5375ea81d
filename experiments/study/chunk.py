"""One chunk of a study: its groups run, reduced and written as rows, bands and cells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from experiments.comparison import LEVELS
from experiments.rows import BAND_NAMES
from experiments.study.cells import DECREASE_AT, CellReduction, cell_columns
from experiments.study.declaration import Cell, Group, Study
from experiments.study.lanes import CONVERGED, LaneMeasures, horizon
from lab.ensemble import BAND_STEPS, Bands, Piece, foresee, pieces, together
from lab.store.chunk_files import Tables
from lab.store.tables import Optional, Repeated

#: Lanes a chunk should hold at least: small cells share a chunk, so that files stay few.
CHUNK_LANES = 50_000

Chunk = tuple[Group, ...]
#: Told the number of finished blocks of lanes now and then; what it raises ends the work.
Progress = Callable[[int], None]


def chunks(study: Study) -> list[Chunk]:
    """The study's groups in their order, together until a chunk has enough lanes."""
    out: list[Chunk] = []
    gathered: list[Group] = []
    lanes = 0
    for group in study.groups:
        gathered.append(group)
        lanes += len(group.arms) * study.document.seeds
        if lanes >= CHUNK_LANES:
            out.append(tuple(gathered))
            gathered, lanes = [], 0
    if gathered:
        out.append(tuple(gathered))
    return out


def folders(study: Study) -> list[str]:
    """The folders that every chunk has a file in."""
    keep = study.document.keep
    return ["runs"] * keep.rows + ["bands"] * (keep.bands != 0) + ["cells"]


def foresee_memory(study: Study, threads: int) -> None:
    """Refuse a study that does not fit into memory, so many groups at a time.

    Raises
    ------
    RequestError
        With what is needed and what there is.
    """
    seeds = study.document.seeds
    for group in study.groups:
        at, kept = _steps(study, group)
        signed = group.scenario.facts.minimum is None
        foresee(len(group.arms), len(kept) - 1, seeds, len(at), signed, at_once=threads)


def run_chunk(
    study: Study, chunk: Chunk, tables: Tables, threads: int = 1, progress: Progress | None = None
) -> None:
    """Run a chunk and write its tables."""
    for group in chunk:
        _run_group(study, group, tables, threads, progress)


def _run_group(
    study: Study, group: Group, tables: Tables, threads: int, progress: Progress | None
) -> None:
    """Run a group, some arms and some lanes at a time, as memory allows."""
    keep, seeds = study.document.keep, study.document.seeds
    at, kept = _steps(study, group)
    options: dict[str, Any] = {
        "seed": study.document.seed, "cadence": group.cadence, "threads": threads,
        "progress": progress,
    }  # fmt: skip
    measured = LaneMeasures(study, group, options)
    reductions: list[CellReduction] = []
    signed = group.scenario.facts.minimum is None
    first = 0
    for arms in together(group.arms, len(kept) - 1, seeds, len(at), signed):
        numbers = range(first, first + len(arms))
        bands = Bands(group.scenario, len(arms), at, seeds)
        reduction = CellReduction(group, len(arms), seeds)
        for piece in pieces(
            group.scenario, arms, group.steps, seeds, kept, CONVERGED,
            perturbations=group.perturbations, **options,
        ):  # fmt: skip
            lanes = measured(arms, piece)
            reduction.add(piece, lanes)
            bands.add(piece)
            if keep.rows:
                tables.write("runs", _rows(group, numbers, piece, lanes))
        if len(at):
            tables.write("bands", _bands(group, numbers, bands))
        reductions.append(reduction)
        first += len(arms)
    cells = cell_columns(study, group, reductions)
    tables.write("cells", {**_identity(group, range(first), 1), **_optional(cells)})


def _steps(study: Study, group: Group) -> tuple[np.ndarray, np.ndarray]:
    """The steps of the bands, and those whose losses are kept while a piece is reduced.

    Of a run of more than `BAND_STEPS` steps these are the ones that the study asks for, so that
    memory does not grow with the steps; a recovery is seen in all of them.
    """
    keep, steps = study.document.keep, group.steps
    at = band_steps(steps, keep.bands)
    if steps <= BAND_STEPS or horizon(group) is not None:
        return at, np.arange(steps + 1)
    asked = [step for step in (*DECREASE_AT, *keep.losses) if step <= steps]
    return at, np.unique([0, *asked, *at.tolist(), steps])


def band_steps(steps: int, wanted: str | int) -> np.ndarray:
    """Steps 0 .. T at which bands are kept: all, or so many, log-spaced with both ends."""
    if wanted == "all":
        return np.arange(steps + 1)
    count = min(int(wanted), steps + 1)
    if count == 0:
        return np.arange(0)
    spaced = np.geomspace(1, steps + 1, count).round().astype(int) - 1
    spaced[-1] = steps
    # Low steps coincide after rounding: each is pushed to the next free one.
    return np.maximum.accumulate(np.maximum(spaced, np.arange(count)))


def _identity(group: Group, numbers: range, repeat: int) -> dict[str, Repeated]:
    """The columns that name a cell, for some arms, `repeat` rows a cell."""
    columns = {"cell": Repeated([(group.first + i, repeat) for i in numbers])}
    for name in Cell.__dataclass_fields__:
        columns[name] = Repeated([(getattr(group.cells[i], name), repeat) for i in numbers])
    return columns


def _rows(
    group: Group, numbers: range, piece: Piece, lanes: dict[str, np.ndarray]
) -> dict[str, Any]:
    seeds = np.arange(piece.first, piece.first + piece.lanes)
    return {
        **_identity(group, numbers, piece.lanes),
        "seed": np.tile(seeds, len(numbers)),
        **{name: values.ravel() for name, values in lanes.items()},
    }


def _bands(group: Group, numbers: range, bands: Bands) -> dict[str, Any]:
    """Quantiles of f - f* (or f), and the mean rate, which step T has none of."""
    found, at = bands.quantiles(LEVELS), bands.at
    rates = bands.lr_mean
    rates = np.pad(rates, ((0, 0), (0, len(at) - rates.shape[1])), constant_values=np.nan)
    return {
        **_identity(group, numbers, len(at)),
        "step": np.tile(at.astype(np.int32), len(numbers)),
        **{name: found[:, :, i].ravel() for i, name in enumerate(BAND_NAMES)},
        "lr_mean": Optional(rates.ravel()),
    }


def _optional(columns: dict[str, np.ndarray]) -> dict[str, Any]:
    """Columns whose NaN means that there is no value."""
    return {n: Optional(v) if v.dtype.kind == "f" else v for n, v in columns.items()}
