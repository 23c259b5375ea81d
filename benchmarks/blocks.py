"""The length of a block against the coordinates of a lane: nanoseconds a coordinate and lane-step.

Usage: python -m benchmarks.blocks [ROUNDS]

GreedyLR on landscapes of many coordinates, in blocks of every length that the engine could choose;
the last column is the length that it does choose (`lab.engine.workspace.block_lanes`). The lengths
take turns on one thread, and the smallest processor time of the rounds counts, so that the numbers
of a row can be compared with each other.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from unittest import mock

from experiments.bench import GREEDY, NOTHING, Workload
from lab import assembly
from lab.engine.workspace import block_lanes
from lab.simulation import simulate

LENGTHS = (128, 64, 32, 16)
LANES = 512
#: Coordinates, lanes and steps of a run multiply to about so many.
WORK = 5_000_000


def case(landscape: str, optimizer: str, noise: str = "none") -> Workload:
    return Workload("", landscape, optimizer, GREEDY, noise, "batch", 0.01)


CASES = (
    case("quadratic:dim=32", "sgd"),
    case("quadratic:dim=64", "sgd"),
    case("quadratic:dim=100", "sgd"),
    case("quadratic:dim=64", "adam"),
    case("quadratic:dim=100", "adam"),
    case("quadratic:dim=1000", "adam"),
    case("quadratic:dim=1000", "adam", "gaussian"),
    case("quadratic:dim=100", "momentum", "spikes"),
    case("lasso:dim=100", "sgd"),
)


def run(workload: Workload, steps: int, lanes: int, choose: Callable[[int], int]) -> float:
    """Processor time in seconds, with a function that chooses the length of a block."""
    with mock.patch.object(assembly, "block_lanes", choose):
        begun = time.process_time()
        simulate(workload.scenario, workload.arms, steps, lanes, keep=NOTHING, threads=1)
        return time.process_time() - begun


def chosen(workload: Workload) -> int:
    """The engine's own choice."""
    lengths: list[int] = []

    def noted(rows: int) -> int:
        lengths.append(block_lanes(rows))
        return lengths[-1]

    run(workload, 1, 1, noted)
    return lengths[0]


def row(workload: Workload, rounds: int) -> list[float]:
    """Nanoseconds a coordinate and lane-step, by the lengths of a block."""
    scenario = workload.scenario
    dim = scenario.facts.dim
    steps = max(1, WORK // (dim * LANES))
    choices = [lambda rows, length=length: length for length in LENGTHS]
    for choose in choices:
        run(workload, 1, LANES, choose)  # compiles
    times = [[run(workload, steps, LANES, choose) for choose in choices] for _ in range(rounds)]
    return [1e9 * min(each) / (dim * steps * LANES) for each in zip(*times, strict=True)]


def main(rounds: int) -> None:
    print("| lanes of a block | " + " | ".join(map(str, LENGTHS)) + " | chosen |")
    print("| --- |" + " --- |" * (len(LENGTHS) + 1))
    for workload in CASES:
        cells = " | ".join(f"{ns:.2f}" for ns in row(workload, rounds))
        noise = "" if workload.silent else f", {workload.noise}"
        name = f"{workload.landscape}, {workload.optimizer}{noise}"
        print(f"| {name} | {cells} | {chosen(workload)} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 25)
