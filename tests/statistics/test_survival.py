import numpy as np
import pytest
from scipy.stats import CensoredData, binom, ecdf

from lab.statistics.means import mean_intervals
from lab.statistics.survival import (
    kaplan_meier,
    log_rank,
    restricted_mean,
    restricted_mean_difference,
)
from tests.statistics.simulated import covers

# Weeks in remission of 21 patients on placebo (Freireich et al., Blood 21 (1963)), all observed.
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def test_placebo_group_of_the_published_trial():
    found = kaplan_meier(PLACEBO, 35.0)
    assert list(found.time) == [1, 2, 3, 4, 5, 8, 11, 12, 15, 17, 22, 23]
    expected = np.array([19, 17, 16, 14, 12, 8, 6, 4, 3, 2, 1, 0]) / 21
    np.testing.assert_allclose(found.survival, expected, rtol=1e-12)
    assert (found.n, found.events) == (21, 21)
    # Kalbfleisch and Prentice's log-log interval at week 8, worked by hand: S = 8/21.
    variance = 13 / (21 * 8)
    factor = np.exp(1.959963984540054 * np.sqrt(variance) / abs(np.log(8 / 21)))
    at_8 = list(found.time).index(8)
    assert found.low[at_8] == pytest.approx((8 / 21) ** factor, rel=1e-9)
    assert found.high[at_8] == pytest.approx((8 / 21) ** (1 / factor), rel=1e-9)


def test_censoring_at_the_horizon():
    times = np.array([3.0, 7.0, 7.0, 12.0, np.inf, 10.0])
    found = kaplan_meier(times, 10.0)
    assert list(found.time) == [3.0, 7.0, 10.0]
    # The event at the horizon itself is seen, those beyond are not.
    np.testing.assert_allclose(found.survival, [5 / 6, 3 / 6, 2 / 6], rtol=1e-12)
    assert (found.n, found.events) == (6, 4)


def test_no_event_and_all_events_have_the_exact_bound():
    none = kaplan_meier(np.full(20, np.inf), 50.0)
    assert (list(none.time), list(none.survival), list(none.high)) == ([50.0], [1.0], [1.0])
    assert binom.pmf(20, 20, none.low[0]) == pytest.approx(0.025)
    every = kaplan_meier(np.full(20, 5.0), 50.0)
    assert (list(every.survival), list(every.low)) == ([0.0], [0.0])
    assert binom.pmf(0, 20, every.high[0]) == pytest.approx(0.025)


def test_coverage_of_the_curve():
    """Exponential times, horizon at 60 % survival; the truth at the median and at the horizon."""
    rng = np.random.default_rng(2)
    horizon = -np.log(0.6)
    covered = []
    for times in rng.exponential(size=(1000, 100)):
        curve = kaplan_meier(times, horizon)
        last = np.searchsorted(curve.time, 0.3, side="right") - 1
        covered.append(curve.low[last] <= np.exp(-0.3) <= curve.high[last])
        covered.append(curve.low[-1] <= 0.6 <= curve.high[-1])
    assert 0.93 <= np.mean(covered) <= 0.97


def test_log_rank_of_the_published_trial():
    """6-MP against placebo: chi-squared 16.79. Censored weeks before week 35 need scipy's own form;
    with a horizon of 5 weeks both groups are censored there alone, which is worked by hand.
    """
    treated = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    weeks = np.array([*treated, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35], dtype=float)
    found = log_rank(weeks, PLACEBO, 5.0)
    observed, expected, variance = 0.0, 0.0, 0.0
    for week in range(1, 6):
        placebo = np.array(PLACEBO)
        at_risk, dead = np.sum(placebo >= week), np.sum(placebo == week)
        n = at_risk + 21
        expected += dead * 21 / n
        variance += dead * (21 / n) * (at_risk / n) * (n - dead) / (n - 1)
    assert found.statistic == pytest.approx((observed - expected) / np.sqrt(variance), rel=1e-12)
    assert found.statistic < 0.0
    assert found.note == "unpaired"


def test_log_rank_without_events():
    found = log_rank([np.inf, np.inf], [9.0, np.inf], 5.0)
    assert (found.statistic, found.p_value) == (0.0, 1.0)


def test_restricted_mean_is_the_area_under_the_curve():
    times = np.round(np.random.default_rng(4).exponential(30.0, size=200))
    times[::9] = np.inf
    horizon = 50.0
    curve = ecdf(CensoredData.right_censored(np.minimum(times, horizon), times > horizon)).sf
    edges = np.append(curve.quantiles[curve.quantiles < horizon], horizon)
    steps = np.diff(np.insert(edges, 0, 0.0))
    heights = np.insert(curve.probabilities[: len(edges) - 1], 0, 1.0)
    assert restricted_mean(times, horizon) == pytest.approx(np.sum(steps * heights), rel=1e-12)


def test_restricted_mean_difference_covers():
    """Exponential times that share a factor by pair, as lanes of one seed do; horizon 2."""
    rng = np.random.default_rng(6)
    shared = rng.exponential(size=(2000, 100))
    first = np.maximum(0.5 * shared, rng.exponential(0.3, size=shared.shape))
    second = np.maximum(shared, rng.exponential(0.3, size=shared.shape))

    def truth(mean):
        t = np.linspace(0.0, 2.0, 200_001)
        survival = 1.0 - (1.0 - np.exp(-t / mean)) * (1.0 - np.exp(-t / 0.3))
        return np.trapezoid(survival, t)

    # All data sets in one product of matrices: the same intervals, sooner.
    found = mean_intervals(np.minimum(first, 2.0) - np.minimum(second, 2.0))
    for k in range(3):
        one = restricted_mean_difference(first[k], second[k], 2.0)
        assert (one.low, one.high) == pytest.approx((found[k].low, found[k].high), rel=1e-12)
        assert one.estimate == pytest.approx(
            restricted_mean(first[k], 2.0) - restricted_mean(second[k], 2.0), rel=1e-12
        )
    difference = truth(0.5) - truth(1.0)
    covered = np.mean([i.low <= difference <= i.high for i in found])
    assert 0.93 <= covered <= 0.97


def test_never_reached_counts_as_the_horizon():
    found = restricted_mean_difference([np.inf, 2.0, 3.0], [1.0, 2.0, np.inf], 10.0)
    assert found.estimate == pytest.approx((9.0 + 0.0 - 7.0) / 3)
    assert covers(restricted_mean_difference([4.0, 4.0], [1.0, 1.0], 10.0), 3.0)
