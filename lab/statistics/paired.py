"""How often one schedule does better than another on the same seed."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from lab.statistics.interval import Interval
from lab.statistics.normal import quantile


def probability_better(a: ArrayLike, b: ArrayLike, confidence: float = 0.95) -> Interval:
    """Probability that a is smaller than b on the same seed; a tie counts one half.

    With b wins, c losses and n pairs the estimate is (1 + (b - c) / n) / 2, and the interval is
    Tango's score interval for the difference (b - c) / n of paired proportions. Without ties it is
    Wilson's; with nothing but ties it still has a width.

    Parameters
    ----------
    a, b:
        Shape (n,), n >= 1, paired by seed; two infinities tie.
    confidence:
        Of the interval.

    Raises
    ------
    ValueError
        Samples of different length, an empty sample, or NaN.

    References
    ----------
    Tango, "Equivalence test and confidence interval for the difference in proportions for the
    paired-sample design", Statistics in Medicine 17 (1998), equations 4 to 9.
    """
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if first.shape != second.shape or first.ndim != 1 or not first.size:
        raise ValueError(
            f"paired samples must be equally long, got the shapes {first.shape} and {second.shape}"
        )
    wins, losses = int(np.sum(first < second)), int(np.sum(first > second))
    ties, n = int(np.sum(first == second)), len(first)
    if wins + losses + ties != n:
        raise ValueError("a paired sample must not hold NaN")
    low, high = tango_interval(wins, losses, n, confidence)
    note = "equal for every seed" if ties == n else ""
    return Interval(
        0.5 + 0.5 * (wins - losses) / n, 0.5 + 0.5 * low, 0.5 + 0.5 * high, n, note, confidence
    )


def tango_interval(wins: int, losses: int, n: int, confidence: float) -> tuple[float, float]:
    """Score interval for the difference of the probabilities of winning and of losing."""
    z = quantile(0.5 + 0.5 * confidence)
    estimate = (wins - losses) / n
    low = _falling_root(lambda d: _score(wins, losses, n, d) - z, -1.0, estimate)
    high = _falling_root(lambda d: _score(wins, losses, n, d) + z, estimate, 1.0)
    return low, high


def _score(wins: int, losses: int, n: int, difference: float) -> float:
    """Score statistic of the hypothesis that the difference is `difference`; falls with it.

    Its variance takes the probability of losing that is most likely under the hypothesis, the root
    of a quadratic equation.
    """
    linear = (2.0 * n - wins + losses) * difference - wins - losses
    constant = -losses * difference * (1.0 - difference)
    root = math.sqrt(max(linear * linear - 8.0 * n * constant, 0.0))
    lose = (root - linear) / (4.0 * n)
    variance = n * (2.0 * lose + difference * (1.0 - difference))
    distance = wins - losses - n * difference
    if variance <= 0.0:
        return math.copysign(math.inf, distance) if distance else 0.0
    return distance / math.sqrt(variance)


def _falling_root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a falling function changes sign, by bisection to the last bit that matters."""
    for _ in range(60):
        middle = 0.5 * (low + high)
        if function(middle) > 0.0:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)
