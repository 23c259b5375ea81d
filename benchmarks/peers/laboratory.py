"""The laboratory, through its public entry."""

from __future__ import annotations

import numpy as np

from benchmarks.peers import Run
from benchmarks.workloads import Inputs
from lab.simulation import Keep, simulate

SAME_DRAWS = True
SERIES = Keep(loss=True, lr=True, lr_mean=False)


def prepare(inputs: Inputs, threads: int) -> Run:
    scenario, arms = inputs.workload.scenario, inputs.workload.arms

    def run() -> tuple[np.ndarray, np.ndarray]:
        found = simulate(
            scenario, arms, inputs.steps, inputs.lanes, seed=inputs.seed, keep=SERIES,
            threads=threads,
        )  # fmt: skip
        assert found.loss is not None
        assert found.lr is not None
        return found.loss[0], found.lr[0]

    return run
