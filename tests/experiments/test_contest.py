"""Who takes part in a contest, where, at which rate, and for how many evaluations."""

import numpy as np
import pytest

from experiments.contest.field import (
    CONTENDERS,
    FREE_OPTIMIZERS,
    FREE_SCHEDULES,
    GIVEN,
    ORACLES,
    WITH,
    choose_contender,
    choose_contenders,
    every_contender,
)
from experiments.contest.run import RECOVERY, contest, make_contest
from experiments.families import FAMILIES
from experiments.request import make_request
from experiments.schedules import tried
from experiments.tuning import FIRST_SEED, GRID
from lab.errors import RequestError
from lab.optimizers import OPTIMIZERS
from lab.schedules import SCHEDULES
from lab.simulation import Arm, simulate

FEW = ("greedy with adam", "cosine with sgd", "armijo with sgd", "polyak", "constant with prodigy")
SMALL = {"landscapes": ("rosenbrock", "quadratic"), "steps": 20, "seeds": 16, "tuning_seeds": 8}


@pytest.fixture(scope="module")
def ranking():
    return contest(make_contest(FEW, noises=("gaussian",), **SMALL), threads=1)


class TestField:
    def test_every_schedule_and_optimizer_takes_part(self):
        found = choose_contenders(("all",))
        schedules = {c.schedule.component.name for c in found}
        needing = {n for n, s in SCHEDULES.all().items() if any(p.required for p in s.parameters)}
        assert schedules == set(SCHEDULES.all()) - (needing - set(GIVEN))
        assert set(SCHEDULES.all()) - schedules == {"table"}
        assert {c.optimizer.component.name for c in found} == set(OPTIMIZERS.all())
        assert found[0].label == CONTENDERS[0]
        for contender in found:
            tried(contender.schedule, 0.01, 200)

    def test_the_rivals_are_among_those_of_the_default(self):
        default = " ".join(CONTENDERS)
        for name in (*FREE_SCHEDULES, *FREE_OPTIMIZERS, *ORACLES, "adagrad-norm", "hypergradient",
                     "greedy-gated", "armijo", "greedy-robust", "greedy-kesten",
                     "schedule-free-sgd", "schedule-free-adamw"):  # fmt: skip
            assert name in default
        assert set(CONTENDERS) <= set(every_contender())

    def test_a_rate_made_for_one_optimizer_runs_with_it(self):
        assert choose_contender("dog").label == f"dog{WITH}sgd"
        assert choose_contender("greedy").label == f"greedy{WITH}adam"

    @pytest.mark.parametrize("name", sorted(FREE_SCHEDULES))
    def test_a_free_schedule_does_not_notice_the_rate(self, name):
        request = make_request("rosenbrock", steps=20)
        sgd = OPTIMIZERS.choose("sgd")
        arms = [Arm(SCHEDULES.choose(name), sgd, lr) for lr in (0.01, 3.0)]
        one, other = simulate(request.scenario(0.5), arms, 20, 8).summary["final"]
        assert (one == other).all()

    def test_every_family_runs_the_same_conditions(self):
        grid = make_contest(FEW, noises=("all",), channels=("all",), events=("all",), steps=100)
        noises, channels, events = 15, 4, 4
        count, members = 1 + noises * channels, sum(map(len, FAMILIES.values()))
        assert len(grid.requests) == (count + events) * members
        assert {r.landscape.text for r in grid.requests[:count]} == {grid.first.landscape.text}
        assert grid.families[:count] == ("smooth convex",) * count
        assert grid.families[-events * members :] == (RECOVERY,) * events * members
        assert not any(r.events for r in grid.requests[: count * members])
        assert [r.events for r in grid.requests[-events:]] == [
            "kick:at=50,size=1", "jump:at=50,size=1", "gradient-burst:at=50,size=1,length=10",
            "lr-shock:at=50,factor=10",
        ]  # fmt: skip
        assert "published" not in {r.channel.component.name for r in grid.requests}

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"contenders": ("gredy",)}, "did you mean 'greedy'"),
            ({"contenders": ("greedy with adm", "dog")}, "did you mean 'adam'"),
            ({"contenders": ("greedy", "greedy with adam")}, "asked for twice"),
            ({"contenders": ("greedy", "polyak")}, "at least two that do without"),
            ({"families": ("non-smoth",)}, "did you mean 'non-smooth'"),
            ({"landscapes": ("switching",)}, "its lowest value is unknown"),
            ({"landscapes": ("rosenbrock", "rosenbrock:dim=2")}, "asked for twice"),
            ({"against": "dog with adam"}, "did you mean 'dog with sgd'"),
            ({"budget": "money"}, "budget"),
            ({"budget": "evaluations", "events": ("kick",)}, "goes with no event"),
            ({"tuning_seeds": -1}, "tuning-seeds: -1"),
        ],
    )
    def test_wrong_requests_are_refused(self, arguments, message):
        with pytest.raises(RequestError, match=message):
            make_contest(**arguments)

    def test_what_changes_the_numbers_changes_the_hash(self):
        base = make_contest(FEW, **SMALL)
        for change in ({"noises": ("none",)}, {"channels": ("metric",)}, {"events": ("none",)},
                       {"strength": 1.0}, {"against": "dog with sgd", "contenders": (*FEW, "dog")},
                       {"seed": 1}, {"tuning_seeds": 0}, {"steps": 21}):  # fmt: skip
            assert make_contest(**{"contenders": FEW, **SMALL, **change}).hash != base.hash
        assert make_contest(FEW, **SMALL).hash == base.hash
        calm = {"contenders": FEW, "events": ("none",), **SMALL}
        assert make_contest(**calm).hash != make_contest(**calm, budget="evaluations").hash


class TestRun:
    def test_a_lane_is_that_of_a_run(self, ranking):
        """Final values at the default rate, as `lab run` has them: pairing by seed."""
        request = make_request("rosenbrock", "gaussian", schedules=("cosine",), optimizer="sgd",
                               steps=20, seeds=16)  # fmt: skip
        alone = simulate(request.scenario(0.5), request.arms(), 20, 16).summary["final"][0]
        (default, _) = ranking.tables
        at = [r.noise.component.name for r in ranking.grid.requests].index("gaussian")
        assert (default.finals[at, 1] == alone).all()
        assert default.rates[at].tolist() == [0.01, request.lr, request.lr, request.lr, 1.0]

    def test_tuned_rates_are_the_best_of_the_grid_on_other_seeds(self, ranking):
        (_, tuned) = ranking.tables
        request = ranking.grid.first
        arms = [Arm(SCHEDULES.choose("greedy"), OPTIMIZERS.choose("adam"), 0.01 * f) for f in GRID]
        summary = simulate(request.scenario(0.5), arms, 20, 8, first_lane=FIRST_SEED).summary
        best = int(np.median(summary["final"], axis=1).argmin())
        assert tuned.rates[0, 0] == pytest.approx(0.01 * GRID[best])
        assert tuned.at_edge[0, 0] == (best in (0, len(GRID) - 1))

    def test_the_seeds_of_the_search_are_others(self, monkeypatch):
        seen = []

        def watched(*arguments, first_lane, **options):
            seen.append(range(first_lane, first_lane + arguments[3]))
            return simulate(*arguments, first_lane=first_lane, **options)

        monkeypatch.setattr("experiments.contest.run.simulate", watched)
        contest(make_contest(FEW[:2], noises=("none",), events=("none",), **SMALL))
        search, judgement = range(FIRST_SEED, FIRST_SEED + 8), range(16)
        assert seen == [search, judgement] * 2

    def test_those_without_a_rate_are_the_same_in_both_tables(self, ranking):
        default, tuned = ranking.tables
        for c in (3, 4):
            assert (default.rates[:, c] == tuned.rates[:, c]).all()
            assert (default.finals[:, c] == tuned.finals[:, c]).all()
            assert not tuned.at_edge[:, c].any()

    def test_only_a_line_search_pays_for_more_than_a_look_a_step(self, ranking):
        for ran in ranking.tables:
            assert (ran.evaluations[:, 2] > 1.0).all()
            assert (np.delete(ran.evaluations, 2, axis=1) == 1.0).all()

    def test_threads_do_not_matter(self, ranking):
        again = contest(make_contest(FEW, noises=("gaussian",), **SMALL), threads=2)
        for one, other in zip(ranking.tables, again.tables, strict=True):
            assert (one.finals == other.finals).all()

    def test_equal_evaluations(self):
        """The line search runs for fewer steps; the others as before."""
        options = {**SMALL, "noises": ("none",), "tuning_seeds": 0, "steps": 60}
        free = contest(make_contest(FEW, events=("none",), **options)).tables[0]
        equal = contest(make_contest(FEW, budget="evaluations", **options)).tables[0]
        assert free.finals.shape == equal.finals.shape
        others = [0, 1, 3, 4]
        assert (free.finals[:, others] == equal.finals[:, others]).all()
        assert (np.median(free.finals[:, 2], axis=1) < np.median(equal.finals[:, 2], axis=1)).all()

    def test_the_run_within_the_budget_is_the_shorter_run(self):
        options = {**SMALL, "landscapes": ("rosenbrock",), "noises": ("none",), "tuning_seeds": 0}
        found = contest(make_contest(FEW, budget="evaluations", **options)).tables[0]
        request = make_request("rosenbrock", schedules=("armijo",), optimizer="sgd")
        spent = {}
        for steps in range(1, 20):
            summary = simulate(request.scenario(0.5), request.arms(), steps, 16).summary
            if (summary["final"][0] == found.finals[0, 2]).all():
                spent[steps] = steps + summary["evaluations"].mean()
        ((steps, evaluations),) = spent.items()
        more = simulate(request.scenario(0.5), request.arms(), steps + 1, 16).summary
        assert evaluations <= 20 < steps + 1 + more["evaluations"].mean()
        assert found.evaluations[0, 2] == pytest.approx(evaluations / steps)

    def test_a_rate_that_a_schedule_refuses_is_lost(self):
        """On the quadratic the grid goes to 100, whose tenth is above the bound of 1.5."""
        bounded = "greedy:min_lr=10%,max_lr=1.5 with sgd"
        options = {**SMALL, "landscapes": ("quadratic",), "noises": ("none",), "events": ("none",)}
        found = contest(make_contest((bounded, "cosine"), **options)).tables[1]
        assert found.rates[0, 0] <= 15.0
        assert np.isfinite(found.finals).all()
