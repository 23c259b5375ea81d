"""Sensitivity to the rate: its grid, its numbers, and what it says of who is ahead."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.comparison import compare
from experiments.rate_ranges import good_range
from experiments.sensitivity import LEVELS, make_sensitivity, measure_sensitivity
from lab.ensemble import suboptimality
from lab.errors import RequestError
from lab.simulation import Arm, simulate
from lab.statistics.quantiles import quantiles

GRID = make_sensitivity(
    ["rosenbrock"], schedules=("constant", "greedy", "exponential"), steps=60, seeds=80, rates=5,
    noise="gaussian", strengths=(0.1,),
)  # fmt: skip


@pytest.fixture(scope="module")
def found():
    return measure_sensitivity(GRID).scenarios[0]


def test_rates_span_the_decades_around_the_scenarios_own():
    np.testing.assert_allclose(GRID.of(GRID.first), [1e-4, 1e-3, 1e-2, 1e-1, 1.0], rtol=1e-15)
    assert GRID.of(GRID.first)[2] == GRID.first.lr
    default = make_sensitivity()
    assert (default.rates, default.decades) == (17, 4.0)
    sgd = make_sensitivity(["rosenbrock"], ["sgd"])
    assert sgd.of(sgd.first)[8] == 1e-4


def finals(found, i):
    request = found.request
    arms = [Arm(request.schedules[i], request.optimizer, lr) for lr in found.rates]
    scenario = request.scenario(0.1)
    summary = simulate(scenario, arms, request.steps, request.seeds).summary
    return suboptimality(scenario, summary["final"])


def test_numbers_are_those_of_the_lanes(found):
    for i, arm in enumerate(found.arms):
        sample = finals(found, i)
        np.testing.assert_array_equal(arm.bands, quantiles(sample, LEVELS).T)
        np.testing.assert_array_equal(arm.over_rates, quantiles(sample.ravel(), LEVELS))
        np.testing.assert_array_equal(arm.diverged, np.isinf(sample).mean(axis=1))
        assert arm.ran.all()


def test_widths_are_those_of_the_medians_with_an_interval_around(found):
    lowest = min(arm.bands[:, 1].min() for arm in found.arms)
    for arm in found.arms:
        medians = arm.bands[:, 1]
        assert arm.own == good_range(found.rates, medians, 2.0 * medians.min())
        assert arm.best == good_range(found.rates, medians, 2.0 * lowest)
        for width, interval in ((arm.own, arm.own_interval), (arm.best, arm.best_interval)):
            assert interval.low <= width.decades == interval.estimate <= interval.high
        assert arm.own_interval.high > arm.own_interval.low
    assert max(arm.best.decades for arm in found.arms) > 0.0


def test_shared_and_tuned_are_those_of_the_main_comparison(found):
    expected = compare(found.request)[0]
    for mine, main in zip(found.comparison.arms, expected.arms, strict=True):
        np.testing.assert_array_equal(mine.final, main.final)
        assert mine.tuned == main.tuned
        assert mine.paired == main.paired
    # The shared rate is a rate of the grid: the same lanes.
    assert found.arms[0].bands[2, 1] == expected.arms[0].final[3]


def sensitivity_of(*schedules, **options):
    given = {"steps": 100, "seeds": 60, "rates": 5} | options
    grid = make_sensitivity(["quadratic:dim=2,condition=4"], schedules=schedules, **given)
    return measure_sensitivity(grid).scenarios[0]


def test_a_schedule_that_wins_only_at_a_badly_chosen_rate_is_shown_to_do_so():
    """With a third of the rate, sgd is ahead only where the rate is too large for constant."""
    third = "linear-lr:start_factor=0.33,end_factor=0.33"
    found = sensitivity_of("constant", third, optimizers=["sgd"], lr=0.5, decades=2.0)
    too_large = found.arms[1].lowest_at
    assert 4 in too_large
    assert all(found.rates[i] > 2.0 for i in too_large)
    assert found.arms[1].badly_chosen == too_large
    assert found.only_badly(1)
    # constant is ahead at good rates and at bad ones, which are too small.
    assert set(found.arms[0].badly_chosen) < set(found.arms[0].lowest_at)
    assert not found.only_badly(0)


def test_only_badly_needs_all_three():
    """Ahead somewhere, nowhere at a good rate, and not at the tuned rates either."""
    found = sensitivity_of("constant", "greedy", optimizers=["sgd"], lr=0.5)
    tuned = found.tuned_medians
    worse, better = int(np.argmax(tuned)), int(np.argmin(tuned))
    assert worse != better

    def said(arm, lowest_at, badly_chosen):
        arms = list(found.arms)
        arms[arm] = replace(arms[arm], lowest_at=lowest_at, badly_chosen=badly_chosen)
        return replace(found, arms=tuple(arms)).only_badly(arm)

    assert said(worse, (1, 2), (1, 2))
    assert not said(worse, (1, 2), (1,))
    assert not said(worse, (), ())
    assert not said(better, (1, 2), (1, 2))


def test_equal_schedules_are_never_ahead_of_each_other():
    found = sensitivity_of("constant", "linear-lr:start_factor=1,end_factor=1")
    assert [arm.lowest_at for arm in found.arms] == [(), ()]
    assert not found.only_badly(0)


def test_one_schedule_alone_is_ahead_of_nobody():
    assert sensitivity_of("greedy").arms[0].lowest_at == ()


def test_rates_that_a_schedule_does_not_allow_are_not_run():
    found = sensitivity_of("constant", "greedy-simple:min_lr=20%,max_lr=0.05", lr=0.1)
    allowed = [0.2 * lr <= 0.05 for lr in found.rates]
    assert found.arms[1].ran.tolist() == allowed
    assert 0 < sum(allowed) < 5
    medians = found.arms[1].bands[:, 1]
    assert np.isfinite(medians[allowed]).all()
    assert np.isinf(medians[~np.array(allowed)]).all()
    assert np.isfinite(found.arms[1].over_rates).all()


def test_too_few_seeds_give_no_interval():
    found = sensitivity_of("constant", "greedy", seeds=5)
    assert found.arms[0].own_interval.low is None
    assert found.arms[0].lowest_at == ()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"rates": 4}, "rates: 4 is not allowed"),
        ({"rates": 1}, "rates: 1 is not allowed"),
        ({"decades": 0.0}, "decades: 0.0 is not allowed"),
        ({"decades": 1e-300}, "decades: 1e-300 is not allowed, it holds no 17 different rates"),
        ({"lr": 1e300, "decades": 20.0}, r"decades: 20 is not allowed.* lr 1e\+300"),
    ],
)
def test_a_wrong_request_is_refused(given, message):
    with pytest.raises(RequestError, match=message):
        make_sensitivity(**given)
