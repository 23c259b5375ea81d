"""The contest of `lab rank`: every contender in every scenario, at its default and its tuned rate.

A scenario is a landscape with a noise in a channel, or with an event and no noise, or with neither.
Every contender of a scenario meets the same seeds. `experiments.contest.scores` says how the final
values become ranks; these choices too were made before any data, but for recovery, which became a
family of its own after small runs:

- Default rate: the optimizer's default, or the landscape's own base rate where it has none (sgd,
  momentum, nesterov, schedule-free-sgd). All schedules of one optimizer share it.
- Tuned rate: for each contender and scenario the one of the same grid (`experiments.tuning.GRID`,
  nine rates over four decades around its default) with the lowest median, found on the same number
  of seeds, which the contest itself never uses. A rate that the schedule refuses counts as
  diverged. A contender without a rate to tune takes part in both tables as it is.
- Recovery: an event in the middle of the run, and the final value after it. These scenarios are a
  family of their own. Methods are compared with each other, not with their own undisturbed twins:
  `lab recovery` does that.
- Equal steps, unless `budget` is "evaluations": a line search pays for its trials besides, and the
  table says how many evaluations of f a step took. With that budget a contender runs for as many
  steps as the evaluations of all steps buy, on average over the seeds, in the contest and in the
  search for rates alike; there are no events then, which a shorter run would not reach. A gradient
  is not counted: every step has one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from experiments.contest.field import (
    Contender,
    choose_channels,
    choose_contender,
    choose_contenders,
    choose_events,
    choose_families,
    choose_noises,
)
from experiments.contest.scores import Family, judge
from experiments.grid import Grid, require_seeds
from experiments.request import Request, make_request
from experiments.schedules import remarks, tried
from experiments.tuning import FIRST_SEED, GRID, best_rate, suits
from lab.ensemble import suboptimality
from lab.errors import RequestError, unknown
from lab.simulation import Arm, Keep, simulate
from lab.statistics.quantiles import quantiles
from lab.trajectories import SUMMARY_NUMBERS

#: Arms that run at a time.
ARMS = 128
#: Copies of one table's final values that the scores take at a time.
COPIES = 5
#: The family of all scenarios with an event, whatever the landscape's own.
RECOVERY = "recovery"
BUDGETS = (STEPS, EVALUATIONS) = ("steps", "evaluations")
#: Seeds of the contest and of the search for rates: a block of the engine each.
SEEDS = TUNING_SEEDS = 128

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Contest(Grid):
    """What `lab rank` was asked for.

    requests: the scenarios, without their contenders. families: of each scenario. against: the
    position of the contender that the others are held against. tuning_seeds: 0 tunes nothing.
    budget: what all have the same number of.
    """

    contenders: tuple[Contender, ...]
    families: tuple[str, ...]
    against: int
    tuning_seeds: int
    budget: str

    @property
    def name(self) -> str:
        return self.experiment

    def identity(self) -> dict[str, Any]:
        first = self.first
        return {
            "experiment": self.experiment,
            "scenarios": [
                [family, r.landscape.identity, _condition(r), r.events]
                for family, r in zip(self.families, self.requests, strict=True)
            ],
            "contenders": [
                [c.label, c.schedule.identity, c.optimizer.identity] for c in self.contenders
            ],
            "against": self.contenders[self.against].label,
            "steps": first.steps,
            "seeds": first.seeds,
            "seed": first.seed,
            "tuning_seeds": self.tuning_seeds,
            "budget": self.budget,
        }

    def remarks(self) -> list[str]:
        """What a careful reader would want to know before the numbers."""
        found = [
            line
            for c in self.contenders
            for line in remarks(
                c.schedule, c.label, c.rate(self.first.facts.base_lr), self.first.steps,
                c.optimizer.component.name,
            )
            if "made for" in line
        ]  # fmt: skip
        return list(dict.fromkeys(found))


@dataclass(frozen=True)
class Ran:
    """All contenders in all scenarios at one kind of rate.

    kind: "default" or "tuned". finals: (scenarios, contenders, seeds), f - f*. rates, at_edge,
    evaluations: (scenarios, contenders), the last in evaluations of f a step. families: standings.
    """

    kind: str
    finals: np.ndarray
    rates: np.ndarray
    at_edge: np.ndarray
    evaluations: np.ndarray
    families: dict[str, Family]


@dataclass(frozen=True)
class Ranking:
    """The contest's result: at default rates, and at tuned ones if asked for."""

    grid: Contest
    tables: tuple[Ran, ...]


def make_contest(
    contenders: Sequence[str] = (),
    families: Sequence[str] = (),
    landscapes: Sequence[str] = (),
    noises: Sequence[str] = (),
    channels: Sequence[str] = (),
    events: Sequence[str] = (),
    *,
    strength: float = 0.5,
    against: str | None = None,
    budget: str = STEPS,
    steps: int = 200,
    seeds: int = SEEDS,
    tuning_seeds: int = TUNING_SEEDS,
    seed: int = 0,
) -> Contest:
    """Check a contest's parts and fill in what was left to the defaults.

    Raises
    ------
    RequestError
        With the value and what is allowed; or f* of a landscape is unknown.
    """
    if not 0 <= tuning_seeds <= 2**31:
        raise RequestError(
            f"tuning-seeds: {tuning_seeds} is not allowed (allowed: 0 to 2147483648)"
        )
    if budget not in BUDGETS:
        raise unknown("budget", budget, BUDGETS)
    if budget == EVALUATIONS and any(event != "none" for event in events):
        raise RequestError("budget: evaluations goes with no event (allowed: --perturb none)")
    field = choose_contenders(contenders)
    labels = [contender.label for contender in field]
    reference = labels[0] if against is None else choose_contender(against).label
    if reference not in labels:
        raise unknown("contender", reference, labels)
    conditions: list[dict[str, Any]] = [{}]
    conditions += [
        {"noise": noise, "channel": channel}
        for noise in choose_noises(noises)
        for channel in choose_channels(channels)
        if strength > 0.0
    ]
    dated = choose_events(events, steps) if budget == STEPS else ()
    chosen = choose_families(families, landscapes)
    plan = [
        (f, member, c) for f, members in chosen.items() for member in members for c in conditions
    ]
    plan += [
        (RECOVERY, member, {"perturbations": (event,)})
        for members in chosen.values()
        for member in members
        for event in dated
    ]
    requests = [
        make_request(
            landscape, strength=strength, schedules=("constant",), optimizer="sgd", steps=steps,
            seeds=seeds, seed=seed, **condition,
        )
        for _, landscape, condition in plan
    ]  # fmt: skip
    names = tuple(family for family, _, _ in plan)
    _check(requests)
    for c in field:
        tried(c.schedule, c.rate(requests[0].facts.base_lr), steps)
    return Contest(
        "rank", tuple(requests), field, names,
        labels.index(reference), tuning_seeds, budget,
    )  # fmt: skip


def _check(requests: Sequence[Request]) -> None:
    """Every landscape has a known minimum and stands once."""
    seen = set()
    for request in requests:
        text = request.landscape.text
        if request.facts.minimum is None:
            raise RequestError(
                f"landscape {text}: its lowest value is unknown, so there is no score"
            )
        key = (text, _condition(request), request.events)
        if key in seen:
            raise RequestError(f"landscape {text} is asked for twice")
        seen.add(key)


def _condition(request: Request) -> str:
    """Noise, channel and strength; empty where there is no noise."""
    strength = request.strengths[0]
    if request.scenario(strength).silent:
        return ""
    return f"{request.noise.identity} {request.channel.identity} {strength:g}"


def foresee(grid: Contest) -> None:
    """Refuse a contest that does not fit into memory.

    Raises
    ------
    RequestError
        There is no room for the final values with what is made of them, or for a search for rates.
    """
    contenders, scenarios = len(grid.contenders), len(grid.requests)
    rates = len(GRID) * sum(not contender.free for contender in grid.contenders)
    kinds = 1 + (grid.tuning_seeds > 0)
    ran = min(ARMS, kinds * contenders) * SUMMARY_NUMBERS
    require_seeds(
        (kinds + COPIES) * contenders * scenarios + ran,
        grid.first.seeds,
        f"{contenders} contenders in {scenarios} scenarios",
    )
    require_seeds(
        min(ARMS, rates) * SUMMARY_NUMBERS + 2 * rates,
        grid.tuning_seeds,
        f"{contenders} contenders at {len(GRID)} rates",
        "tuning seeds",
    )


def contest(
    grid: Contest, threads: int | None = None, progress: Progress = lambda text: None
) -> Ranking:
    """Run every scenario, then judge.

    Raises
    ------
    RequestError
        As `foresee`.
    """
    foresee(grid)
    kinds = ("default", "tuned") if grid.tuning_seeds else ("default",)
    shape = (len(kinds), len(grid.requests), len(grid.contenders))
    finals = np.full((*shape, grid.first.seeds), np.inf)
    rates, evaluations = np.empty(shape), np.ones(shape)
    at_edge = np.zeros(shape, dtype=bool)
    for i, request in enumerate(grid.requests):
        rates[0, i] = [c.rate(request.facts.base_lr) for c in grid.contenders]
        if grid.tuning_seeds:
            rates[1, i], at_edge[1, i] = _tune(grid, request, rates[0, i], threads)
        arms = [
            Arm(c.schedule, c.optimizer, float(lr))
            for kind in range(len(kinds))
            for c, lr in zip(grid.contenders, rates[kind, i], strict=True)
        ]
        values, looks = _run(request, arms, grid.first.seeds, 0, grid.budget, threads)
        finals[:, i] = values.reshape(len(kinds), len(grid.contenders), -1)
        evaluations[:, i] = looks.reshape(len(kinds), -1)
        if (i + 1) % 20 == 0 or i + 1 == len(grid.requests):
            progress(f"{i + 1:,} of {len(grid.requests):,} scenarios")
    progress("statistics")
    landscapes = [request.landscape.text for request in grid.requests]
    fair = [contender.fair for contender in grid.contenders]
    judged = [
        judge(f, landscapes, grid.families, grid.against, grid.first.seed, fair) for f in finals
    ]
    return Ranking(
        grid,
        tuple(
            Ran(kind, finals[k], rates[k], at_edge[k], evaluations[k], judged[k])
            for k, kind in enumerate(kinds)
        ),
    )


def _tune(
    grid: Contest, request: Request, defaults: np.ndarray, threads: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """The best rate of each contender, and whether it lies at an edge of the grid."""
    rates, edges = defaults.copy(), np.zeros(len(defaults), dtype=bool)
    tuned = [i for i, c in enumerate(grid.contenders) if not c.free]
    tried = [[float(defaults[i] * factor) for factor in GRID] for i in tuned]
    arms = [
        Arm(grid.contenders[i].schedule, grid.contenders[i].optimizer, lr)
        for i, row in zip(tuned, tried, strict=True)
        for lr in row
    ]
    values, _ = _run(request, arms, grid.tuning_seeds, FIRST_SEED, grid.budget, threads)
    medians = quantiles(values, 0.5).reshape(len(tuned), len(GRID))
    for i, row, found in zip(tuned, tried, medians, strict=True):
        best = best_rate(row, found)
        rates[i], edges[i] = best.lr, best.at_edge
    return rates, edges


def _run(
    request: Request, arms: Sequence[Arm], seeds: int, first: int, budget: str, threads: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """Final values, (arms, seeds), within the budget; evaluations of f a step, (arms,)."""
    values, looks = _finals(request, arms, seeds, first, threads)
    for i, arm in enumerate(arms if budget == EVALUATIONS else ()):
        if looks[i] > 1.0:
            values[i], looks[i] = _afforded(request, arm, seeds, first, threads)
    return values, looks


def _afforded(
    request: Request, arm: Arm, seeds: int, first: int, threads: int | None
) -> tuple[np.ndarray, float]:
    """The longest run of one arm whose evaluations, in the mean, are at most the request's steps.

    What a run has spent grows with its steps, so they are found by halving; one step is the least.
    """

    def run(steps: int) -> tuple[np.ndarray, float]:
        (values,), (looks,) = _finals(replace(request, steps=steps), [arm], seeds, first, threads)
        return values, float(looks)

    low, high = 1, request.steps
    while high - low > 1:
        middle = (low + high) // 2
        fits = middle * run(middle)[1] <= request.steps
        low, high = (middle, high) if fits else (low, middle)
    return run(low)


def _finals(
    request: Request, arms: Sequence[Arm], seeds: int, first: int, threads: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """Final values, (arms, seeds), +inf where a rate is refused; evaluations of f a step, (arms,).

    A diverged lane asks for no more evaluations, which the mean over the seeds includes.
    """
    scenario = request.scenario(request.strengths[0])
    values, looks = np.full((len(arms), seeds), np.inf), np.ones(len(arms))
    ran = [i for i, arm in enumerate(arms) if suits(arm.schedule, arm.lr, request.steps)]
    for start in range(0, len(ran), ARMS):
        part = ran[start : start + ARMS]
        summary = simulate(
            scenario, [arms[i] for i in part], request.steps, seeds, first_lane=first,
            keep=Keep(loss=False, lr_mean=False), threads=threads, **request.options,
        ).summary  # fmt: skip
        values[part] = suboptimality(scenario, summary["final"])
        looks[part] = 1.0 + summary["evaluations"].mean(axis=1) / request.steps
    return values, looks
