"""Tuned rates: the best of the grid, on seeds of their own."""

import numpy as np
import pytest

from experiments import tuning
from experiments.request import make_request
from experiments.tuning import FIRST_SEED, GRID, SEEDS, tune_rates
from tests.trajectories import trajectories


def test_the_grid_spans_four_decades_around_the_shared_rate():
    assert len(GRID) == 9
    assert GRID[4] == 1.0
    np.testing.assert_allclose(np.diff(np.log10(GRID)), 0.5, rtol=1e-12)


def test_the_rate_is_the_one_with_the_lowest_median():
    request = make_request(
        "quadratic", "gaussian", schedules=("constant", "cosine", "greedy"), steps=60
    )
    medians = np.array(
        [
            np.median(
                trajectories(
                    make_request(
                        "quadratic", "gaussian", lr=request.lr * factor, steps=60,
                        schedules=("constant", "cosine", "greedy"),
                    ),
                    SEEDS, first_lane=FIRST_SEED,
                ).summary["final"],
                axis=1,
            )
            for factor in GRID
        ]
    )  # fmt: skip
    tuned = tune_rates(request, 0.5)
    assert [t.lr for t in tuned] == [request.lr * GRID[i] for i in medians.argmin(axis=0)]
    assert [t.at_edge for t in tuned] == [i in (0, 8) for i in medians.argmin(axis=0)]


def test_an_edge_is_marked():
    request = make_request("rastrigin:amplitude=0", schedules=("constant",), lr=1e-6, steps=20)
    (tuned,) = tune_rates(request, 0.0)
    assert (tuned.lr, tuned.at_edge) == (request.lr * GRID[-1], True)


def test_among_equal_rates_the_shared_one_wins():
    request = make_request("quadratic", schedules=("constant",), optimizer="sgd", lr=1e12, steps=60)
    (tuned,) = tune_rates(request, 0.0)
    assert (tuned.lr, tuned.at_edge) == (1e12, False)


def test_rates_that_a_schedule_forbids_are_passed_over():
    """A share of the rate as lower bound exceeds the upper one at high rates."""
    schedules = ("greedy:min_lr=10%,max_lr=1.5", "constant")
    request = make_request("quadratic", optimizer="sgd", schedules=schedules, steps=20)
    greedy, constant = tune_rates(request, 0.0)
    assert greedy.lr <= 15.0 * request.lr
    assert constant.lr > 0.0


def test_tuning_seeds_are_none_of_the_comparisons(monkeypatch):
    seen = []

    def spy(*args, first_lane, **rest):
        seen.append((first_lane, args[3]))
        raise KeyboardInterrupt

    monkeypatch.setattr(tuning, "simulate", spy)
    with pytest.raises(KeyboardInterrupt):
        tune_rates(make_request("rosenbrock"), 0.0)
    assert seen == [(FIRST_SEED, SEEDS)]
    assert FIRST_SEED >= 2**39
