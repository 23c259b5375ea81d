"""A pass made ready for the driver, and its execution on a pool of threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from lab.engine import driver
from lab.engine.abi import BLOCK
from lab.engine.ahead import compile_ahead
from lab.engine.native import address_of, native
from lab.engine.stage import Stage
from lab.engine.workers import cores, share_out
from lab.engine.workspace import Layout, block_memory

#: Draws of a tile should leave room in the first-level cache for an arm's fields: with those of the
#: second level in mind, 256 kB, two dimensions cost 6 % more.
DRAW_BYTES = 16 * 1024
#: Lane-steps a task should last, so that a pool balances and an interrupt is seen soon.
TASK_LANE_STEPS = 2_000_000
#: Tasks for each thread in a short run, so that one that starts late holds up nobody.
TASKS_EACH = 4


@dataclass
class Program:
    """The stages of one arm: before the first step, in every step, after the last."""

    setup: list[Stage] = field(default_factory=list)
    step: list[Stage] = field(default_factory=list)
    finish: list[Stage] = field(default_factory=list)


@dataclass
class Draws:
    """The stages of what all arms share, in the order in which they run.

    Draws of a tile of steps; of each of its steps the sizes of the noise; then the unit draws of
    the tile, of which those that a size of 0 would multiply are left out, and what is made of them.
    """

    tile: list[Stage] = field(default_factory=list)
    step: list[Stage] = field(default_factory=list)
    unit_tile: list[Stage] = field(default_factory=list)
    unit_step: list[Stage] = field(default_factory=list)


@dataclass
class Pass:
    """One scenario with its arms: all that `run` needs besides the lanes."""

    steps: int
    seed: int
    arm_layouts: list[Layout]
    block_layout: Layout
    draw_layout: Layout
    block_setup: list[Stage]
    draws: Draws
    arms: list[Program]

    def run(
        self,
        first_lane: int,
        lanes: int,
        threads: int | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        """Run lanes first_lane .. first_lane + lanes - 1 (rounded up to a multiple of `BLOCK`).

        `progress` is told the number of `BLOCK` lanes finished since its last call, which may have
        been run as several shorter blocks.
        """
        blocks = -(-lanes // BLOCK)
        width = self.block_layout.lanes
        parts = BLOCK // width
        plan, keep = self._plan(first_lane)
        work = len(self.arms) * max(self.steps, 1) * BLOCK
        workers = threads or cores()
        per_task = max(1, min(TASK_LANE_STEPS // work, -(-blocks // (TASKS_EACH * workers))))
        tasks = [(b, min(b + per_task, blocks)) for b in range(0, blocks, per_task)]
        call = native(driver.drive, driver.SIGNATURE).call
        arm_rows = max(layout.size for layout in self.arm_layouts)

        # What the plan points into lives as long as any thread may be at work.
        def work_off(share: list[tuple[int, int]], keep: object = keep) -> None:
            arms = block_memory(arm_rows * len(self.arms), width)
            block = block_memory(self.block_layout.size, width)
            draws = block_memory(self.draw_layout.size, width)
            while True:
                try:
                    first, last = share.pop()
                except IndexError:
                    return
                call(
                    address_of(plan), address_of(arms), address_of(block), address_of(draws),
                    plan.size, first * parts, last * parts, self.seed,
                )  # fmt: skip
                if progress is not None:
                    progress(last - first)

        tasks.reverse()
        share_out(tasks, min(workers, len(tasks)), work_off)

    def _plan(self, first_lane: int) -> tuple[np.ndarray, object]:
        """The driver's int64 cells, and what must outlive the run because they point into it."""
        stages: list[Stage] = []

        def span(program: Sequence[Stage]) -> list[int]:
            first = len(stages)
            stages.extend(program)
            return [first, len(stages)]

        arm_rows = max(layout.size for layout in self.arm_layouts)
        initial = np.zeros((len(self.arms), arm_rows))
        for row, layout in zip(initial, self.arm_layouts, strict=True):
            row[: layout.size] = layout.initial
        header = [0] * driver.BLOCK_SETUP
        header[driver.STEPS] = self.steps
        header[driver.TILE] = self.draw_layout.tile
        header[driver.ARMS] = len(self.arms)
        header[driver.FIRST_LANE] = first_lane
        header[driver.ARM_ROWS] = arm_rows
        header[driver.LANES] = self.block_layout.lanes
        header[driver.INITIAL] = address_of(initial)
        cells = header + span(self.block_setup)
        for program in (
            self.draws.tile,
            self.draws.step,
            self.draws.unit_tile,
            self.draws.unit_step,
        ):
            cells += span(program)
        for program in self.arms:
            cells += span(program.setup) + span(program.step) + span(program.finish)
        kernels = [kernel for stage in stages if (kernel := stage.kernel) is not None]
        compile_ahead([(driver.drive, driver.SIGNATURE), *kernels])
        rows, row_places = _joined([stage.rows for stage in stages])
        parameters, parameter_places = _joined([stage.parameters for stage in stages])
        for stage, row, parameter in zip(stages, row_places, parameter_places, strict=True):
            cells += [stage.address, row, parameter, stage.every]
        return np.array(cells, dtype=np.int64), (initial, stages, rows, parameters)


def _joined(arrays: Sequence[np.ndarray]) -> tuple[np.ndarray, list[int]]:
    """Arrays of 8-byte numbers one after the other, and the address of each."""
    joined = np.concatenate(arrays)
    address, places = address_of(joined), []
    for array in arrays:
        places.append(address)
        address += array.nbytes
    return joined, places


def tile_steps(draw_rows: int, lanes: int = BLOCK) -> int:
    """Steps of a tile for so many rows of draws a step: a power of two from 4 to 32."""
    tile = 32
    while tile > 4 and tile * draw_rows * lanes * 8 > DRAW_BYTES:
        tile //= 2
    return tile
