"""Early convergence: decreases and times to target, by hand and against trajectories."""

import math

import numpy as np
import pytest

from experiments import grid as grids
from experiments.early import make_early, measure_early, remaining
from lab.errors import RequestError
from lab.simulation import simulate
from lab.statistics.bootstrap import median_ratios
from lab.statistics.quantiles import quantiles

GRID = make_early(
    ["rosenbrock"], schedules=("constant", "greedy", "exponential"), steps=40, seeds=150,
    hardest=1e-3, targets=7,
)  # fmt: skip


@pytest.fixture(scope="module")
def found():
    return measure_early(GRID).scenarios[0]


@pytest.fixture(scope="module")
def losses(found):
    request = found.request
    return simulate(request.scenario(0.5), request.arms(), 40, 150).loss


def test_what_remains_by_hand():
    inf = math.inf
    start = [8.0, -8.0, 0.0, inf]
    later = [2.0, -10.0, 1.0, inf]
    share = remaining(np.array([[start, later, [inf, inf, 1.0, inf]]]))
    # The relative decrease is (8 - 2) / 8, and (-8 + 10) / |-8|; the others start nowhere.
    assert (1.0 - share[0, 1]).tolist() == [0.75, 0.25]
    assert share[0, 0].tolist() == [1.0, 1.0]
    assert share[0, 2].tolist() == [inf, inf]


def test_little_that_remains_keeps_its_digits():
    share = remaining(np.array([[[3.0], [3e-30]]]))
    assert share[0, 1, 0] == 3e-30 / 3.0


def test_the_checkpoints_are_parts_of_the_steps(found):
    assert found.steps == (2, 4, 10, 20, 40)
    assert make_early(["rosenbrock"], steps=7).at(make_early(["rosenbrock"], steps=7).first) == [
        1, 1, 2, 4, 7,
    ]  # fmt: skip


def test_decreases_and_ratios_are_those_of_the_losses(found, losses):
    share = losses / losses[0, 0]
    for k, step in enumerate(found.steps):
        medians = quantiles(share[:, step], 0.5)
        ratios = median_ratios(share[:, step], 1)
        for i, arm in enumerate(found.arms):
            checkpoint = arm.checkpoints[k]
            assert checkpoint.step == step
            assert checkpoint.decrease.estimate == 1.0 - medians[i]
            assert checkpoint.decrease.low < 1.0 - medians[i] < checkpoint.decrease.high
            if i == 1:
                assert checkpoint.ratio is checkpoint.better is None
                continue
            assert checkpoint.ratio == ratios[i]
            wins = np.mean(share[i, step] < share[1, step])
            ties = np.mean(share[i, step] == share[1, step])
            assert checkpoint.better.estimate == pytest.approx(wins + ties / 2, rel=1e-12)


def test_targets_are_multiples_of_the_start():
    np.testing.assert_allclose(GRID.levels, 10.0 ** (-3.0 * np.arange(1, 8) / 7), rtol=1e-12)


def test_the_ecdf_counts_pairs_of_a_target_and_a_lane(found, losses):
    for i, arm in enumerate(found.arms):
        best = np.minimum.accumulate(losses[i] / losses[0, 0], axis=0)
        reached = best[:, None, :] <= GRID.levels[None, :, None]
        np.testing.assert_allclose(arm.ecdf, reached.mean(axis=(1, 2)), rtol=1e-12)
        area = reached.mean(axis=(0, 1))
        assert arm.area.estimate == pytest.approx(area.mean(), rel=1e-12)
        assert arm.area.estimate == pytest.approx(arm.ecdf.mean(), rel=1e-12)
        if i == 1:
            assert arm.difference is None
        else:
            gap = arm.ecdf.mean() - found.arms[1].ecdf.mean()
            assert arm.difference.estimate == pytest.approx(gap, rel=1e-9)
            assert arm.difference.low < gap < arm.difference.high


def test_chunks_of_lanes_change_nothing(found, monkeypatch):
    monkeypatch.setattr(grids, "SERIES_BYTES", 1)
    again = measure_early(GRID).scenarios[0]
    for one, other in zip(found.arms, again.arms, strict=True):
        assert one.checkpoints == other.checkpoints
        assert one.area == other.area
        np.testing.assert_allclose(one.ecdf, other.ecdf, rtol=1e-14)


def test_a_diverged_lane_reaches_nothing_more():
    grid = make_early(
        ["quadratic:dim=2,condition=1"], ["sgd"], lr=1e4, schedules=("constant",), steps=60,
        seeds=20,
    )  # fmt: skip
    arm = measure_early(grid).scenarios[0].arms[0]
    assert arm.checkpoints[-1].decrease.estimate == -math.inf
    assert arm.area.estimate == 0.0
    assert (arm.ecdf == 0.0).all()


def test_each_at_its_tuned_rate():
    grid = make_early(
        ["rosenbrock"], schedules=("constant", "greedy"), steps=40, seeds=9, tuned=True
    )
    rates = [arm.lr for arm in measure_early(grid).scenarios[0].arms]
    assert 0.01 not in rates
    plain = make_early(["rosenbrock"], schedules=("constant", "greedy"), steps=40, seeds=9)
    assert grid.hash != plain.hash


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"fractions": (0.5, 0.1)}, "must ascend"),
        ({"fractions": (0.5, 1.1)}, "at: 110 is not allowed"),
        ({"fractions": (0.0, 0.5)}, "at: 0 is not allowed"),
        ({"fractions": (0.5, 0.5)}, "must ascend"),
        ({"fractions": ()}, "must ascend"),
        ({"hardest": 1.0}, "hardest: 1.0 is not allowed"),
        ({"hardest": 0.0}, "hardest: 0.0 is not allowed"),
        ({"targets": 0}, "targets: 0 is not allowed"),
        ({"targets": 1001}, "targets: 1001 is not allowed"),
    ],
)
def test_a_wrong_request_is_refused(given, message):
    with pytest.raises(RequestError, match=message):
        make_early(**given)


def test_lanes_that_all_start_at_the_minimum_are_refused():
    grid = make_early(["rosenbrock"], seeds=3, start=(1.0, 1.0))
    with pytest.raises(RequestError, match="no lane starts away from the minimum"):
        measure_early(grid)
