"""The theory page's closed forms: against quadrature, recursions, and the simulated Algorithm 1."""

import itertools
import math

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar

from experiments import closed_forms
from experiments.closed_forms import diverging_fraction, orbit_rate, phase, phase_rate
from experiments.optimal_f import theory as f_theory

FACTORS = (0.05, 0.12, 0.17, 0.2, 0.3, 0.45, 0.5, 0.7, 0.9, 0.99)


def even_phases(F, count=200_000):
    return 2.0 * F ** -((np.arange(count) + 0.5) / count)


def test_the_lowest_growth_is_where_the_theory_page_has_it():
    found = minimize_scalar(phase_rate, bounds=(0.3, 0.6), method="bounded")
    assert found.fun == pytest.approx(-0.40207, abs=5e-6)
    assert found.x == pytest.approx(0.43738, abs=5e-6)


def test_growth_is_positive_below_0_19019():
    assert brentq(phase_rate, 0.1, 0.3) == pytest.approx(0.19019, abs=5e-6)
    assert (phase_rate(np.linspace(0.01, 0.1901, 50)) > 0.0).all()
    assert (phase_rate(np.linspace(0.1903, 0.999, 50)) < 0.0).all()


def test_growth_near_one():
    for F in (0.99, 0.999):
        assert phase_rate(F) == pytest.approx(-(math.log(F) ** 2) / 3.0, rel=1e-3)


@pytest.mark.parametrize("F", FACTORS)
def test_growth_is_the_mean_over_the_phases(F):
    assert phase_rate(F) == pytest.approx(orbit_rate(even_phases(F), F).mean(), abs=1e-5)


@pytest.mark.parametrize("F", FACTORS)
def test_the_diverging_fraction_counts_the_phases_that_grow(F):
    share = np.mean(orbit_rate(even_phases(F), F) > 0.0)
    assert diverging_fraction(F) == pytest.approx(share, abs=2e-5)


def test_half_of_the_phases_diverge_near_one():
    assert diverging_fraction(0.9999) == pytest.approx(0.5, abs=1e-4)
    assert diverging_fraction(0.5) == pytest.approx(math.log(4.0 / 3.0) / math.log(2.0))


def test_a_phase_is_a_power_of_f_away():
    u, F = np.geomspace(1e-3, 1e3, 37), 0.8
    v = phase(u, F)
    assert ((v >= 2.0) & (v < 2.0 / F)).all()
    powers = np.log(v / u) / math.log(F)
    np.testing.assert_allclose(powers, np.round(powers), atol=1e-9)


@pytest.mark.parametrize("F", [0.05, 0.15, 0.3, 0.5, 0.9, 0.99])
def test_the_simulation_grows_as_the_closed_form_says(F):
    """Four standard errors, of the mean and of the share."""
    found = f_theory.phases(F, lanes=2048, seed=3)
    assert abs(found.simulated - found.expected) <= 4.0 * found.standard_error
    share = found.diverging_expected
    assert abs(found.diverging - share) <= 4.0 * math.sqrt(share * (1.0 - share) / 2048)


def test_every_simulated_lane_is_in_the_orbit_that_its_rate_leads_to():
    rates, u = f_theory._growth(0.7, 0.6, 1.0, settle=20, lanes=256, seed=0)
    np.testing.assert_allclose(rates, orbit_rate(phase(u, 0.7), 0.7), rtol=1e-9)


def test_the_phase_map_shows_the_orbits():
    found = f_theory.phase_map(np.array([0.4, 0.8]), columns=64, lanes=1024)
    assert found.growth.shape == (2, 64)
    middle = np.sqrt(found.edges[1:] * found.edges[:-1])
    agree = np.sign(found.growth[0]) == np.sign(orbit_rate(phase(middle, 0.4), 0.4))
    assert agree.mean() > 0.9  # all but the columns that hold a border


def test_the_swept_rate_ends_at_two():
    F = closed_forms.sweep_factor(0.1, 100)
    assert pytest.approx(2.0) == 0.1 * F**-100
    assert closed_forms.sweep_factor(2.5, 100) > 1.0


@pytest.mark.parametrize("values", [3, 5, 7])
def test_the_walk_has_the_variance_of_rises_and_falls(values):
    """All orders of so many losses; the closed form leaves out a constant: T for T + 2."""
    sums = [
        sum(1 if b < a else -1 for a, b in itertools.pairwise(order))
        for order in itertools.permutations(range(values))
    ]
    moves = values - 1
    expected = closed_forms.walk_variance(math.exp(-1.0), moves)
    assert np.var(sums) == pytest.approx(expected * (moves + 2) / moves)


def test_on_a_noise_floor_half_of_the_decisions_are_decreases():
    """Four standard errors: of a share with variance 1/(12 T), and of a variance, sqrt(2/n)."""
    found = f_theory.walk(lanes=2048, seed=2)
    assert abs(found.decreases - 0.5) <= 4.0 / math.sqrt(12.0 * 400 * 2048)
    assert abs(found.variance_ratio - 1.0) <= 4.0 * math.sqrt(2.0 / 2048) + 2.0 / 399


def test_the_biased_limit_has_no_drift():
    F = np.linspace(0.1, 0.99, 9)
    x, w = closed_forms.biased_limit(F), 0.9 * F + 0.1
    np.testing.assert_allclose(0.9 * x, 0.1 * w * (10.0 - x), rtol=1e-14)
    assert closed_forms.biased_gap(1.0) == 0.0
    assert closed_forms.biased_gap(0.5) == pytest.approx(0.0899, abs=5e-5)


@pytest.mark.parametrize("steps", [1, 2, 10])
def test_the_exploding_mean_sums_over_all_draws(steps):
    total = sum(
        math.comb(steps, k) * 0.5**steps * (0.5**k * 1.45 ** (steps - k)) ** 2
        for k in range(steps + 1)
    )
    assert closed_forms.exploding_mean(steps) == pytest.approx(0.025 * total, rel=1e-12)
