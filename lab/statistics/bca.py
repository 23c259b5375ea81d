"""Bias-corrected and accelerated (BCa) bootstrap intervals of any statistic of paired samples.

For smooth statistics, such as means, trimmed means and their differences. It also takes medians and
their ratios; `lab.statistics.bootstrap` says why those have an interval of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike

from lab.statistics.generator import generator_of
from lab.statistics.interval import Interval
from lab.statistics.normal import probability, quantile
from lab.statistics.quantiles import quantiles

#: Turns samples of shape (arms, batch, n) into values of shape (batch,).
Statistic = Callable[[np.ndarray], np.ndarray]

#: Values of a batch of resamples: 4 MB.
BATCH = 524_288
#: Keeps this generator apart from others that are keyed by the same seed.
STREAM = 0x626F6F74


def bca_interval(
    statistic: Statistic,
    samples: ArrayLike,
    resamples: int = 2000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Interval:
    """BCa interval of a statistic; the seeds are resampled, for all samples alike.

    Parameters
    ----------
    statistic:
        Function of an array of shape (arms, batch, n), with any n, that returns shape (batch,);
        +inf is a value like others, NaN means undefined.
    samples:
        Shape (n,) or (arms, n): finite or +inf; column i belongs to seed i.
    resamples, confidence, seed:
        Number of resamples; confidence of the interval; seed of the generator. The resamples depend
        on `resamples`, `seed` and n alone.

    Returns
    -------
    Interval
        Without ends where the statistic is undefined for a resample, or n is 1. The note says so,
        and also when the resamples have no spread, or when leaving out a seed gives an infinite
        value, for which there is no acceleration (taken as 0).

    References
    ----------
    Efron, "Better bootstrap confidence intervals", Journal of the American Statistical Association
    82 (1987), section 2; the acceleration is that of the jackknife, equation 6.6.
    """
    values = np.atleast_2d(np.asarray(samples, dtype=np.float64))
    n = values.shape[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = float(statistic(values[:, None, :])[0])
        replicates = _evaluate(statistic, values, resample_indices(n, resamples, seed))
        left_out = _evaluate(statistic, values, leave_one_out(n)) if n > 1 else np.empty(0)
    if np.isnan(estimate):
        return Interval(None, None, None, n, "undefined", confidence)
    undefined = int(np.isnan(replicates).sum())
    if undefined or n == 1:
        note = f"undefined in {undefined} of {resamples} resamples" if undefined else "one seed"
        return Interval(estimate, None, None, n, note, confidence)
    note = ""
    if replicates.min() == replicates.max():
        note = "every resample gives the same value"
    elif not np.isfinite(left_out).all():
        note = "no acceleration: infinite without a seed"
    levels = bca_levels(estimate, replicates, acceleration(left_out), confidence)
    low, high = (float(end) for end in quantiles(replicates, levels))
    return Interval(estimate, low, high, n, note, confidence)


def resample_indices(n: int, resamples: int, seed: int) -> Iterator[np.ndarray]:
    """Batches of indices, shape (some resamples, n), uniform on 0 .. n - 1 with replacement."""
    generator = generator_of(seed, STREAM)
    batch = max(1, BATCH // n)
    for first in range(0, resamples, batch):
        yield generator.integers(0, n, (min(batch, resamples - first), n))


def acceleration(left_out: np.ndarray) -> float:
    """The skewness of the jackknife's influence values, over 6; 0 where some are infinite."""
    if not np.isfinite(left_out).all():
        return 0.0
    influence = left_out.mean() - left_out
    scale = float(np.abs(influence).max())
    if scale == 0.0:
        return 0.0
    influence = influence / scale
    return float(np.sum(influence**3) / (6.0 * np.sum(influence**2) ** 1.5))


def bca_levels(
    estimate: float, replicates: np.ndarray, accelerate: float, confidence: float
) -> list[float]:
    """Which quantiles of the replicates are the two ends."""
    count = len(replicates)
    below = np.sum(replicates < estimate) + 0.5 * np.sum(replicates == estimate)
    bias = quantile(min(max(float(below), 0.5), count - 0.5) / count)
    levels = []
    for tail in (0.5 - 0.5 * confidence, 0.5 + 0.5 * confidence):
        z = bias + quantile(tail)
        shrink = 1.0 - accelerate * z
        # Beyond the pole of the transformation the limit holds.
        levels.append(probability(bias + z / shrink) if shrink > 0.0 else float(z > 0.0))
    return levels


def leave_one_out(n: int) -> Iterator[np.ndarray]:
    """Batches of indices, shape (some, n - 1): all seeds but the first, but the second, ..."""
    batch = max(1, BATCH // n)
    columns = np.arange(n - 1)
    for first in range(0, n, batch):
        left_out = np.arange(first, min(first + batch, n))[:, None]
        yield columns + (columns >= left_out)


def _evaluate(
    statistic: Statistic, values: np.ndarray, batches: Iterator[np.ndarray]
) -> np.ndarray:
    return np.concatenate([statistic(values[:, indices]) for indices in batches])
