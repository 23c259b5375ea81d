"""Histograms of float64 values with logarithmic buckets: quantiles of a stream in fixed memory.

A bucket spans 1/128 of an octave's mantissa range, cut straight from the bits of the float, so
adding a value is two integer operations. A quantile is reported as the middle of its bucket:
relative error at most 2^-8 (0.4 %) for values in [2^-160, 2^96); what is smaller counts as 0,
what is larger, and every lane that diverged, as +inf.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lab.engine.abi import matrix
from lab.engine.bits import to_bits
from lab.engine.native import address_of, native

MANTISSA_BITS = 7
SHIFT = np.uint64(52 - MANTISSA_BITS)
LOWEST_EXPONENT, OCTAVES = -160, 256
#: Bucket number of the lowest value, as the top bits of its float.
LOWEST = (1023 + LOWEST_EXPONENT) << MANTISSA_BITS
#: Bucket 0 holds what is too small, the last what is too large.
BUCKETS = (OCTAVES << MANTISSA_BITS) + 2
RELATIVE_ERROR = 2.0 ** -(MANTISSA_BITS + 1)


def count_values(values, counts, series, lanes):
    """counts[s, bucket of values[s, k]] += 1; `counts` holds int32."""
    v = matrix(values, series, lanes)
    c = matrix(counts, series, BUCKETS)
    for s in range(series):
        for k in range(lanes):
            bucket = np.int64(to_bits(max(v[s, k], 0.0)) >> SHIFT) - (LOWEST - 1)
            c[s, min(max(bucket, 0), BUCKETS - 1)] += 1


class Histograms:
    """One histogram for each of (arms, steps) series of non-negative values.

    Memory: 4 bytes x 32,770 buckets a series while it is being filled.
    """

    def __init__(self, arms: int, steps: int) -> None:
        self.shape = (arms, steps)
        self.counts = np.zeros((arms * steps, BUCKETS), dtype=np.int32)

    def add(self, values: np.ndarray) -> None:
        """Add values of shape (arms, steps, lanes)."""
        flat = np.ascontiguousarray(values, dtype=np.float64).reshape(len(self.counts), -1)
        call = native(count_values, "pill").call
        call(address_of(flat), address_of(self.counts), *flat.shape)

    def quantiles(self, levels: Sequence[float]) -> np.ndarray:
        """Quantiles of every series, shape (arms, steps, levels)."""
        edges = _middles()
        out = np.empty((len(self.counts), len(levels)))
        for s, counts in enumerate(self.counts):
            cumulative = np.cumsum(counts)
            ranks = np.asarray(levels) * (cumulative[-1] - 1)
            out[s] = edges[np.searchsorted(cumulative, ranks, side="right")]
        return out.reshape(*self.shape, len(levels))


def _middles() -> np.ndarray:
    """The value that stands for each bucket."""
    tops = np.arange(LOWEST, LOWEST + BUCKETS - 2, dtype=np.uint64)
    low = (tops << SHIFT).view(np.float64)
    high = ((tops + np.uint64(1)) << SHIFT).view(np.float64)
    return np.concatenate([[0.0], 0.5 * (low + high), [np.inf]])
