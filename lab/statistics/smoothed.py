"""How much the ratio of two medians varies, by resampling smoothed pairs.

The ratio of the medians of two continuous samples that are much alike is a matter of the few seeds
around the median, and those few are the same in every resample: their chance pattern passes for
spread. Kernel noise around each pair, correlated as the pairs are, washes it out.
"""

from __future__ import annotations

import math

import numpy as np

from lab.engine.abi import matrix, vector
from lab.engine.ahead import expected
from lab.engine.native import address_of, native
from lab.statistics.generator import generator_of

#: Bandwidth of the kernel in standard deviations of the logarithms, times n^(1/5).
BANDWIDTH = 0.5
#: Samples are much alike above this correlation of their normal scores.
MUCH_ALIKE = 0.8
#: Keeps this generator apart from others that are keyed by the same seed.
STREAM = 0x736D6F6F
#: The kernel noise of a resample is a piece of one row of normals that starts at one of these.
OFFSETS = 16_384
#: Seeds drawn at a time: 2 MB.
BATCH = 262_144
#: Half-width of the window in which a median is sought first, in standard deviations / sqrt(n).
WINDOW = 8.0


def correlation(x: np.ndarray, y: np.ndarray) -> float:
    """Correlation of the normal scores of two samples without ties, shape (n,).

    From Spearman's rank correlation r_s, as under a normal copula: 2 sin(pi r_s / 6).
    """
    ranks = np.argsort(np.argsort([x, y], axis=1), axis=1) - 0.5 * (len(x) - 1)
    rank_correlation = float(np.dot(ranks[0], ranks[1]) / np.dot(ranks[0], ranks[0]))
    return 2.0 * math.sin(math.pi / 6.0 * rank_correlation)


def continuous(x: np.ndarray, y: np.ndarray) -> bool:
    """Whether no finite value occurs twice, in a sample or in a pair, and quartiles are regular."""
    n = len(x)
    for sample in (x, y):
        ranked = np.sort(sample)
        steps = np.diff(ranked[np.isfinite(ranked)])
        if ranked[n // 4] <= 0.0 or math.isinf(ranked[3 * n // 4]) or not np.all(steps > 0.0):
            return False
    return not np.any((x == y) & np.isfinite(x))


def log_ratios(samples: np.ndarray, reference: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    """log(median of a sample / median of the reference) over smoothed resamples of the pairs.

    log x*_i = log x_j + h s_x e_i and log y*_i = log y_j + h s_y e'_i, with j drawn for both at
    random, h = 0.5 n^(-1/5), s the interquartile range of the logarithms / 1.349, and (e, e')
    standard normal with the `correlation` of the pairs.

    Parameters
    ----------
    samples, reference:
        float64 of shape (arms, n) and (n,), `continuous` together: values >= 0 or +inf, the
        quartiles finite and above 0.
    resamples, seed:
        How many, and the seed of their generator.

    Returns
    -------
    numpy.ndarray
        float64 of shape (arms, resamples); NaN where both medians are infinite.

    References
    ----------
    Hall, DiCiccio and Romano, "On smoothing and the bootstrap", The Annals of Statistics 17 (1989):
    what smoothing gains for quantiles.
    """
    n, arms = len(reference), len(samples) + 1
    with np.errstate(divide="ignore"):
        logs = np.log(np.concatenate([reference[None], samples]))
    ranked = np.sort(logs, axis=1)
    spread = (ranked[:, 3 * n // 4] - ranked[:, n // 4]) / 1.349
    alike = np.array([1.0, *(correlation(sample, reference) for sample in samples)])
    scale = BANDWIDTH * n**-0.2 * spread
    # The noise of an arm is made of the reference's and of its own.
    shares = np.stack([scale * alike, scale * np.sqrt(np.maximum(0.0, 1.0 - alike**2))], axis=1)
    centre = 0.5 * (ranked[:, (n - 1) // 2] + ranked[:, n // 2])
    half_width = WINDOW / math.sqrt(n) * spread
    windows = np.stack([centre - half_width, centre + half_width], axis=1)
    generator = generator_of(seed, STREAM)
    noise = generator.standard_normal(OFFSETS + n)
    offsets = generator.integers(OFFSETS, size=(resamples, 2))
    values, medians = np.empty(n), np.empty((resamples, arms))
    batch = max(1, BATCH // n)
    call = native(*KERNEL).call
    for first in range(0, resamples, batch):
        out, starts = medians[first : first + batch], offsets[first : first + batch]
        chosen = generator.integers(n, size=(len(out), n))
        call(
            address_of(logs), address_of(noise), address_of(chosen), address_of(starts),
            address_of(shares), address_of(windows), address_of(values), address_of(out),
            arms, n, len(out), len(noise),
        )  # fmt: skip
    with np.errstate(invalid="ignore"):
        return (medians[:, 1:] - medians[:, :1]).T


def medians_by_address(
    logs, noise, chosen, offsets, shares, windows, values, medians, arms, n, resamples, size
):
    """`smoothed_medians` over memory."""
    smoothed_medians(
        matrix(logs, arms, n),
        vector(noise, size),
        matrix(chosen, resamples, n),
        matrix(offsets, resamples, 2),
        matrix(shares, arms, 2),
        matrix(windows, arms, 2),
        vector(values, n),
        matrix(medians, resamples, arms),
    )


KERNEL = expected(medians_by_address, "ppqqppppllll")


def smoothed_medians(logs, noise, chosen, offsets, shares, windows, values, medians):
    """Fill `medians` (resamples, arms) with the medians of smoothed resamples of the seeds.

    logs: (arms, n). noise: (offsets + n,), normals. chosen: (resamples, n) int64, seeds. offsets:
    (resamples, 2) int64, where in `noise` the shared and the other part begin. shares: (arms, 2),
    the factors of the two. windows: (arms, 2), where a median is sought first. values: (n,),
    overwritten.
    """
    n = logs.shape[1]
    for r in range(medians.shape[0]):
        first, second = offsets[r, 0], offsets[r, 1]
        for a in range(logs.shape[0]):
            for i in range(n):
                values[i] = logs[a, chosen[r, i]] + (
                    shares[a, 0] * noise[first + i] + shares[a, 1] * noise[second + i]
                )
            medians[r, a] = median(values, n, windows[a, 0], windows[a, 1])


def median(values, n, low, high):
    """The median of `values[:n]`, which is rearranged; fast where it lies between `low` and `high`.

    The values in the window go to the front, where the middle ones are selected.
    """
    count, below = 0, 0
    for i in range(n):
        value = values[i]
        values[i] = values[count]
        values[count] = value
        count += 1 if low <= value <= high else 0
        below += 1 if value < low else 0
    if below > (n - 1) // 2 or n // 2 >= below + count:
        count, below = n, 0
    rank = (n - 1) // 2 - below
    select(values, count, rank)
    middle = values[rank]
    if n % 2 == 0:
        # The smallest of those above is the next in rank.
        upper = np.inf
        for i in range(rank + 1, count):
            upper = min(upper, values[i])
        middle = 0.5 * (middle + upper)
    return middle


def select(values, count, rank):
    """Rearrange `values[:count]` so that `values[rank]` is in its sorted place (Hoare's find)."""
    left, right = 0, count - 1
    while left < right:
        pivot = values[(left + right) // 2]
        i, j = left, right
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                swapped = values[i]
                values[i] = values[j]
                values[j] = swapped
                i += 1
                j -= 1
        if rank <= j:
            right = j
        elif rank >= i:
            left = i
        else:
            return
