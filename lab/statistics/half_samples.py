"""Medians of many samples over common random halves of the seeds."""

from __future__ import annotations

import numpy as np

from lab.engine.abi import matrix, vector
from lab.engine.ahead import expected
from lab.engine.bits import to_integer
from lab.engine.native import address_of, native
from lab.statistics.generator import generator_of

#: Uniform numbers of a batch: 2 MB.
BATCH = 262_144
#: Keeps this generator apart from others that are keyed by the same seed.
STREAM = 0x68616C66


def half_sample_medians(samples: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    """Medians of every sample over the same random halves of the seeds.

    Parameters
    ----------
    samples:
        float64 of shape (arms, n), n >= 4; finite or +inf.
    resamples, seed:
        How many halves, and the seed of their generator. Which seeds are in a half depends on these
        two and n alone.

    Returns
    -------
    numpy.ndarray
        float64 of shape (resamples, arms).
    """
    arms, n = samples.shape
    order = np.argsort(samples, axis=1, kind="stable")
    ranked = np.take_along_axis(samples, order, axis=1)
    small, large = half_sizes(n)
    seeds, flags = np.arange(n), np.empty(n, dtype=np.int64)
    medians = np.empty((resamples, arms))
    generator = generator_of(seed, STREAM)
    # An even number of halves a batch, because the sizes alternate.
    batch = 2 * max(1, BATCH // (2 * large))
    call = native(*KERNEL).call
    for first in range(0, resamples, batch):
        out = medians[first : first + batch]
        uniform = generator.random((len(out), large))
        call(
            address_of(uniform), address_of(order), address_of(ranked), address_of(seeds),
            address_of(flags), address_of(out), len(out), arms, n, large, small, large,
        )  # fmt: skip
    return medians


def half_sizes(n: int) -> tuple[int, int]:
    """The two sizes of a half, used in turn: their mean is n / 2 (n odd: floor and ceiling).

    For even n both are even, so that the median of a half is a mean of two order statistics exactly
    where that of the sample is one; a single order statistic varies more.
    """
    return (n // 2, n - n // 2) if n % 2 else (2 * (n // 4), 2 * ((n + 2) // 4))


def medians_by_address(
    uniform, order, ranked, seeds, flags, out, halves, arms, n, columns, first_size, second_size
):
    """`medians_of_halves` over memory."""
    medians_of_halves(
        matrix(uniform, halves, columns),
        matrix(order, arms, n),
        matrix(ranked, arms, n),
        vector(seeds, n),
        vector(flags, n),
        matrix(out, halves, arms),
        first_size,
        second_size,
    )


KERNEL = expected(medians_by_address, "pqpqqpllllll")


def medians_of_halves(uniform, order, ranked, seeds, flags, out, first_size, second_size):
    """Fill `out` (halves, arms) with the medians of random halves.

    A half is drawn once for all arms, by the first steps of a Fisher-Yates shuffle, and marked;
    each arm then walks its seeds in ascending order of their values until it has met half of the
    marks.

    uniform: (halves, at least a size) on [0, 1). order: (arms, n) int64, seeds by ascending value.
    ranked: (arms, n), those values. seeds: (n,) int64, a permutation, left permuted. flags: (n,)
    int64, overwritten. first_size, second_size: sizes of the halves with even and with odd number.
    """
    arms, n = order.shape
    for r in range(uniform.shape[0]):
        size = first_size if r % 2 == 0 else second_size
        for i in range(n):
            flags[i] = 0
        for k in range(size):
            j = k + to_integer(uniform[r, k] * (n - k))
            chosen = seeds[j]
            seeds[j] = seeds[k]
            seeds[k] = chosen
            flags[chosen] = 1
        for a in range(arms):
            k = 0
            seen = flags[order[a, 0]]
            while seen < (size + 1) // 2:
                k += 1
                seen += flags[order[a, k]]
            low = ranked[a, k]
            while seen < size // 2 + 1:
                k += 1
                seen += flags[order[a, k]]
            out[r, a] = 0.5 * (low + ranked[a, k])
