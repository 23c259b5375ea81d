"""The best parameters of a schedule for a family of scenarios, and what they are worth.

The search sees the median final values of some seeds (`experiments.tune.search` has the objective);
everything that is reported of its answer comes from other seeds. The gap between the two is the
optimism: what a search over many candidates gains by chance, and a reader of the search alone would
believe.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.grid import Grid, make_scenarios, require_seeds
from experiments.request import Request
from experiments.tune.judge import TUNED, Outcome, Variation, judge, variations, vary
from experiments.tune.search import (
    ARMS,
    BATCH,
    RUN_NUMBERS,
    Objective,
    Tried,
    log_ratios,
    search_grid,
    search_tpe,
)
from experiments.tune.space import MOST, Candidate, Space, make_space, shown
from experiments.tuning import FIRST_SEED, SEEDS
from lab.errors import RequestError, unknown

SEARCHES = ("grid", "tpe")
#: Candidates whose objective is within this of the best one's are as good as it: one per cent.
CLOSE = 0.01
#: Final values below this count as it, unless another floor is given.
FLOOR = 1e-12

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Tuning(Grid):
    """What `lab tune` was asked for.

    requests: the scenarios, each with the schedule to tune and those it is held against. space: the
    axes of the search. trials: candidates of a search that samples. tuning_seeds: seeds of the
    search; the judging ones are those of the requests. floor: what lower final values count as.
    """

    space: Space
    search: str
    trials: int
    tuning_seeds: int
    floor: float

    def identity(self) -> dict[str, Any]:
        search = {"trials": self.trials} if self.search == "tpe" else {}
        return {
            **super().identity(),
            "axes": [[a.name, [shown(v) for v in a.values], a.span] for a in self.space.axes],
            "search": self.search,
            **search,
            "tuning_seeds": self.tuning_seeds,
            "floor": self.floor,
        }

    @property
    def name(self) -> str:
        """Short name for a result directory."""
        return f"{self.experiment}-{self.space.spec.name}"


@dataclass(frozen=True)
class Tuned:
    """What the search found.

    objective: of the best candidate on the tuning seeds; held_out: the same on the judging seeds.
    close: candidates as good as the best one. outcomes: the untuned schedule, the tuned one, the
    untuned one with each scenario's own tuned rate, and the others, at the shared and at each
    scenario's own tuned rate. variations: one parameter changed at a time.
    """

    grid: Tuning
    tried: Tried
    best: Candidate
    at_edge: tuple[str, ...]
    held_out: float
    outcomes: tuple[Outcome, ...]
    variations: tuple[Variation, ...]

    @property
    def objective(self) -> float:
        """The best candidate's, as the search saw it."""
        return float(self.tried.objectives[self.tried.best])

    @property
    def optimism(self) -> float:
        """How much better the search believed it to be than it is; negative is optimistic."""
        return self.objective - self.held_out

    @property
    def close(self) -> int:
        """How many candidates are within `CLOSE` of the best one."""
        return int(np.sum(self.tried.objectives <= self.objective + CLOSE))


def make_tune(
    landscapes: Sequence[str],
    noises: Sequence[str] = ("none",),
    channels: Sequence[str] = ("batch",),
    strengths: Sequence[float] = (0.5,),
    *,
    optimizers: Sequence[str] = ("adam",),
    schedule: str = "greedy",
    against: Sequence[str] = (),
    axes: Sequence[str] = (),
    search: str = "grid",
    trials: int = 200,
    tuning_seeds: int = SEEDS,
    floor: float = FLOOR,
    **options: Any,
) -> Tuning:
    """Check a search's parts; further options as in `make_request`.

    Raises
    ------
    RequestError
        With the value and what is allowed.
    """
    if not landscapes:
        raise RequestError("landscape: at least one is needed")
    if search not in SEARCHES:
        raise unknown("search", search, SEARCHES)
    for name, count, most in (("trials", trials, MOST), ("tuning-seeds", tuning_seeds, 2**31)):
        if not 1 <= count <= most:
            raise RequestError(f"{name}: {count} is not allowed (allowed: from 1 to {most})")
    requests = [
        request
        for noise in noises
        for channel in channels
        for request in make_scenarios(
            landscapes, optimizers, strengths, noise=noise, channel=channel,
            schedules=(schedule, *against), **options,
        )
    ]  # fmt: skip
    space = make_space(schedule, axes, [request.lr for request in requests])
    if not 0.0 <= floor < math.inf:
        raise RequestError(f"floor: {floor} is not allowed (allowed: [0, inf))")
    if search == "grid":
        _ = space.grid  # refuses what is too large
    return Tuning("tune", _different(requests), space, search, trials, tuning_seeds, floor)


def _different(requests: Sequence[Request]) -> tuple[Request, ...]:
    """The scenarios without repetitions: silent ones are the same in every channel."""
    kept: dict[tuple[Any, ...], Request] = {}
    for request in requests:
        strength = request.strengths[0]
        silent = request.scenario(strength).silent
        noise = () if silent else (request.noise.text, request.channel.text, strength)
        kept.setdefault((request.landscape.text, request.optimizer.text, *noise), request)
    return tuple(kept.values())


def tune(
    grid: Tuning,
    threads: int | None = None,
    progress: Progress = lambda text: None,
    varied: bool = True,
) -> Tuned:
    """Search on the tuning seeds, then judge on others.

    varied: whether each parameter is varied alone besides.

    Raises
    ------
    RequestError
        As `foresee`.
    """
    foresee(grid, varied)
    space = grid.space
    objective = Objective(space, grid.requests, grid.tuning_seeds, grid.floor, threads)
    if grid.search == "grid":
        tried = search_grid(space, objective, progress)
    else:
        tried = search_tpe(space, objective, grid.trials, grid.first.seed, progress)
    best = tried.candidates[tried.best]
    edges = tuple(axis.name for axis in space.axes if axis.at_edge(best[axis.name]))
    progress(f"judging on {grid.first.seeds:,} other seeds")
    outcomes = judge(space, grid.requests, best, grid.floor, threads)
    held_out = float(log_ratios(outcomes[TUNED].medians, outcomes[0].medians).mean())
    alone: tuple[Variation, ...] = ()
    if varied:
        progress("each parameter varied alone")
        alone = vary(space, grid.requests, best, grid.floor, threads)
    return Tuned(grid, tried, best, edges, held_out, outcomes, alone)


def foresee(grid: Tuning, varied: bool = True) -> None:
    """Refuse a search, or its judgement, that does not fit into memory; `varied` as in `tune`.

    Raises
    ------
    RequestError
        With what is needed and what there is.
    """
    space, scenarios = grid.space, len(grid.requests)
    tried = len(space.grid) if grid.search == "grid" else min(BATCH, grid.trials)
    require_seeds(
        min(ARMS, tried) * RUN_NUMBERS, grid.tuning_seeds, f"{min(ARMS, tried)} candidates",
        "tuning seeds",
    )  # fmt: skip
    arms = 1 + 2 * len(grid.first.schedules)
    alone = 1 + len(variations(space, space.default)) + len(space.axes) if varied else 0
    require_seeds(
        max(2 * scenarios * arms + arms * RUN_NUMBERS, alone * RUN_NUMBERS),
        grid.first.seeds,
        f"{arms} schedules in {scenarios} scenarios and of {alone} variations",
    )


def first_seeds(grid: Tuning) -> tuple[range, range]:
    """Seed indices of the search and of the judgement; they never meet."""
    return range(FIRST_SEED, FIRST_SEED + grid.tuning_seeds), range(grid.first.seeds)
