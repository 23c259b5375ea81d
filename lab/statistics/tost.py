"""Equivalence of two medians by two one-sided tests."""

from __future__ import annotations

from dataclasses import dataclass

from lab.statistics.bootstrap import MedianRatio
from lab.statistics.interval import Interval
from lab.statistics.normal import probability


@dataclass(frozen=True)
class Equivalence:
    """Result of the two one-sided tests.

    Parameters
    ----------
    equivalent:
        Whether the interval lies inside the margin.
    p_value:
        The larger of the two one-sided p-values.
    interval:
        The ratio with its interval of confidence 1 - 2 level.
    margin:
        The x of -ln(1 + x) < ln ratio < ln(1 + x).
    """

    equivalent: bool
    p_value: float
    interval: Interval
    margin: float


def equivalence(ratio: MedianRatio, margin: float, level: float = 0.05) -> Equivalence:
    """Test at `level` whether the log of a ratio of medians lies within +-ln(1 + margin).

    Equivalence is shown when the interval of confidence 1 - 2 level (90 %) lies inside; a ratio
    without an interval shows nothing (p-value 1).

    Raises
    ------
    ValueError
        A margin that is not positive.

    References
    ----------
    Schuirmann, "A comparison of the two one-sided tests procedure and the power approach", Journal
    of Pharmacokinetics and Biopharmaceutics 15 (1987).
    """
    if not margin > 0.0:
        raise ValueError(f"the margin of an equivalence must be positive, got {margin}")
    interval = ratio.interval(1.0 - 2.0 * level)
    if interval.low is None or interval.high is None:
        return Equivalence(False, 1.0, interval, margin)
    inside = 1.0 / (1.0 + margin) < interval.low and interval.high < 1.0 + margin
    below = probability(-ratio.deviate(1.0 + margin))
    above = probability(ratio.deviate(1.0 / (1.0 + margin)))
    return Equivalence(inside, max(below, above), interval, margin)
