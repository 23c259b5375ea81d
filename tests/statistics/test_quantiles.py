import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lab.statistics.quantiles import quantiles

LEVELS = [0.0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 1.0]


@given(
    hnp.arrays(np.float64, hnp.array_shapes(min_dims=1, max_dims=3, max_side=40),
               elements=st.floats(-1e150, 1e150)),
    st.lists(st.floats(0.0, 1.0), min_size=1, max_size=5),
    st.data(),
)  # fmt: skip
def test_equals_numpy_on_finite_values(values, levels, data):
    axis = data.draw(st.integers(-values.ndim, values.ndim - 1))
    expected = np.quantile(values, levels, axis=axis)
    np.testing.assert_array_equal(quantiles(values, levels, axis), expected)


def test_equals_numpy_on_bands():
    values = np.random.default_rng(0).lognormal(sigma=5.0, size=(2, 30, 2000))
    for levels in (LEVELS, np.linspace(0.0, 1.0, 101)):
        expected = np.quantile(values, levels, axis=-1)
        np.testing.assert_array_equal(quantiles(values, levels), expected)


def test_a_number_as_level_drops_the_axis():
    values = np.arange(12.0).reshape(3, 4)
    np.testing.assert_array_equal(quantiles(values, 0.5), [1.5, 5.5, 9.5])
    np.testing.assert_array_equal(quantiles(values, 0.25, axis=0), [2.0, 3.0, 4.0, 5.0])


def test_input_is_left_as_it_was():
    values = np.array([3.0, 1.0, 2.0])
    quantiles(values, LEVELS)
    np.testing.assert_array_equal(values, [3.0, 1.0, 2.0])


@pytest.mark.parametrize(
    ("values", "level", "expected"),
    [
        ([1.0, 2.0, np.inf], 0.5, 2.0),  # weight 0 on the infinite neighbour
        ([1.0, 2.0, np.inf], 0.51, np.inf),
        ([1.0, 2.0, np.inf, np.inf], 0.5, np.inf),
        ([1.0, 2.0, np.inf, np.inf], 1 / 3, 2.0),
        ([np.inf, np.inf], 0.5, np.inf),
        ([np.inf], 0.0, np.inf),
        ([1.0, np.inf], 0.0, 1.0),
        ([1.0, np.inf], 1.0, np.inf),
    ],
)
def test_infinite_values(values, level, expected):
    assert quantiles(values[::-1], level) == expected


def test_infinities_equal_a_huge_value_wherever_that_stays_out():
    rng = np.random.default_rng(1)
    values = rng.random((200, 37))
    diverged = rng.random(values.shape) < 0.3
    finite = np.quantile(np.where(diverged, 1e200, values), LEVELS, axis=-1)
    found = quantiles(np.where(diverged, np.inf, values), LEVELS)
    np.testing.assert_array_equal(found, np.where(finite > 1.0, np.inf, finite))


@pytest.mark.parametrize("values", [[1.0, np.nan], [-np.inf, 1.0], []])
def test_values_without_a_place_are_refused(values):
    with pytest.raises(ValueError, match=r"NaN|empty"):
        quantiles(values, 0.5)


@pytest.mark.parametrize("level", [-0.01, 1.01, np.nan, [0.5, 2.0]])
def test_levels_outside_the_unit_interval_are_refused(level):
    with pytest.raises(ValueError, match="levels"):
        quantiles([1.0, 2.0], level)
