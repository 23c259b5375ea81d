"""What a schedule written as a Python class costs: microseconds a call of its `step`.

Usage: python -m benchmarks.slow_path

The class returns the rate that it began with, so that what is measured is the way to it and back.
A run with it and one with the schedule `constant` take turns; half a million calls, the smallest
difference of the rounds, processor time on one thread.
"""

from __future__ import annotations

import time

from experiments.request import make_request
from lab.component import PythonSchedule
from lab.simulation import Keep, simulate

STEPS, LANES, ROUNDS = 250, 2048, 7


class Same:
    """The rate that it began with."""

    def __init__(self, lr: float) -> None:
        self.lr = lr

    def step(self, loss: float) -> float:
        return self.lr


SAME = PythonSchedule(name="same", summary="a constant rate", source="here", factory=Same)


def seconds(schedule: object) -> float:
    """Processor time of a run on Rosenbrock's valley."""
    request = make_request("rosenbrock", schedules=(schedule,), steps=STEPS, seeds=LANES)
    arms, scenario = request.arms(), request.scenario(0.0)
    begun = time.process_time()
    simulate(scenario, arms, STEPS, LANES, keep=Keep(loss=False, lr_mean=False), threads=1)
    return time.process_time() - begun


def main() -> None:
    seconds(SAME)  # compiles
    taken = min(seconds(SAME) - seconds("constant") for _ in range(ROUNDS))
    print(f"{1e6 * taken / (STEPS * LANES):.2f} microseconds a call")


if __name__ == "__main__":
    main()
