"""An exact interval for a median."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lab.statistics.interval import Interval
from lab.statistics.quantiles import interpolate


def median_interval(sample: ArrayLike, confidence: float = 0.95) -> Interval:
    """Median with the interval between two order statistics, whatever the distribution.

    The ends are the order statistics number k and n + 1 - k with the largest k for which
    P(Binomial(n, 1/2) < k) <= (1 - confidence) / 2: the inversion of the sign test. The true
    coverage is at least `confidence` (96.5 % instead of 95 % at n = 100), more with ties.

    Parameters
    ----------
    sample:
        Shape (n,), n >= 1; finite or +inf.
    confidence:
        Of the interval.

    Raises
    ------
    ValueError
        An empty sample, or NaN.

    References
    ----------
    David and Nagaraja, "Order Statistics", 3rd edition (2003), section 7.1.
    """
    ranked = np.sort(np.asarray(sample, dtype=np.float64))
    n = len(ranked)
    if n == 0 or np.isnan(ranked[-1]):
        raise ValueError("a median needs at least one value and no NaN")
    estimate = float(interpolate(ranked, np.array(0.5)))
    rank = _lower_rank(n, 0.5 * (1.0 - confidence))
    if rank == 0:
        note = f"{n} seeds are too few for confidence {confidence:g}"
        return Interval(estimate, None, None, n, note, confidence)
    low, high = float(ranked[rank - 1]), float(ranked[n - rank])
    note = "both ends are one value that many seeds share" if low == high else ""
    return Interval(estimate, low, high, n, note, confidence)


def _lower_rank(n: int, tail: float) -> int:
    """The largest k with P(Binomial(n, 1/2) < k) <= tail; 0 where there is none."""
    from scipy.special import bdtr

    candidates = np.arange(max(0, n // 2 - int(5 * np.sqrt(n)) - 1), n // 2 + 1)
    return int(candidates[0] + np.sum(bdtr(candidates, n, 0.5) <= tail))
