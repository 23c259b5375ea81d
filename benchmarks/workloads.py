"""What every implementation of a workload of `experiments.bench` is given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.bench import LANES, STEPS, WORKLOADS, Workload
from lab.component import Chosen
from lab.simulation import Arm, Keep, simulate

__all__ = ["LANES", "STEPS", "WORKLOADS", "Inputs", "Workload", "inputs"]

SEED = 7


@dataclass(frozen=True)
class Inputs:
    """What every implementation is given, so that all begin alike.

    start: (dim, lanes). rates: (steps,), the open-loop table, or the initial rate throughout.
    eigenvalues: (dim,) of a quadratic, otherwise empty.
    """

    workload: Workload
    steps: int
    seed: int
    start: np.ndarray
    rates: np.ndarray
    eigenvalues: np.ndarray

    @property
    def family(self) -> str:
        """The landscape's name without its parameters."""
        return self.workload.landscape.partition(":")[0]

    @property
    def dim(self) -> int:
        """Coordinates."""
        return len(self.start)

    @property
    def greedy(self) -> bool:
        """Whether GreedyLR sets the rates; otherwise they are those of the table."""
        return self.workload.schedules == ("greedy",)

    @property
    def lanes(self) -> int:
        """Trajectories."""
        return self.start.shape[1]


def inputs(workload: Workload, lanes: int = LANES, steps: int = STEPS) -> Inputs:
    """The laboratory's own starts and tables."""
    scenario, (arm,) = workload.scenario, workload.arms
    first = simulate(scenario, [arm], 1, lanes, seed=SEED, keep=Keep(x=True)).x
    assert first is not None
    return Inputs(
        workload, steps, SEED, np.ascontiguousarray(first[0, 0]), _rates(arm, steps),
        _eigenvalues(scenario.landscape),
    )  # fmt: skip


def _rates(arm: Arm, steps: int) -> np.ndarray:
    schedule = arm.schedule.at(arm.lr, steps)
    if schedule.component.hears_loss:
        return np.full(steps, arm.lr)
    return schedule.component.rates(arm.lr, steps, schedule.values)


def _eigenvalues(landscape: Chosen) -> np.ndarray:
    constants = landscape.component.constants(landscape.values)
    return np.asarray(constants.get("eigenvalues", np.empty(0)))
