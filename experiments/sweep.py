"""Running a study chunk by chunk, here or on a Dask cluster, always to the same bytes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import numpy as np

from experiments.comparison import LEVELS
from experiments.rows import BAND_NAMES, measures
from experiments.study import Cell, Group, Study
from lab.engine.plan import cores
from lab.ensemble import Ensemble, run_ensemble, suboptimality
from lab.statistics.bootstrap import median_ratios
from lab.statistics.paired import probability_better
from lab.statistics.quantiles import quantiles
from lab.store.chunks import ChunkStore
from lab.store.manifest import provenance
from lab.store.tables import Repeated, parquet_bytes

#: Lanes a chunk should hold at least: small cells share a chunk, so that files stay few.
CHUNK_LANES = 50_000

Chunk = tuple[Group, ...]
Contents = dict[str, bytes]


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


def run_chunk(study: Study, chunk: Chunk, threads: int = 1) -> Contents:
    """The Parquet files of one chunk, by folder."""
    parts: dict[str, list[dict[str, Any]]] = {"runs": [], "bands": [], "cells": []}
    keep = study.document.keep
    for group in chunk:
        at = band_steps(group.steps, keep.bands)
        ensemble = run_ensemble(
            group.scenario, group.arms, group.steps, study.document.seeds, LEVELS, band_steps=at,
            seed=study.document.seed, cadence=group.cadence, threads=threads,
        )  # fmt: skip
        parts["cells"].append(_cell_columns(study, group, ensemble))
        if keep.rows:
            parts["runs"].append(_lane_columns(group, ensemble))
        if len(at):
            parts["bands"].append(_band_columns(group, ensemble, at))
    return {folder: parquet_bytes(_joined(tables)) for folder, tables in parts.items() if tables}


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


def run_local(
    study: Study,
    store: ChunkStore,
    threads: int | None,
    progress: Callable[[int], None],
) -> None:
    """Run the missing chunks on a pool of threads; `progress` hears of every stored chunk."""
    todo = store.missing()
    every = chunks(study)
    workers = min(threads or cores(), max(1, len(todo)))
    within = max(1, (threads or cores()) // workers)
    with ThreadPoolExecutor(workers) as pool:
        queue: Iterator[int] = iter(todo)
        running: dict[Future[Contents], int] = {}

        def submit() -> None:
            number = next(queue, None)
            if number is not None:
                running[pool.submit(run_chunk, study, every[number], within)] = number

        # Two a worker keep all busy while one is stored, and few are lost to an interrupt.
        for _ in range(2 * workers):
            submit()
        try:
            while running:
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    number = running.pop(future)
                    store.put(number, future.result())
                    progress(number)
                    submit()
        except BaseException:
            for future in running:
                future.cancel()
            raise


def _joined(tables: list[dict[str, Any]]) -> dict[str, Any]:
    """Tables of the same columns, one below the other."""
    first = tables[0]
    return {
        name: Repeated([run for table in tables for run in table[name].runs])
        if isinstance(first[name], Repeated)
        else np.concatenate([table[name] for table in tables])
        for name in first
    }


def _identity(group: Group, repeat: int) -> dict[str, Any]:
    """The columns that name a cell, `repeat` rows a cell."""
    columns: dict[str, Any] = {
        "cell": np.repeat(np.arange(group.first, group.first + len(group.cells)), repeat)
    }
    for name in Cell.__dataclass_fields__:
        values = [getattr(cell, name) for cell in group.cells]
        if isinstance(values[0], str):
            columns[name] = Repeated([(value, repeat) for value in values])
        else:
            columns[name] = np.repeat(np.array(values), repeat)
    return columns


def _lane_columns(group: Group, ensemble: Ensemble) -> dict[str, Any]:
    lanes = ensemble.summary["final"].shape[1]
    rows = [measures(group.scenario, ensemble.summary, i) for i in range(len(group.arms))]
    return {
        **_identity(group, lanes),
        "seed": np.tile(np.arange(lanes), len(group.arms)),
        **{name: np.concatenate([row[name] for row in rows]) for name in rows[0]},
    }


def _band_columns(group: Group, ensemble: Ensemble, at: np.ndarray) -> dict[str, Any]:
    padded = np.pad(ensemble.lr_mean, ((0, 0), (0, 1)), constant_values=np.nan)
    return {
        **_identity(group, len(at)),
        "step": np.tile(at.astype(np.int32), len(group.arms)),
        **{name: ensemble.bands[:, :, i].ravel() for i, name in enumerate(BAND_NAMES)},
        "lr_mean": padded[:, at].ravel(),
    }


def _cell_columns(study: Study, group: Group, ensemble: Ensemble) -> dict[str, Any]:
    """A row a cell: quantiles of the final and best value, and the comparison with greedy.

    ratio: median of this / median of the reference with its 95 % interval, on the same seeds.
    better: probability of ending below the reference, ties one half.
    """
    final = suboptimality(group.scenario, ensemble.summary["final"])
    quantile = quantiles(final, LEVELS)
    best = quantiles(ensemble.summary["best"], LEVELS)
    reference = references(group)
    ratios = [(np.nan, np.nan, np.nan, np.nan)] * len(group.arms)
    for of in sorted(set(reference)):
        members = [i for i, r in enumerate(reference) if r == of and i != of]
        if members:
            chosen = final[[of, *members]]
            found = median_ratios(chosen, 0, seed=study.document.seed)[1:]
            for i, interval in zip(members, found, strict=True):
                better = probability_better(final[i], final[of]).estimate
                parts = (interval.estimate, interval.low, interval.high, better)
                ratios[i] = tuple(np.nan if part is None else part for part in parts)
    names = ("ratio", "ratio_low", "ratio_high", "better")
    return {
        **_identity(group, 1),
        "inert": np.array(
            [group.scenario.inert(arm.schedule, group.cadence.metric) for arm in group.arms]
        ),
        "seeds": np.full(len(group.arms), final.shape[1]),
        **{f"final_{name}": quantile[i] for i, name in enumerate(BAND_NAMES)},
        **{f"best_{name}": best[i] for i, name in enumerate(BAND_NAMES)},
        "diverged": np.isfinite(ensemble.summary["diverged"]).mean(axis=1),
        "reference": np.array([group.first + r for r in reference]),
        **{name: np.array([r[i] for r in ratios]) for i, name in enumerate(names)},
    }


def references(group: Group) -> list[int]:
    """For each arm its reference: greedy, else the first, of the same optimizer and rate."""
    out = []
    for cell in group.cells:
        same = (cell.optimizer, cell.lr)
        peers = [i for i, c in enumerate(group.cells) if (c.optimizer, c.lr) == same]
        greedy = [i for i in peers if group.arms[i].schedule.component.name == "greedy"]
        out.append((greedy or peers)[0])
    return out


def run_study(
    study: Study,
    target: Path,
    command: str,
    resume: bool,
    threads: int | None,
    dask: str | None,
    plugins: Sequence[Path],
    log: Callable[[str], None],
) -> None:
    """Run what is missing of a study into `target`.

    Raises
    ------
    RequestError
        The directory belongs to something else or is being written, or the cluster is not there.
    WorkError
        The disk is full or the cluster was lost; finished chunks are safe.
    """
    planned = len(chunks(study))
    record = provenance(study.identity(), command) | {"title": study.document.title}
    store = ChunkStore(target, study.identity(), planned, record, resume)
    try:
        begun = time.time()
        kept = len(store.done)
        if kept:
            log(f"{kept} of {planned} chunks are already there")
        report = _progress(store, kept, begun, log)
        if dask is None:
            run_local(study, store, threads, report)
        else:
            from experiments.cluster import run_on_cluster

            run_on_cluster(study, store, dask, plugins, report)
        store.save(started=begun, seconds=time.time() - begun)
    except BaseException:
        store.save()
        raise
    finally:
        store.close()


def _progress(
    store: ChunkStore, kept: int, begun: float, log: Callable[[str], None]
) -> Callable[[int], None]:
    """Say now and then how far the study is and how long the rest will take."""
    last = begun

    def report(number: int) -> None:
        nonlocal last
        now = time.time()
        done = len(store.done)
        if now - last >= 2.0 or done == store.planned:
            last = now
            rest = (now - begun) / max(1, done - kept) * (store.planned - done)
            log(f"{done} of {store.planned} chunks, about {rest:.0f} s left")

    return report
