"""Sensitivity indices against published ones, and how often their intervals hold the truth."""

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import bootstrap, sobol_indices

from experiments.ablation import indices as ablation_indices
from experiments.ablation.effects import PARTS, main_effects
from experiments.ablation.indices import estimate, saltelli, unit_design
from lab.statistics.pool import pooled

#: Ishigami and Homma's function with a = 7, b = 0.1: parts of the variance, in closed form
#: (Saltelli et al., Global Sensitivity Analysis, 2008, section 4.6).
A, B = 7.0, 0.1
V1 = 0.5 * (1.0 + B * np.pi**4 / 5.0) ** 2
V2 = A**2 / 8.0
V13 = B**2 * np.pi**8 * 8.0 / 225.0
V = V1 + V2 + V13


def ishigami(u):
    x = np.pi * (2.0 * u.T - 1.0)
    return np.sin(x[0]) + A * np.sin(x[1]) ** 2 + B * x[2] ** 4 * np.sin(x[0])


def test_ishigami_has_its_published_indices():
    found = estimate(ishigami(unit_design(4096, 3, seed=1))[None], 3, seed=1)
    first, total, pairs = (
        found.estimates[0, part] for part in (found.first, found.total, found.interaction)
    )
    np.testing.assert_allclose(first, [0.3139, 0.4424, 0.0], atol=0.02)
    np.testing.assert_allclose(total, [0.5576, 0.4424, 0.2437], atol=0.02)
    assert found.pairs == [(0, 1), (0, 2), (1, 2)]
    np.testing.assert_allclose(pairs, [0.0, 0.2437, 0.0], atol=0.02)
    assert found.variance[0] == pytest.approx(V, rel=0.01)


def test_the_closed_forms_are_the_published_numbers():
    assert pytest.approx((0.3139, 0.4424, 0.2437), abs=5e-5) == (V1 / V, V2 / V, V13 / V)


def test_the_interaction_of_a_product_of_three_is_all_that_both_are_in():
    """f = product of (1 + z_i), z_i uniform with variance 1: V_u = 1 for each of the 7 sets."""
    z = np.sqrt(12.0) * (unit_design(8192, 3, seed=2) - 0.5)
    found = estimate(np.prod(1.0 + z, axis=1)[None], 3, seed=2)
    np.testing.assert_allclose(found.estimates[0, found.first], 1 / 7, atol=0.02)
    np.testing.assert_allclose(found.estimates[0, found.total], 4 / 7, atol=0.04)
    np.testing.assert_allclose(found.estimates[0, found.interaction], 2 / 7, atol=0.04)


def test_a_resample_of_every_row_once_is_the_estimate(monkeypatch):
    """The formulas behind the intervals are scipy's."""
    rng = np.random.default_rng(3)
    responses = rng.normal(size=(4, 16 * 5)) + rng.normal(size=(4, 1))
    monkeypatch.setattr(ablation_indices, "row_weights", lambda n, seed: np.full((1, n), 1.0 / n))
    found = estimate(responses, 3, seed=0)
    np.testing.assert_allclose(found.replicates[0], found.estimates, rtol=1e-10, atol=1e-12)


def test_the_acceleration_is_that_of_leaving_out_one_row_after_the_other(monkeypatch):
    given = []

    def spy(left_out):
        given.append(left_out)
        return 0.0

    monkeypatch.setattr(ablation_indices, "acceleration", spy)
    u = unit_design(8, 2, seed=9)
    responses = np.sin(3.0 * u[:, 0]) + u[:, 1]
    estimate(responses[None], 2, seed=9)
    parts = responses.reshape(4, 8)
    for row in range(8):
        kept = np.delete(parts, row, axis=1)
        total = 0.5 * np.mean((kept[0] - kept[2]) ** 2) / kept.var()
        assert given[2][row] == pytest.approx(total, rel=1e-9)


def test_a_first_order_of_a_resample_is_centred_on_the_resample(monkeypatch):
    """A shift of the response changes nothing, whatever rows are drawn."""
    u = unit_design(16, 2, seed=10)
    y = np.exp(u[:, 0]) * (1.0 + u[:, 1])
    rows = np.arange(16) % 5
    monkeypatch.setattr(
        ablation_indices, "row_weights", lambda n, seed: np.bincount(rows, minlength=n)[None] / n
    )
    found = estimate(y[None], 2, seed=0)
    a, b, *mixed = y.reshape(4, 16)[:, rows]
    centre = 0.5 * (a.mean() + b.mean())
    variance = np.var([a, b, *mixed])
    expected = [np.mean((b - centre) * (m - a)) / variance for m in mixed]
    np.testing.assert_allclose(found.replicates[0, 0, found.first], expected, rtol=1e-9)


def test_the_ends_are_those_of_bca(monkeypatch):
    """Of total indices, against scipy's bootstrap of rows; both from 10,000 resamples."""
    monkeypatch.setattr(ablation_indices, "RESAMPLES", 10_000)
    y = ishigami(unit_design(64, 3, seed=5)).reshape(5, 64)
    found = estimate(y.reshape(1, -1), 3, seed=5)

    def totals(rows):
        return saltelli(y[:1, rows], y[1:2, rows], y[2:, None, rows])[1][0]

    theirs = bootstrap(
        (np.arange(64),), totals, vectorized=False, n_resamples=10_000, method="BCa", rng=0
    ).confidence_interval
    np.testing.assert_allclose(found.low[0, found.total], theirs.low, rtol=0.03)
    np.testing.assert_allclose(found.high[0, found.total], theirs.high, rtol=0.03)


def test_but_for_the_variance_the_indices_are_scipys():
    y = ishigami(unit_design(64, 3, seed=5)).reshape(5, 64)
    theirs = sobol_indices(func={"f_A": y[:1], "f_B": y[1:2], "f_AB": y[2:, None]}, n=64)
    found = estimate(y.reshape(1, -1), 3, seed=5)
    share = y[:2].var() / y.var()
    expected = share * np.ravel(theirs.first_order), share * np.ravel(theirs.total_order)
    np.testing.assert_allclose(found.estimates[0, found.first], expected[0], rtol=1e-10)
    np.testing.assert_allclose(found.estimates[0, found.total], expected[1], rtol=1e-10)


def test_a_response_that_moves_at_few_points_of_the_mixed_rows_has_no_huge_index():
    y = np.zeros((1, 16 * 4))
    y[0, [40, 42, 44]] = 1.0
    found = estimate(y, 2, seed=0)
    assert np.abs(found.estimates).max() == pytest.approx((2 + 2) / 2, rel=0.05)


def test_intervals_hold_the_true_indices():
    truth = np.array([V1, V2, 0.0, V1 + V13, V2, V13, 0.0, V13, 0.0]) / V
    held = []
    for seed in range(60):
        found = estimate(ishigami(unit_design(64, 3, seed))[None], 3, seed)
        held.append((found.low[0] <= truth) & (truth <= found.high[0]))
    # 95 % of nine indices in 60 designs; evenly spread points make it more, few rows less.
    assert 0.92 <= np.mean(held) <= 1.0
    assert (np.mean(held, axis=0) > 0.85).all()


def test_an_input_without_any_part_has_indices_of_exactly_zero():
    u = unit_design(16, 2, seed=4)
    found = estimate(np.exp(u[:, 0])[None], 2, seed=4)
    for column in (3, 4):  # the total of the second, the interaction
        ends = (found.low[0, column], found.estimates[0, column], found.high[0, column])
        assert ends == (0.0, 0.0, 0.0)


def test_a_response_that_does_not_vary_has_none():
    u = unit_design(16, 2, seed=5)
    found = estimate(np.stack([np.full(len(u), 0.3), u[:, 0]]), 2, seed=5)
    assert np.isnan(found.estimates[0]).all()
    assert np.isnan(found.low[0]).all()
    assert np.isfinite(found.estimates[1]).all()


def test_a_response_that_one_row_decides_has_none():
    """A spike in one point of the design, alone and on a line that makes less or more than half."""
    u = unit_design(16, 2, seed=5)
    spike = np.where(np.arange(len(u)) == 40, 1.0, 0.0)
    line = u[:, 0] - 0.5
    found = estimate(np.stack([spike, spike + 0.3 * line, spike + line]), 2, seed=5)
    assert np.isnan(found.estimates[:2]).all()
    assert np.isnan(found.low[:2]).all()
    assert np.isfinite(found.estimates[2]).all()
    # What there would have been: a total index of far more than the whole.
    n = len(u) // 4
    assert 0.5 * np.mean((spike[:n] - spike[2 * n : 3 * n]) ** 2) > 1.5 * np.var(spike)


def test_the_design_differs_in_one_column_at_a_time():
    a, b, *mixed = unit_design(8, 3, seed=6).reshape(5, 8, 3)
    for i, rows in enumerate(mixed):
        np.testing.assert_array_equal(rows[:, i], b[:, i])
        np.testing.assert_array_equal(np.delete(rows, i, axis=1), np.delete(a, i, axis=1))


def test_main_effects_of_a_line():
    u = unit_design(1024, 2, seed=7)
    once, replicates = main_effects(u, np.stack([u[:, 0], -u[:, 1]]), 1024, seed=7)
    quarters = (np.arange(PARTS) + 0.5) / PARTS - 0.5
    np.testing.assert_allclose(once[0], [quarters, np.zeros(PARTS)], atol=0.01)
    np.testing.assert_allclose(once[1], [np.zeros(PARTS), -quarters], atol=0.01)
    assert replicates.shape == (ablation_indices.RESAMPLES, 2, 2, PARTS)
    np.testing.assert_allclose(replicates.mean(axis=0), once, atol=0.01)


class TestPool:
    def test_students_t_over_the_means_of_landscapes(self):
        """Means 1, 2, 6 of three landscapes: mean 3, s^2 = 7, t_2 = 4.302653."""
        found = pooled(np.array([0.0, 2.0, 2.0, 6.0, np.nan]), ["a", "a", "b", "c", "c"])
        half = 4.302653 * np.sqrt(7.0 / 3.0)
        assert (found.estimate, found.n) == (3.0, 3)
        assert (found.low, found.high) == pytest.approx((3.0 - half, 3.0 + half), rel=1e-6)

    def test_the_designs_error_is_added(self):
        replicates = np.array([[1.0, 1.0], [3.0, 3.0]])  # of the mean: variance 1
        found = pooled(np.array([2.0, 2.0]), ["a", "b"], replicates)
        assert (found.low, found.high) == pytest.approx((2.0 - 12.7062, 2.0 + 12.7062), rel=1e-5)

    def test_one_landscape_has_no_interval_and_none_no_mean(self):
        one = pooled(np.array([1.0, 3.0]), ["a", "a"])
        assert (one.estimate, one.low, one.n) == (2.0, None, 1)
        assert pooled(np.array([np.nan]), ["a"]).estimate is None

    @pytest.mark.parametrize("landscapes", [3, 8])
    def test_intervals_cover_the_mean_of_all_landscapes(self, landscapes):
        rng = np.random.default_rng(8)
        names = [str(i) for i in range(landscapes) for _ in range(2)]
        held = []
        for _ in range(800):
            own = np.repeat(rng.normal(0.4, 0.2, landscapes), 2)
            found = pooled(own + rng.normal(0.0, 0.1, 2 * landscapes), names)
            assert found.low is not None
            assert found.high is not None
            held.append(found.low <= 0.4 <= found.high)
        assert np.mean(held) == pytest.approx(0.95, abs=0.025)  # three standard errors

    def test_pairs_of_a_design(self):
        u = unit_design(8, 4, seed=0)
        found = estimate(u.sum(axis=1)[None], 4, seed=0)
        assert found.pairs == list(combinations(range(4), 2))
        assert found.estimates.shape == (1, 4 + 4 + 6)
