"""What is evaluated aside from the iterate: trial points, and iterates that count in its place.

A search tries points until every lane has found one, so its stages run again and again within one
step. `repeated` makes one stage of them, which the driver calls like any other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lab.engine.abi import call_stage, float_pointer, int_pointer, offset, vector
from lab.engine.builtin import LOSS_LIMIT
from lab.engine.native import address_of, native
from lab.engine.stage import SIGNATURE, Rows, Stage

#: Cells of a loop's row map: the row that is looked at and its length, the most rounds, the number
#: of stages; then the cells of each stage.
WANTED, LANES, ROUNDS, COUNT, FIRST = range(5)
CELLS = 3


def repeated(stages: Sequence[Stage], wanted: Rows, rounds: int) -> Stage:
    """A stage that runs `stages` in turn until the row `wanted` of the arm is 0 in all lanes.

    It begins no round more than `rounds`. The row is looked at before each.
    """
    cells = [wanted.first, wanted.lanes, rounds, len(stages)]
    for stage in stages:
        cells += [stage.address, address_of(stage.rows), address_of(stage.parameters)]
    code = native(rounds_of_stages, SIGNATURE)
    return Stage(code.address, np.array(cells, dtype=np.int64), np.zeros(1), owner=(code, stages))


def rounds_of_stages(arm, block, draws, rows, parameters, step, lane, seed):
    """The loop of `repeated`, with the arguments that all stages have."""
    lanes = rows[LANES]
    wanted = vector(offset(arm, rows[WANTED] * lanes), lanes)
    for _ in range(rows[ROUNDS]):
        left = 0.0
        for k in range(lanes):
            left += wanted[k]
        if left == 0.0:
            break
        for number in range(rows[COUNT]):
            cell = FIRST + CELLS * number
            call_stage(
                rows[cell],
                arm,
                block,
                draws,
                int_pointer(rows[cell + 1]),
                float_pointer(rows[cell + 2]),
                step,
                lane,
                seed,
            )


def copy_rows(source, target):
    """Copy `source` to `target`, both (rows, lanes)."""
    for i in range(source.shape[0]):
        for k in range(source.shape[1]):
            target[i, k] = source[i, k]


def difference(x, update):
    """Turn `update` (dim, lanes), which holds an earlier x, into what x has gained since."""
    for i in range(x.shape[0]):
        for k in range(x.shape[1]):
            update[i, k] = x[i, k] - update[i, k]


def count_trials(evaluations, searching):
    """Charge an evaluation to each lane that is searching; both are (lanes,)."""
    for k in range(searching.shape[0]):
        evaluations[k] = evaluations[k] + searching[k]


def hold_rates(lr, held_lr, diverged, count, step):
    """A diverged lane keeps its rate, whatever a schedule makes of what is left of it."""
    if count[0] > 0.0:
        for k in range(lr.shape[0]):
            rate, held = lr[k], held_lr[k]
            lr[k] = held if diverged[k] <= float(step) else rate


def settle(value, diverged, step):
    """The loss of an iterate that counts is infinite in a diverged lane, and where it is no number.

    `value` and `diverged`, the step of divergence, are (lanes,).
    """
    for k in range(value.shape[0]):
        sound = (abs(value[k]) <= LOSS_LIMIT) & (diverged[k] > float(step))
        value[k] = value[k] if sound else math.inf
