import numpy as np
import pytest

from lab.statistics.bootstrap import replicate_ratios
from lab.statistics.half_samples import half_sample_medians
from lab.statistics.smoothed import continuous, correlation, log_ratios, median, smoothed_medians


def pairs(n, correlation, seed=0):
    z = np.random.default_rng(seed).normal(size=(2, n))
    return np.exp([z[0], correlation * z[0] + np.sqrt(1.0 - correlation**2) * z[1]])


@pytest.mark.parametrize("n", [1, 2, 3, 8, 101, 200])
@pytest.mark.parametrize("window", [(-0.2, 0.2), (5.0, 6.0), (-6.0, -5.0)])
def test_median_wherever_the_window_is(n, window):
    rng = np.random.default_rng(n)
    for _ in range(20):
        values = np.round(rng.normal(size=n), 1)
        values[rng.random(n) < 0.1] = np.inf
        assert median(values.copy(), n, *window) == np.median(values)


def test_the_kernel_is_the_formula_of_its_docstring():
    rng = np.random.default_rng(1)
    logs, noise = rng.normal(size=(3, 40)), rng.normal(size=90)
    chosen, offsets = rng.integers(40, size=(25, 40)), rng.integers(50, size=(25, 2))
    shares, windows = rng.random((3, 2)), np.tile([-0.5, 0.5], (3, 1))
    found = np.empty((25, 3))
    smoothed_medians(logs, noise, chosen, offsets, shares, windows, np.empty(40), found)
    shared, own = (noise[offsets[:, [k]] + np.arange(40)] for k in range(2))
    for a in range(3):
        smoothed = logs[a][chosen] + (shares[a, 0] * shared + shares[a, 1] * own)
        np.testing.assert_array_equal(found[:, a], np.median(smoothed, axis=1))


def test_an_arm_beside_others_has_the_ratios_it_has_alone(monkeypatch):
    x, y = pairs(120, 0.9)
    together = log_ratios(np.stack([y, x + y]), x, 60, seed=4)
    np.testing.assert_array_equal(together[0], log_ratios(y[None], x, 60, seed=4)[0])
    assert not np.array_equal(together[0], log_ratios(y[None], x, 60, seed=5)[0])
    # The bits do not depend on the size of the batches.
    monkeypatch.setattr("lab.statistics.smoothed.BATCH", 250)
    np.testing.assert_array_equal(together[0], log_ratios(y[None], x, 60, seed=4)[0])


@pytest.mark.parametrize("power", [0.5, 3.0])
def test_powers_of_the_data_give_multiples(power):
    x, y = pairs(100, 0.95)
    plain, powered = log_ratios(y[None], x, 50, 0), log_ratios(y[None] ** power, x**power, 50, 0)
    np.testing.assert_allclose(powered, power * plain, rtol=1e-12)


@pytest.mark.parametrize("true", [0.8, 0.99])
def test_the_spread_is_that_of_the_ratio(true):
    """Over fresh data sets; a kernel of a width of its own would show in the first digit."""
    fresh = [np.log(np.median(pairs(100, true, seed=k), axis=1)) for k in range(2000)]
    spread = np.std(np.diff(fresh, axis=1))
    sets = (pairs(100, true, seed=k) for k in range(5000, 5060))
    found = [np.std(log_ratios(y[None], x, 200, 0)) for x, y in sets]
    assert np.sqrt(np.mean(np.square(found))) == pytest.approx(spread, rel=0.1)


def test_correlation_of_normal_scores():
    # Spearman's is 1/2 here, and 2 sin(pi / 12) the correlation with that one.
    found = correlation(np.array([1.0, 2.0, 3.0]), np.array([1.0, 9.0, 4.0]))
    assert found == pytest.approx(2.0 * np.sin(np.pi / 12.0))
    x, y = pairs(20_000, 0.9)
    assert correlation(x, y) == pytest.approx(0.9, abs=0.01)
    assert correlation(x**3, y) == correlation(x, y)
    assert correlation(x, 1.0 / x) == pytest.approx(-1.0)


def test_what_counts_as_continuous():
    x, y = pairs(100, 0.9)
    assert continuous(x, y)
    assert continuous(np.where(x > np.quantile(x, 0.9), np.inf, x), y)
    assert not continuous(np.where(x > np.quantile(x, 0.6), np.inf, x), y)
    assert not continuous(np.round(x, 1), y)
    assert not continuous(np.where(x < np.quantile(x, 0.3), 0.0, x), y)
    x[3] = y[3]
    assert not continuous(x, y)


def test_only_pairs_much_alike_are_drawn_together():
    """Of two arms beside one reference, the one far from it keeps its halves to the last bit."""
    x, y = pairs(300, 0.99)
    samples = np.stack([y, np.random.default_rng(9).lognormal(size=300), x])
    alike, apart, _ = replicate_ratios(samples, 2)
    halves = half_sample_medians(samples, 2000, 0).T
    np.testing.assert_array_equal(apart.replicates, halves[1] / halves[2])
    plain = np.log(halves[0] / halves[2] / alike.estimate)
    drawn = np.log(alike.replicates / alike.estimate)
    width = drawn[0] / plain[0]
    np.testing.assert_allclose(drawn, width * plain, rtol=1e-9, atol=1e-12)
    smooth = np.diff(np.quantile(log_ratios(y[None], x, 400, 0)[0], [0.1, 0.9]))
    assert np.diff(np.quantile(drawn, [0.1, 0.9])) == pytest.approx(smooth, rel=1e-9)


def test_every_offset_has_noise_for_all_seeds(monkeypatch):
    """Few offsets, many seeds: the row of normals is as long as the last piece needs."""
    monkeypatch.setattr("lab.statistics.smoothed.OFFSETS", 3)
    x, y = pairs(120, 0.9)
    assert 0.0 < np.std(log_ratios(y[None], x, 50, seed=4)) < 1.0
