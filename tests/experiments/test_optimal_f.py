"""The experiment on the optimal F: its scores, its traps, and what theory lets it find."""

import json
from dataclasses import replace

import numpy as np
import pytest

from experiments.closed_forms import sweep_factor
from experiments.optimal_f import run as optimal_f
from experiments.optimal_f import theory as f_theory
from experiments.optimal_f.cells import FACTORS, make_optimal_f, read_clamp, read_rate
from experiments.optimal_f.run import (
    HIGHEST,
    LOWEST,
    PLATEAU,
    factors,
    run_cells,
    scores_of,
    window,
)
from lab.errors import RequestError
from lab.simulation import Keep, Spread, simulate

SMALL = {"seeds": 200, "steps": 100, "strength": 0.0, "dim": 1}


def cells(**options):
    return run_cells(make_optimal_f(**{**SMALL, **options}))


class TestRequest:
    def test_the_whole_grid(self):
        request = make_optimal_f()
        found = request.cells
        assert request.whole
        assert len(found) == len(set(found)) == 2 * 2 * 2 * 2 * 4 * 8
        assert [cell.L for cell in found[:8]] == [0.5, 1, 2, 5, 10, 50, 100, 1000]
        assert len(FACTORS) == 29

    def test_any_flag_makes_it_a_single_cell_for_each_L(self):
        request = make_optimal_f(lipschitz=(100, 1, 10))
        assert not request.whole
        assert [cell.L for cell in request.cells] == [100.0, 1.0, 10.0]
        cell = request.cells[0]
        assert (cell.dim, cell.condition, cell.strength, cell.steps) == (1, 1.0, 0.0, 1000)
        assert (cell.rate.text, cell.clamp.text) == ("scaled:0.1", "none")
        assert make_optimal_f(dim=10).cells[0].condition == 100.0

    def test_rates_and_clamps_are_in_units_of_one_over_L(self):
        assert read_rate("scaled:0.1").at(50.0) == 0.1 / 50.0
        assert read_rate("fixed:0.01").at(50.0) == 0.01
        assert read_clamp("0.01,1.9").at(10.0) == (0.001, 0.19)
        assert read_clamp("fixed:1e-4,0.1").at(10.0) == (1e-4, 0.1)
        assert read_clamp("none").at(10.0) == (0.0, np.inf)
        assert make_optimal_f(base_lr="fixed:1", clamp="0.01,1", lipschitz=[10]).cells[0].u == 1.0

    @pytest.mark.parametrize(
        ("options", "part"),
        [
            ({"base_lr": "0.01"}, "base-lr: '0.01'"),
            ({"base_lr": "fixed:0"}, "base-lr: 'fixed:0'"),
            ({"clamp": "1,0.01"}, "clamp: '1,0.01'"),
            ({"clamp": "free"}, "clamp: 'free'"),
            ({"clamp": "0.1"}, "clamp: '0.1'"),
            ({"lipschitz": (0.0,)}, "lipschitz: 0.0"),
            ({"seeds": 5}, "seeds: 5"),
            ({"dim": 0}, "dim: 0"),
            ({"condition": 0.5}, "condition: 0.5"),
        ],
    )
    def test_what_is_wrong_is_named(self, options, part):
        with pytest.raises(RequestError, match=part):
            make_optimal_f(**options)


class TestScores:
    def test_what_is_lost_is_worst_and_what_is_at_the_minimum_best(self):
        losses = np.array([[1e-3, np.nan, np.inf, 0.0, 1e-320, 1e60]] * 4)
        found = scores_of(losses, np.ones(6))
        np.testing.assert_allclose(
            found, [-3.0, HIGHEST, HIGHEST, LOWEST, LOWEST, HIGHEST], rtol=1e-15
        )

    def test_a_lane_that_is_lost_on_the_way_is_clipped_step_by_step(self):
        losses = np.array([[1.0], [np.inf]])
        assert scores_of(losses, np.ones(1)) == pytest.approx(HIGHEST / 2)

    def test_the_window_is_the_last_tenth(self):
        assert window(1000) == range(900, 1000)
        assert window(5) == range(4, 5)

    def test_against_a_loop_in_python(self):
        """The same starts and rates; rounding apart (the engine uses fused operations).

        Some initial rates lie above the clamp.
        """
        options = {"lipschitz": [5], "clamp": "0.01,1.9", "base_lr": "fixed:0.2"}
        (cell,) = make_optimal_f(**{**SMALL, **options}).cells
        low, high = cell.clamp.at(cell.L)
        arms = [optimal_f.arm_of(F, cell.rate.at(cell.L), cell.clamp, cell.L) for F in FACTORS]
        first = simulate(
            optimal_f.scenario_of(optimal_f.landscape_of(cell)), arms, 1, 128,
            keep=Keep(lr_mean=False, lr=True, x=True), spread=Spread(1.0, low, high),
        )  # fmt: skip
        assert 0.1 < np.mean(first.lr[0] == high) < 0.5
        ((_, scores, diverged),) = optimal_f._scores([cell], 128, 0, None)
        assert np.isinf(diverged).all()
        for i in (1, 9, 17, 26):
            expected = python_score(
                first.x[i, 0, 0], first.lr[i, 0], FACTORS[i], cell.L, cell.steps, low, high
            )
            np.testing.assert_allclose(scores[i], expected, rtol=1e-9)


def python_score(x, lr, F, L, steps, low, high):
    x, lr, gaps = x.copy(), lr.copy(), []
    for t in range(steps):
        gap = 0.5 * L * x * x
        if t > 0:
            lr = np.clip(np.where(gap < gaps[-1], lr / F, lr * F), low, high)
        gaps.append(gap)
        x = x - lr * L * x
    return np.mean(np.log10(np.array(gaps[-steps // 10 :]) / gaps[0]), axis=0)


class TestCells:
    def test_with_scaled_rates_nothing_depends_on_L(self):
        found = cells(lipschitz=(0.5, 2, 1024), strength=0.1, dim=10, seeds=128)
        for other in found[1:]:
            np.testing.assert_array_equal(other.score, found[0].score)
            np.testing.assert_array_equal(other.intervals, found[0].intervals)
            assert other.best_interval == found[0].best_interval
            assert other.plateau == found[0].plateau

    def test_with_a_fixed_rate_the_best_factor_climbs_with_L(self):
        """And is the grid's factor next to the one that sweeps lr L through 1 up to 2."""
        found = cells(lipschitz=(5, 10, 50), base_lr="fixed:0.01")
        grid = np.array(FACTORS)
        for r in found:
            swept = sweep_factor(r.cell.u, 100)
            assert abs(grid.searchsorted(r.best) - np.abs(grid - swept).argmin()) <= 1
        assert [r.best for r in found] == sorted({r.best for r in found})

    def test_the_theorems_factor_can_look_right_where_it_is_not(self):
        at_100, at_10 = cells(lipschitz=(100, 10), base_lr="fixed:0.01")
        assert at_100.hits
        assert at_100.paper == 0.99
        assert not at_10.hits
        assert at_10.regret > 10.0
        assert at_10.regret_interval[0] > 10.0

    def test_the_theorems_factor_runs_where_the_grid_lacks_it(self):
        assert factors(3.0) == (*FACTORS, 1.0 - 1.0 / 3.0)
        assert factors(100.0) == FACTORS
        (third,) = cells(lipschitz=(3,))
        assert third.paper == pytest.approx(2.0 / 3.0)
        near = [third.score[FACTORS.index(F)] for F in (0.65, 0.7)]
        regret = third.regret + third.score.min()
        assert min(near) - 10.0 <= regret <= max(near) + 10.0

    def test_it_is_no_factor_up_to_one(self):
        for r in cells(lipschitz=(0.5, 1), seeds=8):
            assert r.regret is None
            assert r.regret_interval is None
            assert r.paper == 1.0 - 1.0 / r.cell.L

    def test_ties_are_said_to_be_ties(self):
        (r,) = cells(lipschitz=(10,), clamp="0.01,1")
        lowest = np.flatnonzero(r.score == r.score.min())
        assert r.tied == len(lowest) > 10
        assert FACTORS.index(r.best) == lowest[len(lowest) // 2]
        assert r.best_interval == (FACTORS[lowest[0]], FACTORS[lowest[-1]])
        assert r.score.min() == LOWEST

    @pytest.mark.parametrize(
        ("best", "regret", "hits"),
        [
            ((0.85, 0.95), (0.0, 0.2), True),
            ((0.9, 0.95), (PLATEAU, 0.2), True),
            ((0.85, 0.9), (0.0, 0.2), True),
            ((0.91, 0.95), (0.0, 0.2), False),
            ((0.5, 0.89), (0.0, 0.2), False),
            ((0.85, 0.95), (1.01 * PLATEAU, 0.2), False),
            ((0.85, 0.95), None, False),
        ],
    )
    def test_a_hit_is_in_the_interval_and_on_the_plateau(self, best, regret, hits):
        (r,) = cells(lipschitz=(10,), seeds=8)
        assert replace(r, best_interval=best, regret_interval=regret).hits is hits

    def test_between_factors_that_tie_the_theorems_is_no_hit(self):
        """Small and large factors reach the minimum to rounding, 1 - 1/L = 0.9 does not."""
        (r,) = cells(lipschitz=(10,), steps=1000)
        assert r.tied > 1
        assert r.best_interval[0] < 0.9 < r.best_interval[1]
        assert r.regret_interval[0] > 100.0
        assert not r.hits

    def test_a_best_factor_at_the_edge_is_marked(self):
        (r,) = cells(lipschitz=(0.5,), clamp="fixed:1e-4,0.1", base_lr="fixed:0.01")
        assert r.best == FACTORS[0]
        assert r.at_edge
        assert not cells(lipschitz=(10,))[0].at_edge

    def test_lanes_that_diverge_are_counted_and_lose(self):
        (r,) = cells(lipschitz=(1000,), base_lr="fixed:1")
        assert r.diverged[-1] > 0.9
        assert r.score[-1] == HIGHEST
        assert r.best < 0.9

    def test_intervals_hold_what_they_are_intervals_of(self):
        (r,) = cells(lipschitz=(10,), strength=0.1)
        assert (r.intervals[:, 0] <= r.score).all()
        assert (r.score <= r.intervals[:, 1]).all()
        assert r.best_interval[0] <= r.best <= r.best_interval[1]
        assert r.best in r.plateau
        assert all(r.score[FACTORS.index(F)] <= r.score.min() + 0.1 for F in r.plateau)

    @pytest.mark.parametrize("clamp", ["0.01,1", "fixed:1e-4,0.1"])
    def test_the_clamps_hold_from_the_first_rate_on(self, clamp):
        (cell,) = make_optimal_f(
            lipschitz=(4,), clamp=clamp, base_lr="fixed:0.2", strength=0.1, steps=60
        ).cells
        low, high = cell.clamp.at(cell.L)
        found = simulate(
            optimal_f.scenario_of(optimal_f.landscape_of(cell)),
            [optimal_f.arm_of(0.5, cell.rate.at(cell.L), cell.clamp, cell.L)],
            60, 256, keep=Keep(lr_mean=False, lr=True), spread=Spread(1.0, low, high),
        )  # fmt: skip
        assert found.lr.min() >= low
        assert found.lr.max() == high
        assert (found.lr[0, 0] == high).any()

    def test_a_chunk_of_seeds_changes_nothing(self, monkeypatch):
        whole = cells(lipschitz=(10,), strength=0.1, seeds=300)[0]
        monkeypatch.setattr(optimal_f, "BUFFER_BYTES", 1)
        parts = cells(lipschitz=(10,), strength=0.1, seeds=300)[0]
        np.testing.assert_array_equal(parts.score, whole.score)
        assert parts.best_interval == whole.best_interval

    def test_a_short_run_is_the_beginning_of_a_long_one(self):
        request = make_optimal_f(**{**SMALL, "lipschitz": (10,)})
        both = optimal_f.OptimalF(**{**vars(request), "steps": (100, 300)})
        np.testing.assert_array_equal(run_cells(both)[0].score, run_cells(request)[0].score)


def test_factors_are_written_as_they_are_read():
    text = json.dumps(FACTORS)
    assert text.endswith("0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995, 0.998, 0.999]")
    assert "0.15, 0.2, 0.25, 0.3, 0.35" in text


def test_the_estimate_of_the_time_is_a_time():
    assert 0.0 < optimal_f.estimate_seconds(make_optimal_f(**SMALL)) < 60.0


def test_scale_invariance_is_exact_for_powers_of_two():
    for row in f_theory.scale_invariance(steps=200, lanes=128):
        assert row.numbers == 2 * 128 * (200 * 10 + 200 + 201)
        assert row.decisions == 0.0
        assert (row.different == 0) == (row.scale != 10.0)


def test_the_best_factor_collapses_onto_lr_times_L():
    found = f_theory.collapse(seeds=128)
    by_u = {}
    for r in (r for results in found.values() for r in results):
        by_u.setdefault(round(r.cell.u, 9), set()).add(r.best)
    assert len(by_u) < 24
    assert all(len(best) == 1 for best in by_u.values())
