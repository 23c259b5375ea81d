"""The stability of F, on landscapes where the answer is known."""

import numpy as np
import pytest

from experiments.optimal_f import stability as f_stability
from experiments.optimal_f.stability import FACTORS, NOISES, OPTIMIZERS, run_stability, standing


@pytest.fixture(scope="module")
def found():
    return run_stability(seeds=64, landscapes=["quadratic"])


def of(found, schedule, optimizer, noise="none"):
    return next(
        row
        for row in found
        if row.schedule == schedule
        and row.request.optimizer.component.name == optimizer
        and row.request.noise.component.name == noise
    )


def test_every_scenario_is_there(found):
    assert len(found) == 2 * len(NOISES) * len(OPTIMIZERS)
    assert all(row.medians.shape == (len(FACTORS),) for row in found)


def test_the_release_hardly_acts_in_250_steps_at_its_upper_bound(found):
    """sgd starts at 1 / L = 1, the release's max_lr: every F gives the same lanes."""
    row = of(found, "greedy", "sgd")
    assert row.alike
    assert row.stable
    assert not row.low_diverges
    assert row.low.estimate == row.spread.estimate == 1.0


def test_algorithm_1_without_bounds_diverges_at_small_factors_under_adam(found):
    row = of(found, "greedy-simple", "adam")
    assert row.low_diverges
    assert not row.alike
    assert row.low.low > 1e3


def test_lanes_that_end_above_their_start_are_counted(found):
    for row in found:
        assert ((row.worse >= 0.0) & (row.worse <= 1.0)).all()
        assert (row.worse >= row.diverged).all()
        above = row.medians > row.start
        assert (row.worse[row.medians > 1e3 * row.start] > 0.5).all()
        assert above[row.worse == 1.0].all()


def test_intervals_hold_their_ratios(found):
    for row in found:
        for interval in (row.spread, row.low):
            if interval.estimate is not None:
                assert interval.low <= interval.estimate <= interval.high


def test_the_ratios_are_those_of_the_factors_that_they_name():
    """Factors 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99: the spread begins at 0.5."""
    medians = np.array([100.0, 50.0, 8.0, 2.0, 4.0, 5.0, 6.0])
    assert f_stability._spread(medians) == 4.0
    assert f_stability._low(medians) == 25.0


def test_a_landscape_that_starts_at_its_minimum_is_left_out():
    assert run_stability(seeds=8, landscapes=["sample-bias"]) == []


def test_landscapes_made_of_others_are_left_out():
    names = standing()
    assert "rosenbrock" in names
    assert "transformed" not in names


def test_seeds_are_paired_over_the_factors():
    """All arms start from the same points: the same share of seeds cannot differ at F alike."""
    few = run_stability(seeds=8, landscapes=["quadratic"])
    again = run_stability(seeds=8, landscapes=["quadratic"])
    for one, other in zip(few, again, strict=True):
        np.testing.assert_array_equal(one.medians, other.medians)
