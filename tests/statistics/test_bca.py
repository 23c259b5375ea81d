import numpy as np
import pytest
from scipy import stats

from lab.statistics.bca import (
    acceleration,
    bca_interval,
    bca_levels,
    leave_one_out,
    resample_indices,
)

RESAMPLES = 4000
RNG = np.random.default_rng(0)
PAIRS = np.exp(RNG.multivariate_normal([0.0, 0.3], [[1.0, 0.6], [0.6, 1.5]], size=151).T)


def mean(samples):
    return samples[0].mean(axis=-1)


def median(samples):
    return np.median(samples[0], axis=-1)


def ratio_of_medians(samples):
    return np.median(samples[0], axis=-1) / np.median(samples[1], axis=-1)


def correlation(samples):
    a, b = samples - samples.mean(axis=-1, keepdims=True)
    return np.sum(a * b, axis=-1) / np.sqrt(np.sum(a * a, axis=-1) * np.sum(b * b, axis=-1))


STATISTICS = [mean, median, ratio_of_medians, correlation]


def by_scipy(statistic, confidence, seed):
    return stats.bootstrap(
        tuple(PAIRS), lambda *samples, axis=-1: statistic(np.stack(samples)), paired=True,
        vectorized=True, n_resamples=RESAMPLES, confidence_level=confidence, method="BCa",
        rng=seed,
    )  # fmt: skip


@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_equals_scipy_on_the_same_replicates(statistic, confidence):
    expected = by_scipy(statistic, confidence, seed=0)
    replicates = expected.bootstrap_distribution
    left_out = np.concatenate([statistic(PAIRS[:, i]) for i in leave_one_out(151)])
    estimate = statistic(PAIRS[:, None])[0]
    levels = bca_levels(estimate, replicates, acceleration(left_out), confidence)
    ends = np.quantile(replicates, levels)
    np.testing.assert_allclose(ends, expected.confidence_interval, rtol=1e-9)


@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_agrees_with_scipy_by_chance(statistic, confidence):
    """On resamples of its own, as closely as scipy agrees with itself."""
    ends = [by_scipy(statistic, confidence, seed).confidence_interval for seed in range(4)]
    expected, spread = np.mean(ends, axis=0), np.ptp(ends, axis=0)
    found = bca_interval(statistic, PAIRS, RESAMPLES, confidence)
    assert found.estimate == pytest.approx(statistic(PAIRS[:, None, :])[0], rel=1e-15)
    assert np.abs(np.array([found.low, found.high]) - expected) == pytest.approx(
        0.0, abs=2 * spread.max()
    )


@pytest.mark.parametrize("statistic", [mean, correlation])
def test_acceleration_is_the_jackknifes(statistic):
    left_out = np.array([statistic(np.delete(PAIRS, k, axis=1)[:, None])[0] for k in range(151)])
    deviation = left_out.mean() - left_out
    expected = np.sum(deviation**3) / (6.0 * np.sum(deviation**2) ** 1.5)
    assert acceleration(left_out) == pytest.approx(expected, rel=1e-12)
    # Of a mean: the skewness over 6 sqrt(n).
    if statistic is mean:
        assert expected == pytest.approx(stats.skew(PAIRS[0]) / (6.0 * np.sqrt(151)), rel=1e-9)


def test_batches_do_not_change_the_bits(monkeypatch):
    whole = bca_interval(correlation, PAIRS, 300)
    for numbers in (1000, 100):  # some resamples at a time, and where not even one fits
        monkeypatch.setattr("lab.statistics.bca.BATCH", numbers)
        assert bca_interval(correlation, PAIRS, 300) == whole
    assert bca_interval(correlation, PAIRS, 300, seed=1) != whole


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_beyond_the_pole_the_levels_are_those_of_the_limit(sign):
    """1 - a z <= 0 for the end on the side of the acceleration; z itself is 0.674."""
    levels = bca_levels(0.0, np.array([-1.0, 1.0]), sign * 2.0, 0.5)
    assert levels[1 if sign > 0.0 else 0] == (1.0 if sign > 0.0 else 0.0)
    assert 0.0 < levels[0 if sign > 0.0 else 1] < 1.0


def test_leave_one_out(monkeypatch):
    for numbers in (20, 3):  # two at a time and more, and where not even one fits
        monkeypatch.setattr("lab.statistics.bca.BATCH", numbers)
        found = np.concatenate(list(leave_one_out(7)))
        np.testing.assert_array_equal(found, [np.delete(np.arange(7), k) for k in range(7)])


def test_two_seeds_have_an_interval():
    found = bca_interval(mean, [1.0, 3.0], 500)
    assert (found.low, found.estimate, found.high) == (1.0, 2.0, 3.0)


def test_resamples_are_uniform():
    drawn = np.concatenate(list(resample_indices(10, 20_000, seed=0)))
    assert drawn.shape == (20_000, 10)
    share = np.bincount(drawn.ravel(), minlength=10) / drawn.size
    assert np.abs(share - 0.1).max() < 5 * np.sqrt(0.09 / drawn.size)


@pytest.mark.parametrize(
    ("sample", "expected", "note"),
    [
        (np.full(10, 3.0), (3.0, 3.0, 3.0), "every resample gives the same value"),
        ([2.0], (2.0, None, None), "one seed"),
        (np.full(10, np.inf), (np.inf, np.inf, np.inf), "every resample gives the same value"),
    ],
)
def test_degenerate_samples(sample, expected, note):
    found = bca_interval(median_of_ranks, sample, 200)
    assert (found.estimate, found.low, found.high) == expected
    assert found.note == note


def median_of_ranks(samples):
    """A median that leaves infinities alone: the upper one of an even number."""
    return np.sort(samples[0], axis=-1)[..., samples.shape[-1] // 2]


def test_infinities_at_the_edge_leave_no_acceleration():
    sample = np.where(np.arange(21) < 11, np.arange(21.0), np.inf)
    found = bca_interval(median_of_ranks, sample, 500)
    assert (found.estimate, found.high) == (10.0, np.inf)
    assert found.note == "no acceleration: infinite without a seed"


def test_an_undefined_statistic_has_no_interval():
    zeros = np.zeros((2, 8))
    assert bca_interval(ratio_of_medians, zeros, 50).estimate is None
    some = np.array([[0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]] * 2)
    found = bca_interval(ratio_of_medians, some, 200)
    assert (found.estimate, found.low, found.high) == (1.0, None, None)
    assert "undefined in" in found.note


def test_a_sample_that_is_skewed_to_the_pole_still_has_ends():
    sample = np.zeros(1000)
    sample[0] = 1.0
    found = bca_interval(mean, sample, 200, confidence=1 - 1e-12)
    assert 0.0 <= found.low <= found.estimate <= found.high <= 1.0


@pytest.mark.filterwarnings("error")
def test_seeds_from_2_to_the_63_on_have_resamples_of_their_own():
    sample = np.random.default_rng(0).random(30)
    seeds = (0, 2**63, 2**63 + 1, 2**63 + 1000, 2**64 - 1)
    lows = {bca_interval(mean, sample, 100, seed=seed).low for seed in seeds}
    assert len(lows) == len(seeds)
