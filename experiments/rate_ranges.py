"""How wide the range of good rates is, in decades."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

#: A rate is good where the median is at most this multiple of the best one.
GOOD = 2.0


@dataclass(frozen=True)
class Width:
    """decades: length of the range; at_edge: it reaches an end of the grid and may go on beyond."""

    decades: float
    at_edge: bool


def good_range(rates: Sequence[float], medians: Sequence[float], bound: float) -> Width:
    """The range of rates around the best one whose median is at most `bound`.

    Parameters
    ----------
    rates, medians:
        Ascending rates and the median at each, +inf where it diverges or the rate is not allowed.
    bound:
        Where the median crosses it between two rates, the range ends at the crossing of the
        straight line between them on logarithmic scales; before an infinite median, or one of 0,
        it ends at the last rate.
    """
    best = min(range(len(rates)), key=lambda i: medians[i])
    if not medians[best] <= bound < math.inf:
        return Width(0.0, False)
    ends = [_end(rates, medians, bound, best, step) for step in (-1, 1)]
    (low, low_edge), (high, high_edge) = ends
    return Width(high - low, low_edge or high_edge)


def _end(
    rates: Sequence[float], medians: Sequence[float], bound: float, best: int, step: int
) -> tuple[float, bool]:
    """log10 of the rate where the range ends in one direction; whether the grid ends there."""
    inside = best
    while 0 <= inside + step < len(rates) and medians[inside + step] <= bound:
        inside += step
    here = math.log10(rates[inside])
    outside = inside + step
    if not 0 <= outside < len(rates):
        return here, True
    if math.isinf(medians[outside]) or medians[inside] <= 0.0:
        return here, False
    climb = math.log(medians[outside] / medians[inside])
    share = math.log(bound / medians[inside]) / climb
    return here + share * (math.log10(rates[outside]) - here), False
