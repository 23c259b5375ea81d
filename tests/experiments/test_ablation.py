"""`lab ablate`: what is varied, what the response is, and that the right parameter is found."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from experiments.ablation.indices import estimate
from experiments.ablation.judge import Choice, judge
from experiments.ablation.knobs import KNOBS, WINDOW, Knob, knobs_of, turned
from experiments.ablation.request import ALL, BOUND, make_ablation
from experiments.ablation.result import Ablated
from experiments.ablation.run import ablate, respond, trim
from experiments.components import LANDSCAPES, SCHEDULES, add_plugins
from experiments.families import FAMILIES, OTHER, every, family
from experiments.tune import search as tune_search
from experiments.tuning import FIRST_SEED, tune_rates
from lab.errors import RequestError
from lab.simulation import Arm
from tests.trajectories import trajectories

SMALL: dict[str, Any] = {"points": 8, "design_seeds": 20, "seeds": 30, "steps": 40}
#: The factor scales the rate once and for all; the patience does nothing.
ONE_MATTERS = """
from lab.component import Feedback, Parameter, State


def step(metric, lr, initial_lr, factor, patience):
    for k in range(lr.shape[0]):
        lr[k] = initial_lr[k] * factor


SCALED = Feedback(
    name="scaled",
    summary="a constant rate of factor times the first",
    source="none",
    kernel=step,
    parameters=(
        Parameter("factor", 0.95, "share of the rate", "(0, 1)"),
        Parameter("patience", 10, "nothing", "[0, inf)"),
    ),
    state={"initial_lr": State(initial="lr")},
)
"""


@pytest.fixture(scope="module")
def small():
    return ablate(make_ablation(("quadratic", "rosenbrock"), ("gaussian",), **SMALL))


@pytest.fixture
def scaled(tmp_path, monkeypatch):
    monkeypatch.setattr(SCHEDULES, "_added", dict(SCHEDULES._added))
    path = tmp_path / "scaled.py"
    path.write_text(ONE_MATTERS)
    add_plugins([path])


class TestKnobs:
    @pytest.mark.parametrize("knob", KNOBS, ids=lambda k: k.name)
    def test_values_fill_the_range_and_what_is_written_is_what_runs(self, knob: Knob):
        values = [knob.value(u) for u in np.linspace(0.0, 1.0, 400, endpoint=False)]
        ordered = sorted(values)
        assert ordered[0] == pytest.approx(knob.low, abs=1e-9)
        assert ordered[-1] == pytest.approx(knob.high, rel=0.06)
        for value in values[::40]:
            chosen = turned("greedy", [knob], [value])
            given = chosen.at(0.25, 10).values
            if knob.name == WINDOW:
                assert given["smooth"] == (value > 1.0)
                assert value == 1.0 or given[WINDOW] == value
            else:
                times = 0.25 if knob.scale == "share" else 1.0
                assert given[knob.name] == pytest.approx(times * value, rel=1e-5)

    def test_scales(self):
        values = [KNOBS[0].value(u) for u in (0.0, 0.5)]
        assert values == pytest.approx([0.5, 1.0 - math.sqrt(0.5 * 0.01)], abs=1e-4)
        patience, window = KNOBS[1], KNOBS[5]
        assert [patience.value(u) for u in (0.0, 0.1765, 0.999)] == [0.0, 1.0, 50.0]
        assert [window.value(u) for u in (0.0, 0.999)] == [1.0, 50.0]
        shares = np.mean([patience.value(u) == 0.0 for u in np.arange(0.0, 1.0, 1e-4)])
        assert shares == pytest.approx(math.log(2) / math.log(52), abs=1e-3)

    def test_the_released_values_lie_inside_the_ranges(self):
        released = SCHEDULES.choose("greedy").values
        for knob in KNOBS:
            times = 0.01 if knob.scale == "share" else 1.0  # adam's own rate
            value = 1 if knob.name == WINDOW else released[knob.name] / times
            assert knob.low <= value <= knob.high, knob.name

    def test_what_the_schedule_sets_or_lacks_is_not_turned(self):
        names = [knob.name for knob in knobs_of("greedy:patience=3,min_lr=1e-5")]
        assert names == [k.name for k in KNOBS if k.name not in ("patience", "min_lr")]
        assert [k.name for k in knobs_of("reduce-on-plateau:factor=0.5")] == [
            "patience", "threshold", "cooldown", "min_lr",
        ]  # fmt: skip
        assert WINDOW not in [knob.name for knob in knobs_of("greedy:smooth=true")]
        with pytest.raises(RequestError, match="leaves no parameter to turn"):
            knobs_of("cosine")

    @pytest.mark.parametrize("schedule", ["greedy", "greedy-paper", "greedy-robust"])
    def test_every_schedule_of_the_name_allows_both_ends(self, schedule):
        knobs = knobs_of(schedule)
        for u in (0.0, 0.999999):
            chosen = turned(schedule, knobs, [knob.value(u) for knob in knobs])
            chosen.at(0.1, 100)

    def test_nan_leaves_a_parameter_as_written(self):
        chosen = turned("greedy:factor=0.7", knobs_of("greedy"), [math.nan] * len(KNOBS))
        assert chosen.values == SCHEDULES.choose("greedy:factor=0.7").values


class TestFamilies:
    def test_all_have_the_same_size_and_a_known_minimum(self):
        assert {len(members) for members in FAMILIES.values()} == {4}
        for member in every():
            chosen = LANDSCAPES.choose(member)
            assert chosen.component.facts(chosen.values).minimum is not None

    def test_a_landscape_is_found_however_it_is_written(self):
        assert family(LANDSCAPES.choose("rosenbrock:dim=2")) == "non-convex"
        assert family(LANDSCAPES.choose("rosenbrock:dim=5")) == OTHER


class TestRequest:
    def test_the_default_is_every_landscape_under_every_noise_and_both_optimizers(self):
        grid = make_ablation()
        assert len(grid.requests) == 20 * 4 * 2
        assert grid.families == list(FAMILIES)
        assert len(grid.settings) == 128 * 11
        quick = make_ablation(quick=True)
        assert (len(quick.requests), quick.points) == (40, 32)

    def test_silence_is_the_same_in_every_channel(self):
        grid = make_ablation(("quadratic",), ("none", "gaussian"), ("metric", "batch"), (0.1, 1.0))
        assert len(grid.requests) == 2 * (1 + 4)

    def test_scenarios_have_the_same_order_under_every_optimizer(self):
        grid = make_ablation(("quadratic", "rosenbrock"), ("none", "gaussian"))
        keys = [
            [(r.landscape.text, r.noise.text) for r in (grid.requests[i] for i in members)]
            for members in map(grid.members, grid.optimizers)
        ]
        assert keys[0] == keys[1]
        assert len(set(keys[0])) == len(keys[0]) == 4
        names = {grid.requests[i].optimizer.text for i in grid.members(grid.optimizers[1])}
        assert names == {"sgd"}
        assert grid.members("sgd", "non-convex").tolist() == [3, 7]

    def test_at_tuned_rates_every_scenario_has_its_own(self):
        """On the parabola sgd's best of nine rates is the landscape's own, 1 / L; adam's is not."""
        grid = make_ablation(("quadratic:condition=1",), ("none",), tuned=True, **SMALL)
        found = ablate(grid).grid
        expected = [tune_rates(r, r.strengths[0])[0].lr for r in grid.requests]
        assert [r.lr for r in found.requests] == expected
        assert [r.lr for r in found.requests] != [r.lr for r in grid.requests]
        assert make_ablation(("quadratic:condition=1",), ("none",), **SMALL).hash != grid.hash

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({"points": 12}, "points: 12 is not allowed"),
            ({"points": 4}, "points: 4 is not allowed"),
            ({"design_seeds": 0}, "design-seeds: 0"),
            ({"floor": 0.0}, "floor: 0.0"),
            ({"schedule": "gredy"}, "did you mean 'greedy'"),
            ({"landscapes": ("quadratic", "quadratic")}, "asked for twice"),
        ],
    )
    def test_wrong_requests_are_refused(self, given, message):
        with pytest.raises(RequestError, match=message):
            make_ablation(**given)


class TestResponse:
    def test_it_is_the_logarithm_of_a_ratio_of_medians(self, small: Ablated):
        grid = small.grid
        for row, request in enumerate(grid.requests):
            schedules = [turned("greedy", grid.knobs, v) for v in grid.settings[[0, 17]].tolist()]
            arms = [
                Arm(s, request.optimizer, request.lr) for s in (request.schedules[0], *schedules)
            ]
            summary = trajectories(request, 20, arms=arms, first_lane=FIRST_SEED).summary
            medians = np.median(summary["final"] - (request.facts.minimum or 0.0), axis=1)
            expected = np.log10(medians[1:] / medians[0])
            np.testing.assert_allclose(small.responses[row, [0, 17]], expected, rtol=1e-9)

    def test_divergence_and_arrival_are_limited(self):
        grid = make_ablation(("quadratic",), ("none",), optimizers=("sgd",), **SMALL)
        far = [SCHEDULES.choose("greedy:patience=0,factor=0.1,max_lr=inf")]
        assert respond(grid, grid.requests[0], far, 1).tolist() == [BOUND]

    def test_the_judgement_is_on_seeds_that_the_design_never_saw(self, monkeypatch):
        seen = []

        def spy(*arguments, **options):
            seen.append((options.get("first_lane", 0), arguments[3]))
            return real(*arguments, **options)

        real = tune_search.simulate
        monkeypatch.setattr(tune_search, "simulate", spy)
        ablate(make_ablation(("rosenbrock",), ("none",), **SMALL))
        assert set(seen) == {(FIRST_SEED, 20), (0, 30)}


class TestResult:
    def test_the_one_parameter_that_matters_is_found(self, scaled):
        grid = make_ablation(
            ("quadratic", "log-cosh"), ("none",), optimizers=("sgd",), schedule="scaled",
            **{**SMALL, "points": 64, "steps": 10},
        )  # fmt: skip
        found = ablate(grid)
        (sgd,) = grid.optimizers
        factor, patience = (found.index(2 + i, sgd) for i in range(2))
        assert factor.estimate == pytest.approx(1.0, abs=0.1)
        assert (patience.estimate, patience.low, patience.high) == (0.0, 0.0, 0.0)
        assert (found.verdict(0, sgd), found.verdict(1, sgd)) == ("in some scenarios", "never")
        assert found.clear(0, sgd) == 2
        assert found.index(4, sgd).estimate == 0.0  # their interaction
        # Both fall faster at a higher rate: the last quarter of the factor is the best.
        means = [found.effect(0, part, sgd).estimate or 0.0 for part in range(4)]
        assert means == sorted(means, reverse=True)
        choice, trimmed = found.judged.choices
        assert np.isnan(trimmed.values).tolist() == [False, True]
        assert found.text(trimmed) == f"scaled:factor={trimmed.values[0]:.6g}"
        assert choice.values[0] == grid.settings[:, 0].max()

    def test_the_choice_is_the_setting_with_the_lowest_mean_response(self, small):
        everywhere, _, adam, sgd = small.judged.choices
        assert everywhere.group == ALL
        means = small.responses.mean(axis=0)
        assert (everywhere.point, everywhere.objective) == (means.argmin(), means.min())
        for choice in (adam, sgd):
            own = small.responses[small.grid.members(choice.group)].mean(axis=0)
            assert (choice.point, choice.objective) == (own.argmin(), own.min())

    def test_trimming_keeps_what_matters_and_both_bounds_of_the_rate(self, small):
        grid = small.grid
        totals = np.zeros((4, 2 * 9 + 36))
        totals[:, 9 + 1] = [0.2, 0.0, 0.0, 0.0]  # a mean of 0.1 under adam
        totals[:, 9 + 6] = [0.0, 0.0, 0.0, 0.2]  # of 0.1 under sgd
        totals[:, 9 + 3] = [0.08, 0.08, 0.0, 0.0]  # of 0.04 under both
        found = trim(grid, replace(small.indices, estimates=totals), small.judged.choices[0])
        kept = [knob.name for knob, v in zip(grid.knobs, found.values, strict=True) if v == v]
        assert kept == ["patience", "min_lr", "max_lr"]

    def test_gains_are_ratios_of_medians_on_the_other_seeds(self, small):
        grid, (choice, *_) = small.grid, small.judged.choices
        logs = []
        for request in grid.requests:
            schedule = turned("greedy", grid.knobs, choice.values.tolist())
            arms = [Arm(s, request.optimizer, request.lr) for s in (request.schedules[0], schedule)]
            summary = trajectories(request, 30, arms=arms).summary
            medians = np.median(summary["final"] - (request.facts.minimum or 0.0), axis=1)
            logs.append(np.log10(medians[1] / medians[0]))
        gain = small.judged.gains[0][ALL]
        assert gain.over_seeds.estimate == pytest.approx(10 ** np.mean(logs), rel=1e-9)
        assert gain.over_landscapes.estimate == pytest.approx(10 ** np.mean(logs), rel=1e-9)
        assert small.held_out[0] == pytest.approx(np.mean(logs), rel=1e-9)

    def test_putting_back_what_does_nothing_costs_nothing(self, scaled):
        grid = make_ablation(
            ("quadratic",), ("none",), optimizers=("sgd",), schedule="scaled", **SMALL
        )
        factor, patience = ablate(grid).judged.reverted
        assert patience.estimate == 1.0
        assert factor.estimate != 1.0

    def test_a_difference_of_optimizers_is_that_of_their_means(self, small):
        d = len(KNOBS)
        adam, sgd = small.grid.optimizers
        responses = np.random.default_rng(0).normal(size=small.responses.shape)
        varied = replace(small, indices=estimate(responses, d, seed=0))
        for i in range(d):
            means = [varied.index(d + i, name).estimate for name in (adam, sgd)]
            assert varied.difference(d + i).estimate == pytest.approx(means[0] - means[1])

    def test_the_identity_holds_what_determines_the_numbers(self):
        one = make_ablation(("quadratic",), **SMALL)
        for change in ({"points": 16}, {"design_seeds": 21}, {"floor": 1e-9}, {"seed": 1}):
            assert make_ablation(("quadratic",), **{**SMALL, **change}).hash != one.hash
        assert make_ablation(("quadratic",), **SMALL).hash == one.hash

    def test_what_cannot_be_put_back_is_left_out_and_said(self, small):
        """The released min_lr of 1e-3 lies above ten times rosenbrock's rate for sgd."""
        knobs = knobs_of("greedy")
        values = np.array([0.9, 5.0, 1e-6, 0.0, 0.0, 1.0, 0.01, 2.0, 100.0])
        choice = Choice(ALL, 0, values, 0.0)
        judged = judge(small.grid.requests, knobs, [choice], small.grid.groups, 1e-12, BOUND, None)
        notes = {k.name: cost.note for k, cost in zip(knobs, judged.reverted, strict=True)}
        assert notes["min_lr"] == "refused in 1 of 4 scenarios"
        assert all(not note for name, note in notes.items() if name != "min_lr")
        assert judged.reverted[0].estimate is not None

    def test_a_ratio_counts_no_more_than_tenfold(self):
        grid = make_ablation(("quadratic",), ("none",), optimizers=("sgd",), **SMALL)
        wild = Choice(ALL, 0, np.array([0.1, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1e9, 500.0]), 0.0)
        judged = judge(grid.requests, grid.knobs, [wild], grid.groups, 1e-12, BOUND, None)
        assert judged.gains[0][ALL].over_seeds.estimate == pytest.approx(10.0**BOUND)
        assert judged.gains[0][ALL].over_landscapes.estimate == pytest.approx(10.0**BOUND)
