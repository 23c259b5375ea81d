"""Trajectories: one scenario, several arms, many paired lanes.

`simulate` brings declared components and the engine together. It knows no component by name and
writes no file; studies, tables and pictures are made of what it returns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lab.assembly import Assembly
from lab.component import Chosen
from lab.engine.abi import BLOCK
from lab.memory import require
from lab.scenario import Arm, Cadence, Scenario, Spread
from lab.sketch import place_numbers
from lab.trajectories import Keep, Recorder, Trajectories, collect

__all__ = ["Arm", "Cadence", "Keep", "Scenario", "Spread", "Trajectories", "simulate"]


EVERYTHING, EVERY_STEP = Keep(), Cadence()


def simulate(
    scenario: Scenario,
    arms: Sequence[Arm],
    steps: int,
    lanes: int,
    *,
    seed: int = 0,
    first_lane: int = 0,
    keep: Keep = EVERYTHING,
    cadence: Cadence = EVERY_STEP,
    start: Sequence[float] | None = None,
    perturbations: Sequence[Chosen] = (),
    spread: Spread | None = None,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Trajectories:
    """Run every arm from the same starts with the same draws.

    Parameters
    ----------
    steps, lanes:
        T and the number of seeds. Seed indices are first_lane .. first_lane + lanes - 1.
    seed:
        The study's seed, in [0, 2^64).
    start:
        One start point for all lanes in place of the landscape's start distribution.
    perturbations:
        Events, in the order in which they act where several fall on one step.
    spread:
        Initial rates that differ from seed to seed.
    progress:
        Told the number of finished blocks of `BLOCK` lanes since its last call, from any thread.

    Raises
    ------
    RequestError
        What is to be kept does not fit into memory.
    WorkError
        A Python schedule failed, or returned what is no rate.
    """
    require(
        keep.rows(steps, scenario.facts.dim) * 8 * len(arms) * -(-lanes // BLOCK) * BLOCK,
        f"{steps:,} steps of {lanes:,} lanes",
        "take fewer steps or seeds",
    )
    numbers = place_numbers(scenario.facts.minimum) if keep.places else None
    recorder = Recorder(len(arms), lanes, first_lane, keep.lr_mean_at, numbers, keep.lane)
    assembly = Assembly(
        scenario, arms, steps, seed, keep, cadence, start, perturbations, spread, recorder
    )

    def report(blocks: int) -> None:
        for objects in assembly.python:
            objects.check()
        if progress is not None:
            progress(blocks)

    assembly.build().run(first_lane, lanes, threads, report)
    return collect(recorder, arms, scenario, steps, keep)
