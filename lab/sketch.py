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

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from lab.counts import counted_quantiles
from lab.engine.abi import matrix, vector
from lab.engine.bits import from_bits, to_bits, to_integer
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
#: Values whose buckets are found before they are counted.
PART = 1024
#: Four places of 16 bits to a number: both halves of a signed histogram have fewer buckets.
PLACE = np.uint64(0xFFFF)
SECOND, THIRD, FOURTH = np.uint64(16), np.uint64(32), np.uint64(48)


def bucket_of(value):
    """Number of the bucket of a size."""
    bits = to_bits(abs(value))
    exponent = np.int64(bits >> EXPONENT_SHIFT)
    fine = np.int64(bits >> FINE_SHIFT) - (LOWEST_FINE - FIRST_FINE)
    coarse = exponent if exponent < 1023 else min(exponent - (1023 + FINE) + LARGE, TOP)
    return fine if (exponent >= 1023 - FINE) & (exponent < 1023 + FINE) else coarse


def count_values(values, counts, places, series, lanes, centre, minimum, floor):
    """counts[s, centre + bucket of values[s, k] - minimum] += 1, values from `floor` on.

    Negative values lie left of `centre`. `places` has room for `PART` numbers: buckets are found by
    vectors of them, counted one by one.
    """
    v = matrix(values, series, lanes)
    c = matrix(counts, series, centre + TOP + 2)
    p = vector(places, PART)
    for s in range(series):
        for first in range(0, lanes, PART):
            count = min(PART, lanes - first)
            for k in range(count):
                p[k] = place_of(v[s, first + k], minimum, floor, centre)
            for k in range(count):
                c[s, p[k]] += 1


def place_of(value, minimum, floor, centre):
    """Column of a histogram for a value, counted from its lowest bucket."""
    above = max(value - minimum, floor)
    bucket = bucket_of(above)
    return max(centre + (bucket if above >= 0.0 else -bucket), 0)


def record_places(row, out, step, lane, first, lanes, minimum, floor, centre):
    """out[step, ...]: the places of a row, four to a number, in place of the row itself.

    A lane beyond the last one has the place after the last bucket. Which lane is which is lost.
    """
    quarter = row.shape[0] // 4
    at = (lane - first) // 4
    valid = first + lanes - lane
    nobody = centre + TOP + 1
    for k in range(quarter):
        a = place_of(row[k], minimum, floor, centre)
        b = place_of(row[k + quarter], minimum, floor, centre)
        c = place_of(row[k + 2 * quarter], minimum, floor, centre)
        d = place_of(row[k + 3 * quarter], minimum, floor, centre)
        a = a if k < valid else nobody
        b = b if k + quarter < valid else nobody
        c = c if k + 2 * quarter < valid else nobody
        d = d if k + 3 * quarter < valid else nobody
        low = np.uint64(a) | (np.uint64(b) << SECOND)
        high = (np.uint64(c) << THIRD) | (np.uint64(d) << FOURTH)
        out[step, at + k] = from_bits(low | high)


def sample_places(row, out, slots, step, lane, first, lanes, minimum, floor, centre):
    """The same in the steps that have a slot of 0 or more."""
    slot = to_integer(slots[step])
    if slot >= 0:
        record_places(row, out, slot, lane, first, lanes, minimum, floor, centre)


def count_places(places, counts, series, groups, width):
    """counts[s, place] += 1 for what `record_places` has written, `groups` numbers a series."""
    p = matrix(places, series, groups)
    c = matrix(counts, series, width)
    for s in range(series):
        for k in range(groups):
            bits = to_bits(p[s, k])
            c[s, bits & PLACE] += 1
            c[s, (bits >> SECOND) & PLACE] += 1
            c[s, (bits >> THIRD) & PLACE] += 1
            c[s, bits >> FOURTH] += 1


def place_numbers(minimum: float | None) -> dict[str, float | int]:
    """What `record_places` takes besides rows, for losses with this minimum, if it is known."""
    if minimum is None:
        return {"minimum": 0.0, "floor": -np.inf, "centre": TOP}
    return {"minimum": minimum, "floor": 0.0, "centre": 0}


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
        # A column more, for lanes that nobody asked for.
        self._memory = np.zeros((series, self.centre + TOP + 2), dtype=kind)
        self.counts = self._memory[:, :-1]

    def add(self, values: np.ndarray, minimum: float | None = None, threads: int = 1) -> None:
        """Add values of shape (series, lanes): finite or +inf.

        With a `minimum`, what is counted of a value is how far it lies above; below counts as 0.
        """
        flat = np.ascontiguousarray(values, dtype=np.float64)
        wide = self._memory.dtype == np.int64
        call = native(count_values, "pqqllldd" if wide else "piqllldd").call
        lowest, floor = (0.0, -np.inf) if minimum is None else (minimum, 0.0)

        def count(rows: slice) -> None:
            part, counts = flat[rows], self._memory[rows]
            places = np.empty(PART, dtype=np.int64)
            call(
                address_of(part), address_of(counts), address_of(places), *part.shape,
                self.centre, lowest, floor,
            )  # fmt: skip

        in_parts(count, len(flat), threads)

    def add_places(self, places: np.ndarray, threads: int = 1) -> None:
        """Add what `record_places` has written, shape (series, groups of four lanes)."""
        wide = self._memory.dtype == np.int64
        call = native(count_places, "pqlll" if wide else "pilll").call

        def count(rows: slice) -> None:
            part, counts = places[rows], self._memory[rows]
            call(address_of(part), address_of(counts), *part.shape, counts.shape[1])

        in_parts(count, len(places), threads)

    def quantiles(self, levels: Sequence[float]) -> np.ndarray:
        """Linear quantiles of every series, shape (series, levels)."""
        values = representatives()
        values = np.concatenate([-values[:0:-1], values]) if self.centre else values
        out = np.empty((len(self.counts), len(levels)))
        for row, counts in zip(out, self.counts, strict=True):
            row[:] = counted_quantiles(counts, values, levels)
        return out


def in_parts(work: Callable[[slice], None], rows: int, threads: int) -> None:
    """Do `work` on slices of so many rows, a slice a thread."""
    share = -(-rows // max(threads, 1))
    if share >= rows:
        work(slice(0, rows))
        return
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, (slice(first, first + share) for first in range(0, rows, share))))


def bytes_a_series(lanes: int, signed: bool) -> int:
    """Memory of one histogram."""
    return ((1 + signed) * TOP + 2) * (8 if lanes >= WIDE else 4)


def representatives() -> np.ndarray:
    """The value that stands for each bucket, shape (TOP + 1,)."""
    # Middles of fine buckets; 4/3 of the lower end of an octave, which errs alike at both ends.
    tops = np.arange(LOWEST_FINE, LOWEST_FINE + LARGE - FIRST_FINE + 1, dtype=np.uint64)
    edges = (tops << FINE_SHIFT).view(np.float64)
    small = 2.0 ** np.arange(-1022.0, -FINE) * 4.0 / 3.0
    large = 2.0 ** np.arange(FINE, LARGEST_EXPONENT) * 4.0 / 3.0
    return np.concatenate([[0.0], small, 0.5 * (edges[:-1] + edges[1:]), large, [np.inf]])
