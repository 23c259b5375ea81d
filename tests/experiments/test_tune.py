"""`lab tune`: what is tried, what decides, and that the judgement is on other seeds."""

import math

import numpy as np
import pytest

from experiments.request import make_request
from experiments.tune import search as tune_search
from experiments.tune.judge import geometric_mean
from experiments.tune.run import make_tune, tune
from experiments.tune.search import LIMIT, log_ratios
from experiments.tune.space import Multiple, make_space
from experiments.tuning import FIRST_SEED
from lab.errors import RequestError, WorkError
from lab.simulation import Arm
from lab.statistics.bootstrap import MedianRatio, median_ratios, replicate_ratios
from tests.trajectories import trajectories

SMALL = {"steps": 30, "seeds": 60, "tuning_seeds": 40}
TWO = {
    "landscapes": ("rosenbrock", "quadratic"),
    "noises": ("gaussian",),
    "channels": ("metric",),
    "axes": ("lr=0.3x/1x/3x", "patience=0/2/10"),
    **SMALL,
}


def space(*axes, schedule="greedy", rates=(0.01,)):
    return make_space(schedule, axes, rates)


class TestSpace:
    def test_lists_are_sorted_and_typed(self):
        patience, smooth, lr = space("patience=10/0/2", "smooth=true/false", "lr=10x/0.1x").axes
        assert (patience.values, patience.span, patience.whole) == ((0, 2, 10), (0.0, 10.0), True)
        assert (smooth.values, smooth.span) == ((True, False), None)
        assert lr.values == (Multiple(0.1), Multiple(10.0))
        assert lr.multiple

    def test_a_range_becomes_points_from_end_to_end(self):
        factor, patience, low = space("factor=0.5..0.8", "patience=1..4", "min_lr=1e-5..1e-2").axes
        np.testing.assert_allclose(factor.values, np.linspace(0.5, 0.8, 7), rtol=1e-3)
        assert patience.values == (1, 2, 3, 4)
        np.testing.assert_allclose(low.values, np.geomspace(1e-5, 1e-2, 7), rtol=1e-3)
        assert low.logarithmic
        assert not factor.logarithmic

    def test_a_range_of_more_decades_than_numbers_have(self):
        (lr,) = space("lr=1e-300..1e300").axes
        assert lr.values == (1e-300, 1e-200, 1e-100, 1.0, 1e100, 1e200, 1e300)

    def test_the_grid_is_every_combination(self):
        found = space("factor=0.5/0.9", "patience=0/1/2").grid
        assert len(found) == 6
        assert {(c["factor"], c["patience"]) for c in found} == {
            (f, p) for f in (0.5, 0.9) for p in (0, 1, 2)
        }

    def test_without_axes_the_usual_ones_that_the_schedule_has_and_that_are_not_given(self):
        assert [a.name for a in space().axes] == ["lr", "factor", "patience"]
        assert [a.name for a in space(schedule="greedy:factor=0.8").axes] == ["lr", "patience"]
        assert [a.name for a in space(schedule="exponential").axes] == ["lr", "gamma"]
        assert [a.name for a in space(schedule="cosine").axes] == ["lr"]

    def test_a_candidate_is_the_schedule_with_its_values_and_no_others(self):
        found = space("factor=0.5/0.9", "lr=0.1x/1x", schedule="greedy:patience=3")
        request = make_request("rosenbrock", lr=0.2)
        arm = found.arm({"factor": 0.5, "lr": Multiple(0.1)}, request)
        assert arm.lr == pytest.approx(0.02)
        default = make_request("rosenbrock", schedules=("greedy:patience=3",)).schedules[0]
        assert arm.schedule.values == {**default.values, "factor": 0.5}

    def test_the_default_is_the_schedule_as_written(self):
        found = space("factor=0.5/0.9", "lr=0.1/0.2", schedule="greedy:factor=0.7", rates=(0.3,))
        assert found.default == {"factor": 0.7, "lr": 0.3}
        assert space("lr=0.1x/1x").default == {"lr": Multiple(1.0)}

    @pytest.mark.parametrize(
        ("axes", "message"),
        [
            (("factr=0.5/0.9",), "did you mean 'factor'"),
            (("factor",), "write name=a/b/c or name=low..high"),
            (("factor=0.5/1.5",), "factor=1.5 is not allowed"),
            (("factor=0.9..0.5",), "is no range"),
            (("smooth=false..true",), "is no range"),
            (("lr=0.1x..1",), "is no range"),
            (("factor=0.5/0.5",), "a value twice"),
            (("factor=0.5/0.9", "factor=0.6/0.7"), "factor is given twice"),
            (("lr=fast/slow",), "lr=fast is not allowed"),
            (("lr=-1/1",), "lr=-1 is not allowed"),
        ],
    )
    def test_wrong_axes_are_refused(self, axes, message):
        with pytest.raises(RequestError, match=message):
            space(*axes)

    def test_rates_in_numbers_need_scenarios_of_one_rate(self):
        with pytest.raises(RequestError, match="start from different rates"):
            space("lr=0.1/1", rates=(0.1, 0.2))

    def test_a_grid_that_is_too_large_is_refused(self):
        axes = ("patience=0..100", *(f"{name}=1..90" for name in ("cooldown", "warmup")))
        wide = ("factor=0.1..0.9", "window_size=1..99", "min_lr=1e-9..1e-3")
        with pytest.raises(RequestError, match="too many for a grid"):
            make_tune(("rosenbrock",), axes=(*axes, *wide))


class TestObjective:
    def test_logarithms_of_ratios_within_limits(self):
        medians = np.array([[1.0, 4.0], [np.inf, 0.0], [2.0, np.inf]])
        found = log_ratios(medians, np.array([2.0, 1.0]))
        expected = [[-math.log(2.0), math.log(4.0)], [LIMIT, -LIMIT], [0.0, LIMIT]]
        np.testing.assert_allclose(found, expected, rtol=1e-15)
        assert log_ratios(np.array([[0.0, np.inf]]), np.array([0.0, np.inf])).tolist() == [
            [0.0, LIMIT]
        ]  # fmt: skip

    def test_the_best_is_the_lowest_mean_of_logarithms_over_the_scenarios(self):
        """Every candidate run by itself, and its medians compared by numpy."""
        grid = make_tune(**TWO)
        found = tune(grid)
        logs = []
        for request in grid.requests:
            arms = [grid.space.arm(c, request) for c in grid.space.grid]
            arms.append(Arm(request.schedules[0], request.optimizer, request.lr))
            summary = trajectories(request, 40, arms=arms, first_lane=FIRST_SEED).summary
            minimum = request.facts.minimum or 0.0
            medians = np.median(np.maximum(summary["final"] - minimum, 0.0), axis=1)
            logs.append(np.log(medians[:-1] / medians[-1]))
        expected = np.mean(logs, axis=0)
        np.testing.assert_allclose(found.tried.objectives, expected, rtol=1e-12)
        assert found.best == grid.space.grid[int(expected.argmin())]
        assert found.objective == pytest.approx(expected.min(), rel=1e-12)

    def test_what_lies_below_the_floor_counts_as_the_floor(self):
        """sgd at the rate 1/L ends far below it, at a hundredth of that rate far above."""
        options = {
            "schedule": "constant", "optimizers": ("sgd",), "axes": ("lr=0.01x/1x",),
            "seeds": 60, "tuning_seeds": 40, "steps": 300,
        }  # fmt: skip
        landscape = ("quadratic:dim=2,condition=1.5",)
        plain = tune(make_tune(landscape, floor=0.0, **options))
        floored = tune(make_tune(landscape, floor=1e-3, **options))
        assert plain.outcomes[0].medians[0] < 1e-9
        assert floored.outcomes[0].medians[0] == 1e-3
        slow, (held_out, *_) = np.exp(floored.tried.objectives[0]), [
            v.cost.estimate for v in floored.variations if v.value == Multiple(0.01)
        ]  # fmt: skip
        assert 1.0 < slow < 100.0
        assert 1.0 < held_out < 100.0
        assert np.exp(plain.tried.objectives[0]) > 1e4

    def test_losses_below_zero_without_a_known_minimum_are_refused(self):
        grid = make_tune(
            ("switching:first=(six-hump-camel),second=(michalewicz)",),
            axes=("patience=1/2",), optimizers=("adam",), lr=0.05, seeds=60, tuning_seeds=40,
            steps=100,
        )  # fmt: skip
        assert grid.first.facts.minimum is None
        with pytest.raises(RequestError, match="where ratios mean nothing"):
            tune(grid)


class TestJudgement:
    def test_it_is_on_seeds_that_the_search_never_saw(self, monkeypatch):
        seen = []

        def spy(*arguments, **options):
            seen.append((options.get("first_lane", 0), arguments[3]))
            return real(*arguments, **options)

        real = tune_search.simulate
        monkeypatch.setattr(tune_search, "simulate", spy)
        tune(make_tune(("rosenbrock",), axes=("patience=1/2",), **SMALL))
        assert set(seen) == {(FIRST_SEED, 40), (0, 60)}

    def test_optimism_is_what_the_search_saw_less_what_the_judgement_found(self):
        found = tune(make_tune(**TWO))
        medians = [outcome.medians for outcome in found.outcomes[:2]]
        assert found.held_out == pytest.approx(np.mean(np.log(medians[1] / medians[0])), rel=1e-12)
        assert found.optimism == found.objective - found.held_out
        assert found.outcomes[1].gain.estimate == pytest.approx(math.exp(found.held_out), rel=1e-9)

    def test_choosing_among_equals_is_optimistic(self):
        """Rates so close that only chance tells them apart, on few seeds."""
        rates = "/".join(f"{1 + i / 40:g}x" for i in range(17))
        found = [
            tune(
                make_tune(
                    ("ackley",), ("gaussian",), ("gradient",), schedule="constant",
                    axes=(f"lr={rates}",), lr=0.5, seeds=1000, tuning_seeds=9, steps=60, seed=seed,
                )
            ).optimism
            for seed in range(8)
        ]  # fmt: skip
        assert np.mean(found) < -0.1

    def test_a_search_among_the_same_thing_gains_nothing(self):
        """reset_start acts after 500 reductions, which 30 steps never make."""
        found = tune(make_tune(("rosenbrock",), axes=("reset_start=400/500/600",), **SMALL))
        assert (found.objective, found.held_out, found.optimism) == (0.0, 0.0, 0.0)
        assert found.close == 3
        assert all(row.cost.estimate == 1.0 for row in found.variations)

    def test_outcomes_are_those_of_the_arms(self):
        grid = make_tune(**{**TWO, "against": ("cosine",)})
        found = tune(grid)
        labels = [outcome.label for outcome in found.outcomes]
        assert labels[0] == "greedy, untuned"
        assert labels[2:] == ["greedy, lr tuned", "cosine", "cosine, lr tuned"]
        for i, request in enumerate(grid.requests):
            arms = [
                Arm(request.schedules[0], request.optimizer, request.lr),
                grid.space.arm(found.best, request),
                Arm(request.schedules[1], request.optimizer, request.lr),
            ]
            values = trajectories(request, 60, arms=arms).summary["final"]
            values = np.maximum(values - (request.facts.minimum or 0.0), 0.0)
            for outcome, row in zip((0, 1, 3), values, strict=True):
                assert found.outcomes[outcome].medians[i] == pytest.approx(np.median(row))
            ratio = median_ratios(values, 0)[1]
            assert found.outcomes[1].ratios[i] == ratio

    def test_varying_a_parameter_shows_the_tuned_and_the_untuned_value(self):
        found = tune(make_tune(**TWO))
        rows = [row for row in found.variations if row.name == "patience"]
        assert [row.value for row in rows] == [0, 2, 10]
        assert [row.is_default for row in rows] == [False, False, True]
        (tuned,) = [row for row in rows if row.is_tuned]
        assert (tuned.cost.estimate, tuned.cost.low, tuned.cost.high) == (1.0, 1.0, 1.0)
        assert any(row.cost.estimate != 1.0 for row in rows)

    def test_an_edge_is_marked(self):
        found = tune(make_tune(
            ("quadratic",), schedule="constant", optimizers=("sgd",), axes=("lr=1e-5x..1e-4x",),
            **SMALL,
        ))  # fmt: skip
        assert found.best["lr"] == Multiple(1e-4)
        assert found.at_edge == ("lr",)


class TestGeometricMean:
    def test_of_one_scenario_is_its_interval(self):
        rng = np.random.default_rng(5)
        samples = np.exp(rng.normal(size=(2, 80)))
        (ratio,) = replicate_ratios(samples, 1)[:1]
        found, expected = geometric_mean([ratio]).interval(), ratio.interval()
        ends = (found.estimate, found.low, found.high)
        assert ends == pytest.approx((expected.estimate, expected.low, expected.high), rel=1e-12)

    def test_of_two_is_that_of_the_replicates(self):
        """Replicates that are opposites in both scenarios leave no uncertainty."""
        replicates = np.exp(np.linspace(-1.0, 1.0, 200))
        pair = [MedianRatio(2.0, 2 * replicates, 9, ""), MedianRatio(8.0, 8 / replicates, 9, "")]
        found = geometric_mean(pair).interval()
        assert (found.estimate, found.low, found.high) == pytest.approx((4.0, 4.0, 4.0))

    def test_what_is_undefined_counts_as_one(self):
        (alike,) = replicate_ratios(np.zeros((2, 20)), 1)[:1]
        assert geometric_mean([alike]).estimate == 1.0


class TestSampler:
    def test_the_same_seed_gives_the_same_search(self):
        pytest.importorskip("optuna")
        options = {**TWO, "axes": ("lr=0.1x..10x", "patience=0..10", "smooth=true/false")}
        options |= {"search": "tpe", "trials": 40}
        first, second = tune(make_tune(**options)), tune(make_tune(**options))
        assert first.tried.candidates == second.tried.candidates
        np.testing.assert_array_equal(first.tried.objectives, second.tried.objectives)
        other = tune(make_tune(**options, seed=1))
        assert other.tried.candidates != first.tried.candidates

    def test_it_tries_the_untuned_schedule_first_and_stays_inside(self):
        pytest.importorskip("optuna")
        options = {**TWO, "axes": ("lr=0.1x..10x", "patience=0..10", "smooth=true/false")}
        found = tune(make_tune(**options, search="tpe", trials=40))
        assert len(found.tried.candidates) == 40
        assert found.tried.candidates[0] == {"lr": Multiple(1.0), "patience": 10, "smooth": False}
        assert found.tried.objectives[0] == 0.0
        assert found.objective <= 0.0
        for candidate in found.tried.candidates:
            assert 0.1 <= candidate["lr"].of <= 10.0
            assert candidate["patience"] in range(11)
        assert len({c["smooth"] for c in found.tried.candidates}) == 2

    def test_what_is_printed_of_a_rate_is_what_ran(self):
        axis = space("lr=0.1x..10x").axes[0]
        value = axis.value(1.23456789)
        assert (value, str(value)) == (Multiple(1.235), "1.235x")

    def test_without_optuna_the_remedy_is_named(self, monkeypatch):
        monkeypatch.setitem(__import__("sys").modules, "optuna", None)
        with pytest.raises(WorkError, match=r"pip install 'greedylr-lab\[tune\]'"):
            tune(make_tune(("rosenbrock",), search="tpe", trials=4, **SMALL))


def test_silent_scenarios_run_once():
    grid = make_tune(
        ("rosenbrock",), ("none", "gaussian"), ("batch", "metric"), (0.0, 0.5), **SMALL
    )
    assert [(r.noise.component.name, r.channel.component.name) for r in grid.requests] == [
        ("none", "batch"), ("gaussian", "batch"), ("gaussian", "metric"),
    ]  # fmt: skip


def test_two_searches_have_two_identities():
    base = make_tune(**TWO)
    for change in ({"axes": ("lr=1x/3x",)}, {"tuning_seeds": 41}, {"schedule": "greedy:factor=0.9"},
                   {"against": ("cosine",)}, {"floor": 0.0}, {"search": "tpe"}):  # fmt: skip
        assert make_tune(**{**TWO, **change}).hash != base.hash
    assert make_tune(**TWO).hash == base.hash


def test_wrong_requests_are_refused():
    with pytest.raises(RequestError, match="at least one is needed"):
        make_tune(())
    with pytest.raises(RequestError, match="did you mean 'grid'"):
        make_tune(("rosenbrock",), search="grit")
    with pytest.raises(RequestError, match="trials: 0 is not allowed"):
        make_tune(("rosenbrock",), trials=0)
    with pytest.raises(RequestError, match="floor: -1 is not allowed"):
        make_tune(("rosenbrock",), floor=-1)
