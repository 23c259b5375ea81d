"""Pooled quantiles: against numpy on the same halves, and their spread against theory."""

import numpy as np
import pytest

from lab.statistics.pooled import half_flags, pooled_quantiles, walk

LEVELS = (0.1, 0.5, 0.9)


@pytest.mark.parametrize("n", [7, 8, 50])
def test_estimates_and_replicates_are_numpys_quantiles(n):
    values = np.random.default_rng(n).lognormal(size=(5, n))
    found = pooled_quantiles(values, LEVELS, resamples=20, seed=3)
    assert found.seeds == n
    assert np.array_equal(found.estimates, np.quantile(values, LEVELS))
    for half, flags in zip(found.replicates.T, half_flags(n, 20, 3), strict=True):
        expected = np.quantile(values[:, flags == 1], LEVELS)
        assert half == pytest.approx(expected, rel=1e-14)


def test_infinite_values_give_infinite_quantiles_and_no_nan():
    values = np.ones((2, 10))
    values[:, 5:] = np.inf
    found = pooled_quantiles(values, (0.1, 0.99), resamples=50)
    assert found.estimates[0] == 1.0
    assert found.estimates[1] == np.inf
    assert not np.isnan(found.replicates).any()


def test_ties_and_order_do_not_matter():
    values = np.repeat([[3.0, 1.0, 2.0, 1.0, 3.0, 2.0, 1.0, 2.0]], 3, axis=0)
    found = pooled_quantiles(values, LEVELS, resamples=10)
    again = pooled_quantiles(values[::-1], LEVELS, resamples=10)
    assert np.array_equal(found.replicates, again.replicates)


def test_spread_of_replicates_is_that_of_a_median():
    values = np.random.default_rng(1).normal(size=(1, 2001))
    found = pooled_quantiles(values, (0.5,), resamples=2000)
    theory = np.sqrt(np.pi / 2 / 2001)
    assert found.replicates.std() == pytest.approx(theory, rel=0.25)


def test_seeds_that_share_their_lanes_are_resampled_together():
    alone = np.random.default_rng(2).normal(size=(1, 400))
    copies = np.repeat(alone, 50, axis=0)
    single = pooled_quantiles(alone, (0.5,), resamples=500).replicates.std()
    pooled = pooled_quantiles(copies, (0.5,), resamples=500).replicates.std()
    assert pooled == pytest.approx(single, rel=0.1)


def test_halves_are_halves():
    flags = half_flags(9, 100, 5)
    assert set(flags.sum(axis=1)) == {4, 5}
    assert np.array_equal(flags, half_flags(9, 100, 5))
    assert not np.array_equal(flags, half_flags(9, 100, 6))
    assert flags.mean(axis=0) == pytest.approx(np.full(9, 0.5), abs=0.2)


def test_plain_kernel_agrees_with_the_compiled_one():
    values = np.random.default_rng(4).exponential(size=(3, 12))
    found = pooled_quantiles(values, LEVELS, resamples=6, seed=1)
    flat = values.ravel()
    order = np.argsort(flat, kind="stable")
    out = np.empty((6, 3))
    walk(out, flat[order], order % 12, half_flags(12, 6, 1), np.array(LEVELS), 3)
    assert np.array_equal(out.T, found.replicates)
