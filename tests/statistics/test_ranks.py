"""Intervals from order statistics: those of resampled halves, coverage, degenerate cases."""

import math

import numpy as np
import pytest

from lab.statistics.bootstrap import median_ratios
from lab.statistics.ranks import _at, large_median_ratios


def pairs(correlation: float, n: int, seed: int = 0) -> np.ndarray:
    """Two lognormal samples, shape (2, n)."""
    a, b = np.random.default_rng(seed).standard_normal((2, n))
    return np.exp(np.stack([a, correlation * a + math.sqrt(1.0 - correlation**2) * b]))


def test_a_replicate_is_the_order_statistic_so_many_deviations_from_the_middle():
    """A rank of the median has the standard deviation sqrt(n) / 2."""
    found = _at(np.arange(101.0), np.array([0.0, 1.0, -1.0, 99.0, -99.0]))
    away = 0.5 * math.sqrt(101)
    assert found == pytest.approx([50.0, 50.0 + away, 50.0 - away, 100.0, 0.0])
    infinite = np.where(np.arange(101) > 50, np.inf, np.arange(101.0))
    assert _at(infinite, np.array([0.0, 0.1, -1.0])).tolist()[:2] == [50.0, np.inf]


@pytest.mark.parametrize("correlation", [0.0, 0.9, 0.99])
def test_intervals_are_those_of_resampled_halves(correlation):
    samples = pairs(correlation, 20_000)
    found, expected = large_median_ratios(samples, 0)[1], median_ratios(samples, 0)[1]
    assert found.estimate == expected.estimate
    # The ends are quantiles of 2,000 replicates each: the width is known to about 4 %.
    ratio = math.log(found.high / found.low) / math.log(expected.high / expected.low)
    assert 0.87 < ratio < 1.15
    width = math.log(expected.high / expected.low)
    assert abs(math.log(found.low / expected.low)) < 0.1 * width


@pytest.mark.parametrize("correlation", [0.0, 0.95])
def test_coverage(correlation):
    """True ratio 1; of 300 data sets 95 % +- 4 standard errors are covered."""
    found = [large_median_ratios(pairs(correlation, 4000, seed), 0)[1] for seed in range(300)]
    share = np.mean([interval.low <= 1.0 <= interval.high for interval in found])
    assert abs(share - 0.95) < 4 * math.sqrt(0.95 * 0.05 / 300)


def test_the_estimate_and_the_partners():
    samples = np.concatenate([pairs(0.5, 999), pairs(0.5, 999, 1)])
    found = large_median_ratios(samples, [1, 1, 3, 0])
    medians = np.median(samples, axis=1)
    assert found[0].estimate == medians[0] / medians[1]
    assert found[1].estimate is None
    assert found[2].estimate == medians[2] / medians[3]
    assert all(f.low < f.estimate < f.high and f.n == 999 for f in (found[0], found[2], found[3]))


def test_equal_samples_have_ratio_one():
    a = pairs(0.0, 1000)[0]
    found = large_median_ratios(np.stack([a, a]), 0)[1]
    assert (found.estimate, found.low, found.high) == (1.0, 1.0, 1.0)
    assert found.note == "equal for every seed"


def test_pairs_that_hardly_differ_have_no_ends():
    a = pairs(0.0, 1000)[0]
    found = large_median_ratios(np.stack([a, 1.5 * a]), 0)[1]
    assert found.estimate == pytest.approx(1.5)
    assert found.low is None
    assert "0 seeds lie on different sides" in found.note


@pytest.mark.parametrize(("fill", "word"), [(0.0, "zero"), (math.inf, "infinite")])
def test_an_undefined_ratio_says_why(fill, word):
    samples = pairs(0.0, 1000)
    samples[:, :700] = fill
    found = large_median_ratios(samples, 0)[1]
    assert found.estimate is None
    assert found.note == f"both medians are {word}"


def test_diverged_lanes_count_as_the_largest():
    samples = pairs(0.0, 10_000)
    samples[1, np.argsort(samples[1])[-4000:]] = math.inf
    found, plain = large_median_ratios(samples, 0)[1], large_median_ratios(pairs(0.0, 10_000), 0)[1]
    assert (found.estimate, found.low, found.high) == (plain.estimate, plain.low, plain.high)
