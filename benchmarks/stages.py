"""Where the time of a workload goes: nanoseconds a lane-step of every stage.

Usage: python -m benchmarks.stages [--objects FOLDER] [WORKLOAD ...]

A stage is called again and again from compiled code on one block of lanes, everything in the cache,
and the smallest processor time of 25 rounds counts. Against the workload itself it leaves out what
the stages cost each other: memory that the records write to, fields that displace one another.
With --objects, the machine code of every stage goes to files there, for `objdump -d`.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

from experiments.bench import STEPS, WORKLOADS, Workload
from lab.assembly import Assembly
from lab.engine import native as compiled
from lab.engine.abi import BLOCK, call_stage
from lab.engine.native import address_of, native
from lab.engine.stage import Stage
from lab.engine.workspace import block_memory
from lab.simulation import Cadence, Keep
from lab.trajectories import Recorder

ROUNDS, CALLS = 25, 400
SERIES = Keep(loss=True, lr=True, lr_mean=False)


def names() -> dict[int, str]:
    """Kernels by the address of the stage that was made of each."""
    kernels = {
        found.address: function.__globals__.get("kernel", function)
        for (function, _), found in compiled._loaded.items()
    }
    return {at: f"{kernel.__module__}.{kernel.__name__}" for at, kernel in kernels.items()}


def repeat(address, arm, block, draws, rows, parameters, count, step, steps):
    """Call a stage `count` times, as the driver does, from `step` on and from 0 after `steps`."""
    for _ in range(count):
        call_stage(address, arm, block, draws, rows, parameters, step, 0, np.uint64(0))
        step = step + 1 if step + 1 < steps else 0


def profile(workload: Workload) -> list[tuple[str, float]]:
    """Stages in the order in which they run, with the nanoseconds of each."""
    recorder = Recorder(len(workload.arms), BLOCK, 0)
    made = Assembly(
        workload.scenario, workload.arms, STEPS, 0, SERIES, Cadence(), None, (), None, recorder
    ).build()
    made.run(0, BLOCK, 1)
    arm, block, draws = (
        block_memory(layout.size, layout.lanes)
        for layout in (made.arm_layouts[0], made.block_layout, made.draw_layout)
    )
    lanes = made.block_layout.lanes
    arm.reshape(-1, lanes)[:] = np.reshape(made.arm_layouts[0].initial, (-1, 1))
    places = [address_of(memory) for memory in (arm, block, draws)]
    call = native(repeat, "lpppqplll").call

    def taken(stage: Stage, step: int, count: int) -> float:
        given = (stage.address, *places, address_of(stage.rows), address_of(stage.parameters))
        rounds = []
        for _ in range(ROUNDS):
            begun = time.thread_time()
            call(*given, count, step, STEPS)
            rounds.append(time.thread_time() - begun)
        return min(rounds) / count / lanes * 1e9

    for stage in (*made.block_setup, *made.arms[0].setup):
        taken(stage, 0, 1)
    tile = made.draw_layout.tile
    found = [(s, taken(s, 0, CALLS // tile) / tile) for s in made.draws.tile]
    for slot in range(tile):
        for stage in made.draws.step:
            taken(stage, slot, 1)
    found += [(s, taken(s, 0, CALLS // tile) / tile) for s in made.draws.unit_tile]
    each = (*made.draws.step, *made.draws.unit_step, *made.arms[0].step)
    found += [(s, taken(s, 0, CALLS)) for s in each if s.every == 1]
    called = names()
    return [(called[stage.address], ns) for stage, ns in found]


def keep_objects(folder: Path) -> None:
    """Compile everything anew, and keep the machine code."""
    folder.mkdir(parents=True, exist_ok=True)
    compiled._load = lambda key: None
    compiled._save = lambda key, symbol, code: (folder / f"{key[:12]}.o").write_bytes(code)


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--objects"]:
        keep_objects(Path(arguments[1]))
        arguments = arguments[2:]
    for workload in WORKLOADS:
        if arguments and workload.name not in arguments:
            continue
        found = profile(workload)
        print(f"{workload.name}: {sum(ns for _, ns in found):.2f}  {workload.text}")
        for name, ns in found:
            print(f"    {ns:8.3f}  {name}")


if __name__ == "__main__":
    main(sys.argv[1:])
