"""What a study will cost, from a calibration measured on this machine a moment before."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from experiments.study.chunk import Chunk, chunks, foresee_memory, run_chunk
from experiments.study.declaration import Group, Study
from lab.engine.workers import cores
from lab.store.chunk_files import Tables

#: Seconds after which enough has been measured.
ENOUGH = 3.0
#: Seeds of a trial: where a study has more than that, two sizes tell fixed from running cost.
FEW, MORE, WARM = 1000, 3000, 8


@dataclass(frozen=True)
class Estimate:
    """cells, lanes, lane_steps, chunks: exact. seconds, bytes: extrapolated from `share` of it."""

    cells: int
    lanes: int
    lane_steps: int
    chunks: int
    seconds: float
    bytes: float
    share: float


def estimate(study: Study, threads: int | None = None) -> Estimate:
    """Run some of the study's own chunks, drawn at random, and extrapolate."""
    seeds = study.document.seeds
    every = chunks(study)
    drawn = random.Random(0).sample(every, len(every))
    workers = min(threads or cores(), len(every))
    foresee_memory(study, workers)
    # As many at a time as run at a time, and enough of them that a straggler does not count.
    batches = [drawn[i : i + 2 * workers] for i in range(0, len(drawn), 2 * workers)]
    sizes = [seeds] if seeds <= MORE else [FEW, MORE]
    seconds, size = [0.0] * len(sizes), [0.0] * len(sizes)
    tried = 0.0
    for batch in batches:
        _run(_with_seeds(study, WARM), batch, workers)
        for i, few in enumerate(sizes):
            taken, written = _run(_with_seeds(study, few), batch, workers)
            seconds[i] += taken
            size[i] += written
        tried += sum(_work(group) for chunk in batch for group in chunk)
        if sum(seconds) > ENOUGH:
            break
    share = tried / sum(_work(group) for group in study.groups)
    return Estimate(
        study.cells,
        study.cells * seeds,
        study.lane_steps,
        len(every),
        _at(sizes, seconds, seeds) / share,
        _at(sizes, size, seeds) / share,
        share,
    )


def _run(study: Study, batch: Sequence[Chunk], workers: int) -> tuple[float, int]:
    """Seconds and bytes of some chunks."""
    begun = time.perf_counter()

    def work(chunk: Chunk) -> int:
        tables = Tables()
        run_chunk(study, chunk, tables)
        return sum(len(content) for content in tables.contents().values())

    with ThreadPoolExecutor(workers) as pool:
        written = sum(pool.map(work, batch))
    return time.perf_counter() - begun, written


def _with_seeds(study: Study, seeds: int) -> Study:
    return replace(study, document=study.document.model_copy(update={"seeds": seeds}))


def _work(group: Group) -> float:
    """What a group costs, in units that leave only moderate differences between groups."""
    twins = 1 + bool(group.perturbations)
    return len(group.arms) * group.steps * (group.scenario.facts.dim + 4) * twins


def _at(sizes: Sequence[int], measured: Sequence[float], seeds: int) -> float:
    """A straight line through one or two measurements, at `seeds`."""
    if len(sizes) == 1:
        return measured[0]
    slope = max(0.0, (measured[1] - measured[0]) / (sizes[1] - sizes[0]))
    return measured[1] + slope * (seeds - sizes[1])
