import numpy as np
import pytest

from lab.statistics.performance_profile import performance_profile, performance_ratios

COSTS = [[1.0, 2.0, np.inf], [4.0, 2.0, 2.0], [np.inf, np.inf, np.inf], [0.0, 0.0, 1.0]]


def test_ratios_worked_by_hand():
    inf = np.inf
    expected = [[1.0, 2.0, inf], [2.0, 1.0, 1.0], [inf, inf, inf], [1.0, 1.0, inf]]
    np.testing.assert_array_equal(performance_ratios(COSTS), expected)


def test_profile_worked_by_hand():
    found = performance_profile(COSTS, [1.0, 1.5, 2.0, 100.0])
    expected = [[0.5, 0.5, 0.75, 0.75], [0.5, 0.5, 0.75, 0.75], [0.25, 0.25, 0.25, 0.25]]
    np.testing.assert_array_equal(found, expected)


def test_equals_the_definition():
    costs = np.random.default_rng(0).lognormal(size=(50, 4))
    factors = np.geomspace(1.0, 30.0, 20)
    best = costs.min(axis=1, keepdims=True)
    expected = [[np.mean(column <= f) for f in factors] for column in (costs / best).T]
    np.testing.assert_array_equal(performance_profile(costs, factors), expected)


@pytest.mark.parametrize("bad", [-1.0, np.nan])
def test_costs_must_be_costs(bad):
    with pytest.raises(ValueError, match="costs"):
        performance_profile([[1.0, bad]], [1.0])
