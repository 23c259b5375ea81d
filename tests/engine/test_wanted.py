"""Normals that are drawn only where they are wanted are those that would be drawn anyway."""

import numpy as np
import pytest

from lab.engine import philox
from lab.engine.philox import fill_normals
from lab.engine.wanted import draw_wanted
from tests.kernels import run_compiled, run_plain

LANES = 128
STEPS = 4


def sizes(share: float) -> np.ndarray:
    """Sizes of either sign, not 0 in a share of the cells; (steps, lanes)."""
    generator = np.random.default_rng(6)
    here = generator.random((STEPS, LANES)) < share
    return np.where(here, generator.standard_normal((STEPS, LANES)), 0.0)


def filled(width: int, wanted: np.ndarray, run=run_compiled) -> np.ndarray:
    fields = {
        "tile": np.full((STEPS * width, LANES), np.nan), "sizes": wanted,
        "drawn": np.ones((STEPS, LANES)),
        "chosen": np.full((2, LANES), np.nan), "found": np.full((4, LANES), np.nan),
    }  # fmt: skip
    numbers = {"width": width, "stream": philox.VECTOR}
    return run(draw_wanted, fields, numbers, step=8, lane=2**32 - 5, seed=3)["tile"]


def all_of_them(width: int) -> np.ndarray:
    numbers = {"first": 8 * width, "stream": philox.VECTOR}
    fields = {"out": np.zeros((STEPS * width, LANES))}
    return run_compiled(fill_normals, fields, numbers, lane=2**32 - 5, seed=3)["out"]


@pytest.mark.parametrize("width", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.1, 0.3, 0.9, 1.0])
def test_numbers_that_are_wanted_are_the_same_and_the_others_are_zero(width, share):
    wanted = sizes(share)
    expected = np.where(np.repeat(wanted != 0.0, width, axis=0), all_of_them(width), 0.0)
    np.testing.assert_array_equal(filled(width, wanted), expected)


@pytest.mark.parametrize("lanes", [range(1), range(48), range(49), range(127), range(127, 128)])
def test_lists_of_every_length_are_drawn(lanes):
    wanted = np.zeros((STEPS, LANES))
    wanted[1, lanes] = 2.0
    expected = np.where(np.repeat(wanted != 0.0, 4, axis=0), all_of_them(4), 0.0)
    np.testing.assert_array_equal(filled(4, wanted), expected)


@pytest.mark.parametrize("width", [1, 3, 8])
@pytest.mark.parametrize("before", [0.01, 0.3, 1.0])
def test_what_was_drawn_before_is_taken_away(width, before):
    numbers = {"width": width, "stream": philox.VECTOR}
    fields = {
        "tile": np.zeros((STEPS * width, LANES)), "drawn": np.zeros((STEPS, LANES)),
        "chosen": np.zeros((2, LANES)), "found": np.zeros((4, LANES)),
    }  # fmt: skip
    for wanted in (sizes(before), sizes(0.02)[::-1], np.zeros((STEPS, LANES))):
        fields = run_compiled(
            draw_wanted, {**fields, "sizes": wanted}, numbers, step=8, lane=2**32 - 5, seed=3
        )
        expected = np.where(np.repeat(wanted != 0.0, width, axis=0), all_of_them(width), 0.0)
        np.testing.assert_array_equal(fields["tile"], expected)


def test_compiled_is_plain_bit_for_bit():
    with np.errstate(over="ignore"):  # unsigned integers wrap round on purpose
        plain = filled(3, sizes(0.05), run_plain)
    np.testing.assert_array_equal(filled(3, sizes(0.05)), plain)


def test_a_size_that_is_not_a_number_is_a_size():
    wanted = np.zeros((STEPS, LANES))
    wanted[2, 7] = np.nan
    assert np.count_nonzero(filled(4, wanted)) == 4
