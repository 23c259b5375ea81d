"""Pooled comparisons that several claims share: medians, quantiles and success of many cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from experiments.check.evidence import RIVALS, SUBJECT, Grid
from experiments.study.declaration import Cell
from lab.statistics.bootstrap import MedianRatio
from lab.statistics.pooled import PooledQuantiles, half_flags, pooled_quantiles

LEVELS = (0.1, 0.5, 0.9)
P10, P50, P90 = range(3)
RESAMPLES = 500
#: Suboptimality below this is as good as none; ratios of zeros would say nothing.
FLOOR = 1e-300


def everything(cell: Cell) -> bool:
    """Keep every cell."""
    return True


def quantiles_of(
    grid: Grid, keep: Callable[[Cell], bool], column: str = "last"
) -> dict[str, PooledQuantiles]:
    """p10, p50 and p90 of each schedule's pool of lanes."""
    return quantiles_of_pools(grid.pools(column, keep))


def quantiles_of_pools(pools: Mapping[str, np.ndarray]) -> dict[str, PooledQuantiles]:
    """p10, p50 and p90 of pools of shape (cells, seeds)."""
    return {
        name: pooled_quantiles(np.maximum(lanes, FLOOR), LEVELS, RESAMPLES)
        for name, lanes in pools.items()
    }


def quotient(
    above: PooledQuantiles, level: int, below: PooledQuantiles, under: int, note: str = ""
) -> MedianRatio:
    """Ratio of one pool's quantile to another's, with its replicates."""
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = above.estimates[level] / below.estimates[under]
        replicates = above.replicates[level] / below.replicates[under]
    return MedianRatio(float(estimate), replicates, above.seeds, note)


def median_ratios(
    found: Mapping[str, PooledQuantiles], label: str = "{rival}", rivals: Sequence[str] = RIVALS
) -> list[tuple[str, MedianRatio]]:
    """GreedyLR's pooled median over each rival's."""
    return [
        (label.format(rival=rival), quotient(found[SUBJECT], P50, found[rival], P50))
        for rival in rivals
    ]


def success_ratio(
    ours: np.ndarray, theirs: np.ndarray, threshold: float, seed: int = 0
) -> MedianRatio:
    """Ratio of the shares of lanes that end at or below a threshold, resampled by seed."""
    shares = [(lanes <= threshold).mean(axis=0) for lanes in (ours, theirs)]
    seeds = ours.shape[1]
    flags = half_flags(seeds, RESAMPLES, seed)
    sizes = flags.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        replicates = [(flags @ share) / sizes for share in shares]
        ratio = replicates[0] / replicates[1]
        estimate = shares[0].mean() / shares[1].mean()
    note = "nobody gets there" if np.isnan(estimate) else ""
    return MedianRatio(float(estimate), ratio, seeds, note)


def share(lanes: np.ndarray, threshold: float) -> float:
    """Share of lanes that end at or below a threshold."""
    return float((lanes <= threshold).mean())


def behind(grid: Grid) -> dict[str, float]:
    """Without noise, on how many `functions`, each by itself, some rival has the lower median."""
    medians = [
        {
            name: float(np.median(lanes))
            for name, lanes in grid.pools(
                "last", lambda cell, of=landscape: cell.noise == "none" and cell.landscape == of
            ).items()
        }
        for landscape in dict.fromkeys(cell.landscape for cell in grid.cells)
    ]
    count = sum(min(found[r] for r in RIVALS) < found[SUBJECT] for found in medians)
    return {"behind": float(count), "functions": float(len(medians))}
