"""The loop: blocks of lanes, tiles of steps, arms, stages. It knows no component.

A pass is one scenario (landscape, noise, channel) and its arms. For every block of lanes the draws
of a tile of steps are made once; then each arm runs through the tile with its workspace in the
first-level cache. What an arm does in a step is a list of stages, called by address.
"""

from __future__ import annotations

from lab.engine.abi import (
    call_stage,
    float_pointer,
    int_pointer,
    offset,
    vector,
)

#: Cells of the plan before the table of stages.
STEPS, TILE, ARMS, FIRST_LANE, ARM_ROWS, INITIAL, LANES = range(7)
BLOCK_SETUP, DRAW_TILE, DRAW_STEP, UNIT_TILE, UNIT_STEP, ARM_PROGRAMS = 7, 9, 11, 13, 15, 17
#: Cells of one arm's programs (set-up, step, finish: first and last stage) and of one stage.
PROGRAMS, CELLS = 6, 4

SIGNATURE = "qppplllu"


def run_stages(plan, table, first, last, arm, block, draws, step, lane, seed):
    """Call the stages first .. last - 1 of the table for one step."""
    for entry in range(first, last):
        cell = table + CELLS * entry
        every = plan[cell + 3]
        if every == 1 or (step + 1) % every == 0:
            call_stage(
                plan[cell],
                arm,
                block,
                draws,
                int_pointer(plan[cell + 1]),
                float_pointer(plan[cell + 2]),
                step,
                lane,
                seed,
            )


def drive(plan_pointer, arms, block, draws, length, first_block, last_block, seed):
    """Run blocks first_block .. last_block - 1 of a pass.

    `plan_pointer` addresses `length` int64 cells laid out by `lab.engine.plan`; `arms`, `block` and
    `draws` are the calling thread's own workspace.
    """
    plan = vector(plan_pointer, length)
    steps, tile, count = plan[STEPS], plan[TILE], plan[ARMS]
    arm_rows, lanes = plan[ARM_ROWS], plan[LANES]
    table = ARM_PROGRAMS + PROGRAMS * count
    for number in range(first_block, last_block):
        lane = plan[FIRST_LANE] + number * lanes
        run_stages(
            plan, table, plan[BLOCK_SETUP], plan[BLOCK_SETUP + 1],
            arms, block, draws, 0, lane, seed,
        )  # fmt: skip
        for a in range(count):
            arm = offset(arms, a * arm_rows * lanes)
            initial = vector(offset(float_pointer(plan[INITIAL]), a * arm_rows), arm_rows)
            for row in range(arm_rows):
                cells = vector(offset(arm, row * lanes), lanes)
                for k in range(lanes):
                    cells[k] = initial[row]
            program = ARM_PROGRAMS + PROGRAMS * a
            run_stages(
                plan, table, plan[program], plan[program + 1],
                arm, block, draws, 0, lane, seed,
            )  # fmt: skip
        start = 0
        while start < steps:
            stop = min(start + tile, steps)
            run_stages(
                plan, table, plan[DRAW_TILE], plan[DRAW_TILE + 1],
                arms, block, draws, start, lane, seed,
            )  # fmt: skip
            for step in range(start, stop):
                run_stages(
                    plan, table, plan[DRAW_STEP], plan[DRAW_STEP + 1],
                    arms, block, draws, step, lane, seed,
                )  # fmt: skip
            run_stages(
                plan, table, plan[UNIT_TILE], plan[UNIT_TILE + 1],
                arms, block, draws, start, lane, seed,
            )  # fmt: skip
            for step in range(start, stop):
                run_stages(
                    plan, table, plan[UNIT_STEP], plan[UNIT_STEP + 1],
                    arms, block, draws, step, lane, seed,
                )  # fmt: skip
            for a in range(count):
                arm = offset(arms, a * arm_rows * lanes)
                program = ARM_PROGRAMS + PROGRAMS * a
                for step in range(start, stop):
                    run_stages(
                        plan, table, plan[program + 2], plan[program + 3],
                        arm, block, draws, step, lane, seed,
                    )  # fmt: skip
            start = stop
        for a in range(count):
            arm = offset(arms, a * arm_rows * lanes)
            program = ARM_PROGRAMS + PROGRAMS * a
            run_stages(
                plan, table, plan[program + 4], plan[program + 5],
                arm, block, draws, steps, lane, seed,
            )  # fmt: skip
