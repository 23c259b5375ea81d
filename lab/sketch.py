"""Histograms of float64 values with logarithmic buckets: quantiles of a stream in fixed memory.

A bucket is what shares sign, exponent and, for sizes from 2^-100 to 2^100 (8e-31 to 1e30), the
first seven bits of the mantissa, cut straight from the float; one number stands for all in it. A
quantile is interpolated between two order statistics, as everywhere in the laboratory, and each
of these is off by at most `FINE_ERROR` (0.4 %) of its size, or by `COARSE_ERROR` (a third) where it
is smaller or larger than those limits. For values of one sign, such as suboptimalities, the
quantile is therefore off by at most that share of itself. 0 and +inf are exact; numbers below the
smallest normal one (2e-308) count as 0.

Losses of a landscape whose minimum is unknown may be negative. `signed` histograms mirror the
buckets at 0, in twice the memory. A quantile between order statistics of opposite sign may lie
near 0, and is then off by a share of the larger of the two, not of itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lab.counts import counted_quantiles
from lab.engine.abi import matrix
from lab.engine.bits import to_bits
from lab.engine.native import address_of, native

MANTISSA_BITS = 7
#: Octaves with fine buckets: exponents from -FINE up to FINE.
FINE = 100
FINE_ERROR = 2.0 ** -(MANTISSA_BITS + 1)
COARSE_ERROR = 1.0 / 3.0
#: Finite losses end at 1e150 (`lab.engine.builtin.LOSS_LIMIT`), below 2^500.
LARGEST_EXPONENT = 500
#: Buckets: zero, small octaves, fine ones, large octaves, infinity; first number of each kind.
SMALL = 1
FIRST_FINE = SMALL + 1022 - FINE
LARGE = FIRST_FINE + (2 * FINE << MANTISSA_BITS)
TOP = LARGE + LARGEST_EXPONENT - FINE
#: Sign, exponent and mantissa bits of the lowest fine bucket, as an integer.
LOWEST_FINE = (1023 - FINE) << MANTISSA_BITS
EXPONENT_SHIFT, FINE_SHIFT = np.uint64(52), np.uint64(52 - MANTISSA_BITS)
#: From so many values on a bucket may not fit into 32 bits.
WIDE = 2**31


def bucket_of(value):
    """Number of the bucket of a size."""
    bits = to_bits(abs(value))
    exponent = np.int64(bits >> EXPONENT_SHIFT)
    fine = np.int64(bits >> FINE_SHIFT) - (LOWEST_FINE - FIRST_FINE)
    coarse = exponent if exponent < 1023 else min(exponent - (1023 + FINE) + LARGE, TOP)
    return fine if (exponent >= 1023 - FINE) & (exponent < 1023 + FINE) else coarse


def count_values(values, counts, series, lanes, centre):
    """counts[s, centre + bucket of values[s, k]] += 1; negative values lie left of `centre`."""
    v = matrix(values, series, lanes)
    c = matrix(counts, series, centre + TOP + 1)
    for s in range(series):
        for k in range(lanes):
            bucket = bucket_of(v[s, k])
            c[s, max(centre + (bucket if v[s, k] >= 0.0 else -bucket), 0)] += 1


class Histograms:
    """One histogram for each of several series.

    Parameters
    ----------
    series:
        Their number.
    lanes:
        How many values each will get at most; decides between 4 and 8 bytes a bucket.
    signed:
        Whether values may be negative; if not, negative ones count as 0.
    """

    def __init__(self, series: int, lanes: int, signed: bool = False) -> None:
        self.centre = TOP if signed else 0
        kind = np.int64 if lanes >= WIDE else np.int32
        self.counts = np.zeros((series, self.centre + TOP + 1), dtype=kind)

    def add(self, values: np.ndarray) -> None:
        """Add values of shape (series, lanes): finite or +inf."""
        flat = np.ascontiguousarray(values, dtype=np.float64)
        wide = self.counts.dtype == np.int64
        call = native(count_values, "pqlll" if wide else "pilll").call
        call(address_of(flat), address_of(self.counts), *flat.shape, self.centre)

    def quantiles(self, levels: Sequence[float]) -> np.ndarray:
        """Linear quantiles of every series, shape (series, levels)."""
        values = representatives()
        values = np.concatenate([-values[:0:-1], values]) if self.centre else values
        out = np.empty((len(self.counts), len(levels)))
        for row, counts in zip(out, self.counts, strict=True):
            row[:] = counted_quantiles(counts, values, levels)
        return out


def bytes_a_series(lanes: int, signed: bool) -> int:
    """Memory of one histogram."""
    return (1 + signed) * (TOP + 1) * (8 if lanes >= WIDE else 4)


def representatives() -> np.ndarray:
    """The value that stands for each bucket, shape (TOP + 1,)."""
    # Middles of fine buckets; 4/3 of the lower end of an octave, which errs alike at both ends.
    tops = np.arange(LOWEST_FINE, LOWEST_FINE + LARGE - FIRST_FINE + 1, dtype=np.uint64)
    edges = (tops << FINE_SHIFT).view(np.float64)
    small = 2.0 ** np.arange(-1022.0, -FINE) * 4.0 / 3.0
    large = 2.0 ** np.arange(FINE, LARGEST_EXPONENT) * 4.0 / 3.0
    return np.concatenate([[0.0], small, 0.5 * (edges[:-1] + edges[1:]), large, [np.inf]])
