"""Stages: where a kernel's arguments come from."""

import numpy as np
import pytest

from lab.engine.abi import BLOCK
from lab.engine.native import address_of
from lab.engine.stage import Output, Stage, Tile, bind
from lab.engine.workspace import ALIGNMENT, Layout, block_memory
from lab.errors import RequestError
from tests.kernels import PROTOTYPE


def rows_of(memory: np.ndarray) -> np.ndarray:
    return memory.reshape(-1, BLOCK)


def call(stage: Stage, arm=None, block=None, draws=None, step=0, lane=0, seed=0) -> None:
    spaces = [address_of(space) if space is not None else None for space in (arm, block, draws)]
    cells = address_of(stage.rows), address_of(stage.parameters)
    PROTOTYPE(stage.address)(*spaces, *cells, step, lane, seed)


def filled(layout: Layout) -> np.ndarray:
    """Memory whose row r holds r + k / 1000 in lane k."""
    memory = block_memory(layout.size)
    rows_of(memory)[:] = np.arange(layout.size)[:, None] + np.arange(BLOCK) / 1000.0
    return memory


def test_rows_come_from_their_space():
    def kernel(out, arm_row, arm_rows, block_row, block_rows):
        for k in range(BLOCK):
            out[0, k] = arm_row[k]
            out[1, k] = arm_rows[0, k] + 100.0 * arm_rows[1, k]
            out[2, k] = block_row[k]
            out[3, k] = block_rows[2, k] if block_rows.shape[0] == 3 else 0.0

    arm, block = Layout("arm"), Layout("block")
    arm.rows(5)
    places = {
        "arm_row": arm.row(), "arm_rows": arm.rows(2), "out": arm.rows(4),
        "block_row": block.row(), "block_rows": block.rows(3),
    }  # fmt: skip
    arm_memory, block_memory_ = filled(arm), filled(block)
    call(bind(kernel, places), arm_memory, block_memory_)
    lanes = np.arange(BLOCK) / 1000.0
    expected = [5.0 + lanes, 6.0 + lanes + 100.0 * (7.0 + lanes), 0.0 + lanes, 3.0 + lanes]
    np.testing.assert_array_equal(rows_of(arm_memory)[8:], expected)


def test_a_draw_is_that_of_its_step():
    def kernel(out, one, two):
        for k in range(BLOCK):
            out[0, k], out[1, k], out[2, k] = one[k], two[0, k], two[1, k]

    arm, draws = Layout("arm"), Layout("draws", tile=4)
    places = {"out": arm.rows(3), "one": draws.row(), "two": draws.rows(2)}
    assert draws.size == 4 * 3
    arm_memory, draw_memory = filled(arm), filled(draws)
    for step in (0, 1, 3, 4, 102):
        call(bind(kernel, places), arm_memory, None, draw_memory, step=step)
        slot = step % 4
        np.testing.assert_array_equal(
            rows_of(arm_memory)[:, 0], [slot, 4 + 2 * slot, 4 + 2 * slot + 1]
        )


def test_a_tile_is_all_slots_at_once():
    def kernel(tile):
        for i in range(tile.shape[0]):
            for k in range(BLOCK):
                tile[i, k] = i

    draws = Layout("draws", tile=8)
    draws.row()
    rows = draws.rows(3)
    memory = filled(draws)
    call(bind(kernel, {"tile": Tile(rows)}), draws=memory)
    np.testing.assert_array_equal(rows_of(memory)[8:, 5], np.arange(24))
    np.testing.assert_array_equal(rows_of(memory)[:8, 0], np.arange(8))


def test_numbers_arrays_and_context_arrive():
    def kernel(out, number, table, grid, whole, flag, other_flag, step, lane, seed):
        out[0] = number
        out[1] = table[2] + table.shape[0]
        out[2] = grid[1, 2] + 10 * grid.shape[0] + grid.shape[1]
        out[3] = whole // 4
        out[4] = 1.0 if flag else 0.0
        out[5] = 1.0 if other_flag else 0.0
        out[6] = step
        out[7] = lane
        out[8] = 1.0 if seed == np.uint64(2**64 - 2) else 0.0

    arm = Layout("arm")
    values = {
        "out": arm.row(), "number": 0.1, "table": np.array([1.0, 2.0, 0.7]), "whole": -7,
        "grid": np.arange(6).reshape(2, 3), "flag": True, "other_flag": False,
    }  # fmt: skip
    memory = filled(arm)
    call(bind(kernel, values), memory, step=12, lane=2**40 + 1, seed=2**64 - 2)
    found = memory[:9].tolist()
    assert found == [0.1, 3.7, 28.0, -2.0, 1.0, 0.0, 12.0, 2.0**40 + 1, 1.0]


def test_an_output_lies_outside_the_workspace():
    def kernel(out, row):
        for k in range(BLOCK):
            out[2, k + 1] = row[k]

    arm = Layout("arm")
    memory_of_row = arm.row()
    array = np.zeros((3, BLOCK + 1))
    memory = filled(arm)
    call(bind(kernel, {"out": Output(array), "row": memory_of_row}), memory)
    np.testing.assert_array_equal(array[2, 1:], memory)
    assert not array[:2].any()


def test_kernels_share_code_and_not_numbers():
    def kernel(out, number):
        out[0] = number

    arm = Layout("arm")
    out = arm.row()
    one, two = bind(kernel, {"out": out, "number": 1.0}), bind(kernel, {"out": out, "number": 2.0})
    assert one.address == two.address
    memory = filled(arm)
    call(two, memory)
    assert memory[0] == 2.0


def test_a_kernel_may_hold_functions_of_its_own():
    def kernel(x, out):
        square = lambda y: y * y  # noqa: E731
        for k in range(BLOCK):
            out[k] = square(x[k]) + SHIFT

    arm = Layout("arm")
    places = {"x": arm.row(), "out": arm.row()}
    memory = filled(arm)
    call(bind(kernel, places), memory)
    np.testing.assert_array_equal(memory[BLOCK:], memory[:BLOCK] ** 2 + SHIFT)


SHIFT = 0.5


def test_a_name_that_nobody_knows_is_refused():
    layout = Layout("arm")
    with pytest.raises(RequestError) as caught:
        bind(_misspelt, {"x": layout.row(), "momentum": 0.9})
    line = _misspelt.__code__.co_firstlineno
    assert str(caught.value) == (
        f"unknown argument 'momentun' in kernel '_misspelt' ({__file__} line {line});"
        " did you mean 'momentum'? (allowed: lane, momentum, seed, step, x)"
    )


def _misspelt(x, momentun):
    x[0] = momentun


def test_every_is_kept():
    assert bind(_one, {"x": Layout("arm").row()}).every == 1
    assert bind(_one, {"x": Layout("arm").row()}, every=7).every == 7


def _one(x):
    x[0] = 1.0


def test_memory_is_zeroed_and_aligned():
    for rows in (1, 3, 128, 1000):
        memory = block_memory(rows, 16)
        assert memory.ctypes.data % ALIGNMENT == 0
        assert memory.shape == (16 * rows,)
        assert not memory.any()
    assert block_memory(0).size == BLOCK


def test_initial_values_follow_the_rows():
    layout = Layout("arm")
    layout.row(1.0)
    layout.rows(2, 3.0)
    layout.row()
    assert layout.initial == [1.0, 3.0, 3.0, 0.0]
