"""Paired data sets with known medians: what the coverage of intervals is measured on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from lab.statistics.bootstrap import median_ratios
from lab.statistics.interval import Interval


@dataclass(frozen=True)
class Family:
    """A distribution of pairs.

    draw: (generator, sets, n) -> the two samples, shape (2, sets, n). median: the true medians.
    continuous: has no atoms, and the pairs have neither.
    """

    name: str
    draw: Callable[[np.random.Generator, int, int], np.ndarray]
    median: tuple[float, float] = (1.0, 1.0)
    continuous: bool = True


def normals(rng: np.random.Generator, sets: int, n: int, correlation: float = 0.5) -> np.ndarray:
    z = rng.normal(size=(2, sets, n))
    z[1] = correlation * z[0] + np.sqrt(1.0 - correlation**2) * z[1]
    return z


def lognormal(correlation: float, sigma: float = 1.3) -> Callable[..., np.ndarray]:
    """Sigmas `sigma` and 1."""
    return lambda *size: np.exp(normals(*size, correlation) * np.array([sigma, 1.0])[:, None, None])


def diverging(share_above: float) -> Callable[..., np.ndarray]:
    """Infinite above a normal quantile."""

    def draw(*size):
        z = normals(*size)
        return np.where(z > share_above, np.inf, np.exp(z))

    return draw


def identical(share: float) -> Callable[..., np.ndarray]:
    def draw(rng, sets, n):
        z = normals(rng, sets, n)
        z[1] = np.where(rng.random((sets, n)) < share, z[0], z[1])
        return np.exp(z)

    return draw


def atom_below(edge: float) -> Callable[..., np.ndarray]:
    """All values below a normal quantile are one."""

    def draw(*size):
        z = normals(*size)
        return np.where(z < edge, 0.25, np.exp(z))

    return draw


def rounded(step: float) -> Callable[..., np.ndarray]:
    """Lognormal with its logarithm on a grid, whose middle point is the median."""
    return lambda *size: np.exp(np.round(normals(*size) / step) * step)


CHI_SQUARED = 0.454936423119572
FAMILIES = (
    Family("normal, mean 10", lambda *size: 10.0 + normals(*size), (10.0, 10.0)),
    Family("lognormal, independent", lognormal(0.0)),
    Family("lognormal, correlation 0.5", lognormal(0.5)),
    Family("lognormal, correlation 0.9", lognormal(0.9)),
    Family("lognormal, correlation 0.99", lognormal(0.99, 1.0)),
    Family("lognormal, correlation 0.999", lognormal(0.999, 1.0)),
    Family("lognormal, sigma 4", lambda *size: np.exp(4.0 * normals(*size))),
    Family("chi-squared, 1 degree", lambda *size: normals(*size) ** 2, (CHI_SQUARED, CHI_SQUARED)),
    Family("16 % diverge", diverging(1.0)),
    Family("42 % diverge", diverging(0.2), continuous=False),
    Family("70 % of pairs identical", identical(0.7), continuous=False),
    Family("95 % of pairs identical", identical(0.95), continuous=False),
    Family("atoms of up to 4 %", rounded(0.1), continuous=False),
    Family("atoms of up to 20 %", rounded(0.5), continuous=False),
    Family("an atom of 52 %", atom_below(0.05), (0.25, 0.25), continuous=False),
)


def draw(family: Family, sets: int, n: int) -> np.ndarray:
    """Data sets of a family, shape (2, sets, n); the same in every call."""
    return family.draw(np.random.default_rng([FAMILIES.index(family), n]), sets, n)


def ratio_intervals(samples: np.ndarray, **options) -> Iterator[Interval]:
    """Intervals for the ratio of medians of every data set, the data sets taken as arms."""
    for first in range(0, samples.shape[1], 250):
        part = samples[:, first : first + 250]
        count = part.shape[1]
        partner = 2 * [*range(count, 2 * count)]
        yield from median_ratios(part.reshape(2 * count, -1), partner, **options)[:count]


def covers(interval: Interval, truth: float) -> bool:
    """Whether an interval holds the truth, rounding forgiven."""
    assert interval.low is not None
    assert interval.high is not None
    return interval.low * (1 - 1e-12) <= truth <= interval.high * (1 + 1e-12)
