"""The range of good rates, by hand."""

import math

import pytest

from experiments.rate_ranges import good_range

INF = math.inf
RATES = [0.01, 0.1, 1.0, 10.0, 100.0]


@pytest.mark.parametrize(
    ("medians", "bound", "decades", "at_edge"),
    [
        # On log scales the line from 1 to 100 crosses 10 half way: 0.5 decades on either side.
        ([100, 100, 1, 100, 100], 10, 1.0, False),
        # From 1 to 16 it crosses 2 after a quarter, from 1 to 4 after half of the way.
        ([16, 16, 1, 4, 4], 2, 0.75, False),
        # The range ends exactly at a rate whose median is the bound.
        ([9, 2, 1, 2, 9], 2, 2.0, False),
        # Up to the ends of the grid it may go on beyond.
        ([1, 1, 1, 1, 1], 2, 4.0, True),
        ([9, 9, 1, 1, 1], 9, 4.0, True),
        ([9, 9, 9, 9, 1], 3, 0.5, True),
        # Rates apart from the best one do not count.
        ([1.5, 100, 1, 100, 1.5], 10, 1.0, False),
        # Towards a divergence it ends at the last rate, without a line to infinity.
        ([INF, INF, 1, INF, INF], 2, 0.0, False),
        ([INF, 1, 1, 1, INF], 2, 2.0, False),
        # A median of 0 has no logarithm.
        ([5, 0, 0, 5, 5], 0, 1.0, False),
        # Nothing is within the bound, or nothing is finite.
        ([5, 4, 3, 4, 5], 2, 0.0, False),
        ([INF] * 5, INF, 0.0, False),
    ],
)
def test_ranges(medians, bound, decades, at_edge):
    width = good_range(RATES, medians, bound)
    assert width.decades == pytest.approx(decades, abs=1e-12)
    assert width.at_edge == at_edge
