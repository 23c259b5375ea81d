"""BCa intervals of many means at once, over the same resamples of the seeds.

What `bca.bca_interval` gives for a mean, without evaluating it resample by resample: the sums of
all samples over a batch of resamples are one product of matrices, and the jackknife of a mean has a
closed form. Memory is bounded by the batch, time grows with n in place of n^2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lab.statistics.bca import acceleration, bca_levels, resample_indices
from lab.statistics.interval import Interval
from lab.statistics.quantiles import quantiles


def mean_intervals(
    values: ArrayLike,
    present: ArrayLike | None = None,
    resamples: int = 2000,
    confidence: float = 0.95,
    seed: int = 0,
) -> list[Interval]:
    """Mean of every sample with its BCa interval; for paired differences give the differences.

    Parameters
    ----------
    values:
        Shape (samples, n), finite; column i belongs to seed i.
    present:
        Shape (samples, n): which values count; all by default. A sample's n is their number.
    resamples, confidence, seed:
        As in `bca.bca_interval`, and with the same resamples of the seeds.

    Returns
    -------
    list of Interval
        One a sample. None throughout where no value counts; without ends for a single one, or where
        a resample holds none.
    """
    samples = np.atleast_2d(np.asarray(values, dtype=np.float64))
    counts = np.ones(samples.shape, bool) if present is None else np.asarray(present, bool)
    kept = np.where(counts, samples, 0.0)
    if not np.isfinite(kept).all():
        raise ValueError("the values of a mean must be finite")
    replicates = _replicates(kept, counts, resamples, seed)
    return [
        _interval(sample[which], row, confidence)
        for sample, which, row in zip(samples, counts, replicates, strict=True)
    ]


def _replicates(kept: np.ndarray, counts: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    """Means over every resample, shape (samples, resamples); NaN where one holds no value."""
    n = kept.shape[1]
    whole = bool(counts.all())
    parts = []
    for indices in resample_indices(n, resamples, seed):
        rows = np.arange(len(indices))[:, None] * n
        weights = np.bincount((indices + rows).ravel(), minlength=len(indices) * n)
        weights = weights.reshape(len(indices), n).astype(np.float64)
        size = float(n) if whole else weights @ counts.T.astype(np.float64)
        with np.errstate(invalid="ignore"):
            parts.append((weights @ kept.T) / size)
    return np.concatenate(parts).T


def _interval(sample: np.ndarray, replicates: np.ndarray, confidence: float) -> Interval:
    n = len(sample)
    if n == 0:
        return Interval(None, None, None, 0, "no value", confidence)
    estimate = float(sample.mean())
    undefined = int(np.isnan(replicates).sum())
    if undefined or n == 1:
        note = "one value" if n == 1 else f"undefined in {undefined} of {len(replicates)} resamples"
        return Interval(estimate, None, None, n, note, confidence)
    if sample.min() == sample.max():
        return Interval(estimate, estimate, estimate, n, "all values are equal", confidence)
    left_out = (sample.sum() - sample) / (n - 1)
    ends = quantiles(
        replicates, bca_levels(estimate, replicates, acceleration(left_out), confidence)
    )
    return Interval(estimate, float(ends[0]), float(ends[1]), n, "", confidence)
