"""The search of `lab tune`: every candidate of a grid, or those that a sampler proposes.

The objective of a candidate is the mean over the scenarios of

    ln(median final value / median final value of the untuned schedule),

with final values below a floor counted as the floor, since nobody minds whether a loss is 1e-20 or
1e-40, and each logarithm limited to +-`LIMIT`. Below 0 is better; a
median that is infinite, or a rate that the schedule does not allow, counts as +`LIMIT`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.request import Request
from experiments.tune.space import LR, Axis, Candidate, Multiple, Space
from experiments.tuning import FIRST_SEED, suits
from lab.ensemble import suboptimality
from lab.errors import RequestError, WorkError
from lab.simulation import Arm, Keep, simulate
from lab.statistics.quantiles import quantiles
from lab.trajectories import SUMMARY_NUMBERS

#: Largest logarithm of a ratio that counts: a factor of 10^12.
LIMIT = 12.0 * math.log(10.0)
#: Arms that run at a time.
ARMS = 128
#: Numbers that a lane of an arm takes while final values are found and compared.
RUN_NUMBERS = SUMMARY_NUMBERS + 4
#: Proposals that a sampler makes at a time.
BATCH = 16

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Tried:
    """Candidates in the order of the search, with their objectives, ascending is better."""

    candidates: tuple[Candidate, ...]
    objectives: np.ndarray

    @property
    def best(self) -> int:
        """Position of the lowest objective, the first where several share it."""
        return int(np.argmin(self.objectives))


class Objective:
    """Objectives of candidates on the seeds that belong to tuning."""

    def __init__(
        self,
        space: Space,
        requests: Sequence[Request],
        seeds: int,
        floor: float,
        threads: int | None,
    ) -> None:
        self.space, self.requests = space, requests
        self.seeds, self.floor, self.threads = seeds, floor, threads
        (self.default,) = self._medians([space.default])

    def __call__(self, candidates: Sequence[Candidate]) -> np.ndarray:
        """Objectives, shape (candidates,)."""
        return log_ratios(self._medians(candidates), self.default).mean(axis=1)

    def _medians(self, candidates: Sequence[Candidate]) -> np.ndarray:
        """Median final values, shape (candidates, scenarios), +inf where a rate is refused."""
        medians = np.full((len(candidates), len(self.requests)), np.inf)
        for column, request in enumerate(self.requests):
            arms = [self.space.arm(candidate, request) for candidate in candidates]
            ran = [i for i, a in enumerate(arms) if suits(a.schedule, a.lr, request.steps)]
            for first in range(0, len(ran), ARMS):
                part = ran[first : first + ARMS]
                chosen = [arms[i] for i in part]
                values = finals(request, chosen, self.seeds, FIRST_SEED, self.threads)
                values = np.maximum(values, self.floor)
                medians[part, column] = quantiles(values, 0.5)
        return medians


def finals(
    request: Request, arms: Sequence[Arm], seeds: int, first: int, threads: int | None
) -> np.ndarray:
    """Final values of some arms in a scenario, shape (arms, seeds).

    Raises
    ------
    RequestError
        Losses fall below 0 where f* is unknown, so that they have no ratio.
    """
    scenario = request.scenario(request.strengths[0])
    outcome = simulate(
        scenario,
        arms,
        request.steps,
        seeds,
        first_lane=first,
        keep=Keep(loss=False, lr_mean=False),
        threads=threads,
        **request.options,
    )
    values = suboptimality(scenario, outcome.summary["final"])
    if (values < 0.0).any():
        raise RequestError(
            f"landscape {request.landscape.text}: its lowest value is unknown and losses fall below"
            " 0, where ratios mean nothing"
        )
    return values


def log_ratios(medians: np.ndarray, default: np.ndarray) -> np.ndarray:
    """ln(medians / default), limited to +-`LIMIT`; 0 where both are 0 or both infinite."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.log(medians) - np.log(default)
    ratios = np.where(medians == default, 0.0, ratios)
    return np.clip(np.where(np.isinf(medians), LIMIT, ratios), -LIMIT, LIMIT)


def search_grid(space: Space, objective: Objective, progress: Progress) -> Tried:
    """Every combination of the axes' values."""
    candidates = space.grid
    parts = []
    for first in range(0, len(candidates), ARMS):
        progress(f"candidates {first + 1} to {min(first + ARMS, len(candidates))}"
                 f" of {len(candidates)}")  # fmt: skip
        parts.append(objective(candidates[first : first + ARMS]))
    return Tried(tuple(candidates), np.concatenate(parts))


def search_tpe(
    space: Space, objective: Objective, trials: int, seed: int, progress: Progress
) -> Tried:
    """As many candidates as asked for, proposed by Optuna's tree-structured Parzen estimator.

    The first is the untuned schedule, where it lies inside the axes. Proposals come `BATCH` at a
    time, so that the same seed gives the same search on any number of threads.

    Raises
    ------
    WorkError
        Optuna is not installed.
    """
    try:
        import optuna
    except ImportError as error:
        raise WorkError(
            "--search tpe needs the package optuna: pip install 'greedylr-lab[tune]'"
        ) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(
        seed=seed % 2**32, multivariate=True, constant_liar=True, n_startup_trials=2 * BATCH
    )
    study = optuna.create_study(sampler=sampler, direction="minimize")
    if all(_inside(axis, space.default[axis.name]) for axis in space.axes):
        study.enqueue_trial({a.name: _plain(a, space.default[a.name]) for a in space.axes})
    candidates: list[Candidate] = []
    objectives: list[float] = []
    while len(candidates) < trials:
        count = min(BATCH, trials - len(candidates))
        progress(f"candidates {len(candidates) + 1} to {len(candidates) + count} of {trials}")
        asked = [study.ask() for _ in range(count)]
        proposed = [{a.name: _propose(trial, a) for a in space.axes} for trial in asked]
        found = objective(proposed)
        for trial, value in zip(asked, found, strict=True):
            study.tell(trial, float(value))
        candidates += proposed
        objectives += found.tolist()
    return Tried(tuple(candidates), np.array(objectives))


def _propose(trial: Any, axis: Axis) -> Any:
    """The value of one axis that a trial proposes."""
    if axis.span is None:
        return axis.values[trial.suggest_categorical(axis.name, [*range(len(axis.values))])]
    low, high = axis.span
    log = axis.logarithmic
    if axis.whole:
        return trial.suggest_int(axis.name, int(low), int(high), log=log)
    return axis.value(trial.suggest_float(axis.name, low, high, log=log))


def _plain(axis: Axis, value: Any) -> Any:
    """A value as a trial holds it."""
    if axis.span is None:
        return axis.values.index(value)
    return value.of if isinstance(value, Multiple) else value


def _inside(axis: Axis, value: Any) -> bool:
    """Whether an axis has a value."""
    if axis.span is None:
        return value in axis.values
    if axis.name == LR and axis.multiple != isinstance(value, Multiple):
        return False
    number = value.of if isinstance(value, Multiple) else value
    return isinstance(number, int | float) and axis.span[0] <= number <= axis.span[1]
