"""Means with their intervals: the same as the general bootstrap's, all at once."""

import numpy as np
import pytest

from lab.statistics.bca import bca_interval
from lab.statistics.means import mean_intervals


def mean_of(samples):
    return samples[0].mean(axis=-1)


@pytest.fixture
def values():
    rng = np.random.default_rng(0)
    skewed = rng.geometric(0.1, 60).astype(float)
    return np.stack([skewed, rng.standard_normal(60), -(skewed**2)])


def test_they_are_those_of_the_general_bootstrap(values):
    for sample, found in zip(values, mean_intervals(values, seed=3), strict=True):
        expected = bca_interval(mean_of, sample, seed=3)
        parts = (found.estimate, found.low, found.high)
        np.testing.assert_allclose(parts, (expected.estimate, expected.low, expected.high), 1e-12)
        assert (found.n, found.note) == (60, "")


def test_values_that_do_not_count_might_as_well_be_anything(values):
    present = np.ones(values.shape, bool)
    present[1, ::3] = False
    found = mean_intervals(np.where(present, values, np.nan), present, seed=3)
    masked = bca_interval(
        lambda s: np.nanmean(s[0], axis=-1), np.where(present[1], values[1], np.nan), seed=3
    )
    assert found[1].n == 40
    parts = (found[1].estimate, found[1].low, found[1].high)
    # The general jackknife also leaves out the seeds without a value: its acceleration differs.
    np.testing.assert_allclose(parts, (masked.estimate, masked.low, masked.high), rtol=2e-3)
    assert found[0] == mean_intervals(values[[0]], seed=3)[0]


def test_degenerate_samples_say_so():
    present = np.array([[True] * 4, [False] * 4, [True] + [False] * 3])
    equal, none, one = mean_intervals(np.full((3, 4), 2.0), present)
    assert (equal.estimate, equal.low, equal.high, equal.note) == (2, 2, 2, "all values are equal")
    assert (none.estimate, none.n) == (None, 0)
    assert (one.estimate, one.low, one.n) == (2.0, None, 1)


def test_a_resample_without_a_value_leaves_no_interval():
    present = np.array([[True, True, False, False, False, False]])
    found = mean_intervals(np.arange(6.0), present)[0]
    assert (found.estimate, found.low, found.high) == (0.5, None, None)
    assert "undefined in" in found.note


def test_an_infinite_value_is_refused():
    with pytest.raises(ValueError, match="finite"):
        mean_intervals(np.array([1.0, np.inf]))
