"""What a study will cost, from a calibration measured on this machine a moment before."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from experiments.study import Group, Study
from experiments.sweep import chunks, run_chunk
from lab.engine.plan import cores

#: Groups tried, and with how many seeds: few and more tell fixed cost from running cost.
TRIALS = 3
FEW, MORE = 128, 512


@dataclass(frozen=True)
class Estimate:
    """cells, lanes, lane_steps, chunks: exact. seconds, bytes: extrapolated."""

    cells: int
    lanes: int
    lane_steps: int
    chunks: int
    seconds: float
    bytes: float


def estimate(study: Study, threads: int | None = None) -> Estimate:
    """Time a few of the study's own groups and extrapolate in groups and lanes."""
    groups = study.groups
    tried = [groups[i * (len(groups) - 1) // max(1, TRIALS - 1)] for i in range(TRIALS)]
    seconds = size = 0.0
    for group in tried:
        fixed, slope, fixed_bytes, slope_bytes = _cost(study, group)
        seconds += fixed + slope * study.document.seeds
        size += fixed_bytes + slope_bytes * study.document.seeds
    share = len(groups) / len(tried)
    parallel = min(threads or cores(), len(groups))
    return Estimate(
        study.cells,
        study.cells * study.document.seeds,
        study.lane_steps,
        len(chunks(study)),
        seconds * share / parallel,
        size * share,
    )


def _cost(study: Study, group: Group) -> tuple[float, float, float, float]:
    """Fixed seconds, seconds a seed, fixed bytes, bytes a seed of one group."""
    measured = []
    for seeds in (FEW, FEW, MORE):
        document = study.document.model_copy(update={"seeds": seeds})
        small = replace(study, document=document)
        begun = time.perf_counter()
        contents = run_chunk(small, (group,))
        taken = time.perf_counter() - begun
        measured.append((taken, sum(len(content) for content in contents.values())))
    # The first trial compiles and imports; it is not counted.
    (few_seconds, few_bytes), (more_seconds, more_bytes) = measured[1], measured[2]
    slope = max(0.0, (more_seconds - few_seconds) / (MORE - FEW))
    slope_bytes = max(0.0, (more_bytes - few_bytes) / (MORE - FEW))
    return (
        max(0.0, few_seconds - slope * FEW),
        slope,
        max(0.0, few_bytes - slope_bytes * FEW),
        slope_bytes,
    )
