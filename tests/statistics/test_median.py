import numpy as np
import pytest
from scipy.stats import binom, quantile_test

from lab.statistics.median import median_interval


@pytest.mark.parametrize("n", [6, 7, 10, 25, 100, 101, 1000])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_ends_are_scipys(n, confidence):
    """scipy inverts two one-sided sign tests for the same interval."""
    sample = np.random.default_rng(n).lognormal(size=n)
    found = median_interval(sample, confidence)
    expected = quantile_test(sample, q=0, p=0.5).confidence_interval(confidence)
    assert (found.low, found.high) == (expected.low, expected.high)
    assert found.estimate == np.median(sample)
    assert found.n == n


@pytest.mark.parametrize("n", [100, 101, 150, 999, 2000, 100_000])
def test_coverage_is_at_least_the_nominal_and_the_next_narrower_is_below(n):
    ranks = np.arange(1.0, n + 1)
    found = median_interval(ranks)
    k = int(found.low)
    assert found.high == n + 1 - k
    assert binom.cdf(n - k, n, 0.5) - binom.cdf(k - 1, n, 0.5) >= 0.95
    assert binom.cdf(n - k - 1, n, 0.5) - binom.cdf(k, n, 0.5) < 0.95
    assert binom.cdf(n - k, n, 0.5) - binom.cdf(k - 1, n, 0.5) <= 0.97


def test_infinities_and_atoms():
    sample = np.where(np.arange(100) < 55, 1.0, np.inf)
    found = median_interval(sample)
    assert (found.estimate, found.low, found.high) == (1.0, 1.0, np.inf)
    same = median_interval(np.full(100, 2.0))
    assert (same.low, same.high) == (2.0, 2.0)
    assert "one value" in same.note
    # The upper half is one value: the estimate is the upper end, and the interval has a width.
    half = median_interval(np.minimum(np.arange(100), 45.0))
    assert (half.estimate, half.low, half.high, half.note) == (45.0, 39.0, 45.0, "")


@pytest.mark.parametrize("n", range(1, 6))
def test_too_few_seeds(n):
    found = median_interval(np.arange(1.0, n + 1))
    assert (found.low, found.high) == (None, None)
    assert found.estimate == (n + 1) / 2
    assert "too few" in found.note


@pytest.mark.parametrize("sample", [[], [1.0, np.nan]])
def test_no_median(sample):
    with pytest.raises(ValueError, match="median"):
        median_interval(sample)
