"""Quantiles of a pool of cells, with the seeds as the units of resampling.

A published figure such as "the median over all configurations" pools lanes of many cells. The lanes
of one seed share their draws across cells, so they are resampled together: a random half of the
seeds keeps or drops all of a seed's lanes at once (`lab.statistics.half_samples`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lab.engine.abi import matrix, vector
from lab.engine.native import address_of, native
from lab.statistics.generator import generator_of
from lab.statistics.half_samples import BATCH, STREAM, half_sizes
from lab.statistics.quantiles import quantiles


@dataclass(frozen=True)
class PooledQuantiles:
    """Quantiles of a pool: `estimates` (levels,), `replicates` (levels, halves)."""

    estimates: np.ndarray
    replicates: np.ndarray
    seeds: int


def pooled_quantiles(
    values: np.ndarray, levels: Sequence[float], resamples: int = 500, seed: int = 0
) -> PooledQuantiles:
    """Quantiles of all lanes together, and over random halves of the seeds.

    Parameters
    ----------
    values:
        Shape (cells, n), column i of every cell belongs to seed i; finite or +inf.
    levels:
        Of the quantiles, linear between order statistics.
    resamples, seed:
        Number of halves and the seed that draws them; the halves are the same for every pool of
        equal n, resamples and seed, so that ratios of pools are paired.
    """
    cells, n = values.shape
    flat = np.ascontiguousarray(values, dtype=np.float64).ravel()
    order = np.argsort(flat, kind="stable")
    ranked, owner = flat[order], (order % n).astype(np.int64)
    wanted = np.asarray(levels, dtype=np.float64)
    estimates = quantiles(flat, wanted)
    flags = half_flags(n, resamples, seed)
    out = np.empty((resamples, len(wanted)))
    native(walk_by_address, "ppqqpllll").call(
        address_of(out), address_of(ranked), address_of(owner), address_of(flags),
        address_of(wanted), resamples, len(wanted), cells, n,
    )  # fmt: skip
    return PooledQuantiles(estimates, out.T.copy(), n)


def half_flags(n: int, resamples: int, seed: int) -> np.ndarray:
    """Which seeds are in each half: int64 of shape (resamples, n), 1 or 0.

    The same halves as `half_sample_medians` draws are not promised; the sizes are.
    """
    sizes = half_sizes(n)
    generator = generator_of(seed, STREAM)
    flags = np.zeros((resamples, n), dtype=np.int64)
    batch = max(1, BATCH // n)
    for first in range(0, resamples, batch):
        keys = generator.random((min(batch, resamples - first), n))
        order = np.argsort(keys, axis=1)
        for row in range(len(keys)):
            flags[first + row, order[row, : sizes[(first + row) % 2]]] = 1
    return flags


def walk_by_address(out, ranked, owner, flags, levels, halves, count, cells, n):
    """`walk` over memory."""
    walk(
        matrix(out, halves, count),
        vector(ranked, cells * n),
        vector(owner, cells * n),
        matrix(flags, halves, n),
        vector(levels, count),
        cells,
    )


def walk(out, ranked, owner, flags, levels, cells):
    """Fill `out` (halves, levels): each half's quantiles, found by walking the pool in order.

    ranked: (lanes,) ascending. owner: (lanes,) the seed of each. flags: (halves, n). levels
    ascending.
    """
    halves, n = flags.shape
    for r in range(halves):
        size = 0
        for i in range(n):
            size += flags[r, i]
        last = size * cells - 1
        k, seen = -1, 0
        for q in range(levels.shape[0]):
            position = levels[q] * last
            rank = np.int64(position)
            fraction = position - rank
            while seen <= rank:
                k += 1
                seen += flags[r, owner[k]]
            low = ranked[k]
            j, beyond = k, seen
            while beyond <= rank + 1 and beyond <= last:
                j += 1
                beyond += flags[r, owner[j]]
            high = ranked[j]
            out[r, q] = low if fraction == 0.0 or low == high else low + fraction * (high - low)
