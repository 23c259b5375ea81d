"""Where records go, by kernels as plain Python and compiled: columns of lanes, slots of steps."""

import numpy as np
import pytest

from lab import sketch
from lab.engine import builtin
from lab.engine.abi import BLOCK
from lab.engine.stage import Output
from lab.engine.workspace import block_memory
from tests.kernels import run_compiled

ROW = np.array([1.0, 2.0, 3.0, 4.0])
#: Lanes 12 .. 15, of records that begin at lane 8.
PLACE = {"lane": 12, "first": 8}


def test_a_value_of_the_run():
    out = np.zeros((1, 12))
    builtin.record_once(ROW, out, **PLACE)
    assert out[0].tolist() == [0.0] * 4 + ROW.tolist() + [0.0] * 4


def test_a_vector_of_every_step():
    out = np.zeros((6, 12))
    rows = np.stack([ROW, -ROW])
    builtin.record_rows(rows, out, step=1, **PLACE)
    np.testing.assert_array_equal(out[2:4, 4:8], rows)
    assert np.count_nonzero(out) == 8


@pytest.mark.parametrize(("only", "found"), [(11, 0.0), (12, 1.0), (15, 4.0), (16, 0.0)])
def test_a_lane_alone(only, found):
    out, vector = np.zeros((3, 1)), np.zeros((6, 1))
    builtin.record_lane(ROW, out, step=1, lane=12, only=only)
    assert out.ravel().tolist() == [0.0, found, 0.0]
    builtin.record_lane_rows(np.stack([ROW, -ROW]), vector, step=1, lane=12, only=only)
    assert vector.ravel().tolist() == [0.0, 0.0, found, -found, 0.0, 0.0]


def test_a_value_of_some_steps():
    out, slots = np.zeros((2, 12)), np.array([0.0, -1.0, 1.0])
    for step in range(3):
        builtin.record_sample(ROW + step, out, slots, step=step, **PLACE)
    np.testing.assert_array_equal(out[:, 4:8], [ROW, ROW + 2.0])
    assert np.count_nonzero(out) == 8


def decoded(numbers):
    """The four places of each number: quarters of the row one after another."""
    bits = numbers.view(np.uint64)
    return np.concatenate([(bits >> np.uint64(16 * i)) & np.uint64(0xFFFF) for i in range(4)])


def test_places_are_those_of_the_values_and_lanes_beyond_the_last_are_nobody():
    values = np.array([0.0, 1e-5, 0.3, 1.0, 2.0, 1e9, np.inf, 5.0])
    numbers = sketch.place_numbers(0.0)
    out = np.zeros((3, 2))
    slots = np.array([-1.0, 2.0])
    for step in range(2):
        sketch.sample_places(values, out, slots, step=step, lane=0, first=0, lanes=6, **numbers)
    assert not out[:2].any()
    floor, centre, minimum = (numbers[name] for name in ("floor", "centre", "minimum"))
    expected = [sketch.place_of(v, minimum, floor, centre) for v in values[:6]]
    nobody = centre + sketch.TOP + 1
    assert decoded(out[2]).tolist() == [*expected, nobody, nobody]
    assert sorted(expected) == expected


@pytest.mark.parametrize("offset", range(8))
def test_a_long_record_goes_to_its_place_wherever_memory_begins(offset):
    rows = builtin.STREAMED // (4 * BLOCK) + 1
    memory = block_memory(4 * rows + 1)
    out = memory[offset : offset + rows * 4 * BLOCK].reshape(rows, 4 * BLOCK)
    expected = out.copy()
    row = np.arange(float(BLOCK))
    given = {"out": Output(out), "first": 100}
    run_compiled(builtin.record, {"row": row}, given, step=1, lane=100 + 2 * BLOCK)
    expected[1, 2 * BLOCK : 3 * BLOCK] = row
    np.testing.assert_array_equal(out, expected)
    assert memory.sum() == row.sum()
