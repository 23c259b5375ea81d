"""Quantiles from histograms keep the error that they state, against exact ones."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import distribution
from lab.counts import counted_quantiles
from lab.distribution import Distribution
from lab.sketch import (
    COARSE_ERROR,
    FINE,
    FINE_ERROR,
    TOP,
    Histograms,
    bucket_of,
    bytes_a_series,
    representatives,
)
from lab.statistics.quantiles import quantiles

LEVELS = (0.0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 1.0)
#: Rounding of the interpolation itself.
ROUNDING = 4 * np.finfo(float).eps

FINE_SIZES = st.floats(2.0**-FINE, 2.0**FINE, exclude_max=True)
SIZES = st.one_of(FINE_SIZES, st.just(0.0), st.just(math.inf))


def sketched(values, signed=False) -> np.ndarray:
    histograms = Histograms(1, len(values), signed)
    histograms.add(np.asarray(values)[None, :])
    return histograms.quantiles(LEVELS)[0]


@given(st.lists(SIZES, min_size=1, max_size=40))
@settings(max_examples=300)
def test_suboptimalities_are_off_by_less_than_half_a_per_cent(values):
    exact, found = quantiles(values, LEVELS), sketched(values)
    finite = np.isfinite(exact)
    np.testing.assert_array_equal(np.isfinite(found), finite)
    assert np.all(
        np.abs(found[finite] - exact[finite]) <= (FINE_ERROR + ROUNDING) * exact[finite]
    ), (
        exact,
        found,
    )


@given(st.lists(st.floats(2.3e-308, 1e150), min_size=1, max_size=40))
@settings(max_examples=200)
def test_very_small_and_very_large_values_by_less_than_a_third(values):
    exact, found = quantiles(values, LEVELS), sketched(values)
    assert np.all(np.abs(found - exact) <= (COARSE_ERROR + ROUNDING) * exact)


@given(st.lists(st.one_of(SIZES, FINE_SIZES.map(lambda v: -v)), min_size=1, max_size=40))
@settings(max_examples=300)
def test_signed_losses_are_off_by_that_share_of_the_neighbours(values):
    found = sketched(values, signed=True)
    ranked = np.sort(values)
    position = (len(values) - 1) * np.array(LEVELS)
    below = np.floor(position).astype(int)
    above = np.minimum(below + 1, len(values) - 1)
    exact = quantiles(values, LEVELS)
    finite = np.isfinite(exact)
    np.testing.assert_array_equal(np.isfinite(found), finite)
    size = np.maximum(np.abs(ranked[below]), np.abs(ranked[above]))[finite]
    assert np.all(np.abs(found[finite] - exact[finite]) <= (FINE_ERROR + ROUNDING) * size)


def test_a_million_lanes_of_a_loss_that_spans_decades():
    values = np.exp(8 * np.random.default_rng(0).standard_normal(1_000_000))
    exact, found = quantiles(values, LEVELS), sketched(values)
    assert np.max(np.abs(found / exact - 1)) <= FINE_ERROR
    # The bound is of use: the error comes near it somewhere.
    assert np.max(np.abs(found / exact - 1)) > FINE_ERROR / 10


def test_the_middle_of_a_bucket_lies_in_it():
    values = representatives()
    assert len(values) == TOP + 1
    assert np.all(np.diff(values[:-1]) > 0)
    for number in (0, 1, 500, 922, 923, 13_723, 26_522, 26_523, TOP - 1, TOP):
        assert bucket_of(np.float64(values[number])) == number


@pytest.mark.parametrize(
    ("value", "bucket"),
    [
        (0.0, 0), (5e-324, 0), (2.0**-1022, 1), (np.nextafter(2.0**-FINE, 0), 922),
        (2.0**-FINE, 923), (np.nextafter(2.0**FINE, 0), 26_522), (2.0**FINE, 26_523),
        (1e150, TOP - 2), (math.inf, TOP),
    ],
)  # fmt: skip
def test_buckets_end_where_they_should(value, bucket):
    assert bucket_of(np.float64(value)) == bucket


def test_compiled_and_plain_buckets_agree():
    rng = np.random.default_rng(1)
    values = 2.0 ** rng.uniform(-1030, 499, 2000)
    histograms = Histograms(1, len(values))
    histograms.add(values[None, :])
    plain = np.bincount([bucket_of(v) for v in values], minlength=TOP + 1)
    np.testing.assert_array_equal(histograms.counts[0], plain)


def test_parts_add_up_in_any_order():
    values = np.random.default_rng(2).lognormal(size=(3, 1000))
    whole, parts = Histograms(3, 1000), Histograms(3, 1000)
    whole.add(values)
    for part in np.array_split(values, 7, axis=1)[::-1]:
        parts.add(part)
    np.testing.assert_array_equal(whole.counts, parts.counts)


def test_counts_beyond_32_bits(monkeypatch):
    monkeypatch.setattr("lab.sketch.WIDE", 10)
    assert bytes_a_series(10, signed=False) == 8 * (TOP + 2)
    wide = Histograms(1, 10)
    wide.counts[0, 1] = 2**31 - 1
    wide.add(np.full((1, 3), 2.0**-1022))
    assert wide.counts[0, 1] == 2**31 + 2


@given(
    st.lists(st.integers(0, 5), min_size=2, max_size=6).filter(any),
    st.lists(st.floats(0, 1), min_size=1, max_size=4),
)
def test_counted_quantiles_are_those_of_the_values_in_full(counts, levels):
    values = np.array([0.0, 1.0, 3.0, 7.0, 8.0, math.inf])[: len(counts)]
    full = np.repeat(values, counts)
    np.testing.assert_allclose(
        counted_quantiles(np.array(counts), values, levels), quantiles(full, levels), rtol=1e-15
    )


class TestDistribution:
    def test_is_exact_while_it_fits(self, monkeypatch):
        values = np.random.default_rng(3).lognormal(size=(2, 3, 500))
        monkeypatch.setattr(distribution, "EXACT_LANES", 500)
        found = Distribution((2, 3), 500)
        for part in np.array_split(values, 4, axis=2):
            found.add(part)
        assert found.exact
        np.testing.assert_array_equal(
            found.quantiles(LEVELS), np.moveaxis(quantiles(values, LEVELS), 0, -1)
        )

    def test_counts_beyond(self, monkeypatch):
        values = np.random.default_rng(3).lognormal(size=(2, 3, 501))
        monkeypatch.setattr(distribution, "EXACT_LANES", 500)
        found = Distribution((2, 3), 501)
        found.add(values)
        assert not found.exact
        exact = np.moveaxis(quantiles(values, LEVELS), 0, -1)
        np.testing.assert_allclose(found.quantiles(LEVELS), exact, rtol=FINE_ERROR)
        assert np.any(found.quantiles(LEVELS) != exact)

    def test_nothing_but_the_counts_is_kept(self):
        lanes = 10**8
        assert distribution.bytes_of(41 * 6, lanes) < 30e6
