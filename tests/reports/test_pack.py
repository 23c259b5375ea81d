"""Numbers survive the page's encoding within its stated error."""

import base64

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reports.page import pack

EXTREMES = [0.0, np.inf, np.nan]
SIZES = st.floats(min_value=1e-300, max_value=1e150)


def decoded(packed):
    return np.frombuffer(base64.b64decode(packed["data"]), "<" + packed["type"])


def half_step(scale):
    return (10.0 ** ((scale.high - scale.low) / (scale.top - 1)) - 1.0) / 2.0


@given(st.lists(SIZES, min_size=1, max_size=20))
def test_quantised_values_are_within_half_a_step(values):
    array = np.array([*values, *EXTREMES])
    scale = pack.Scale.of(array)
    back = scale.values(scale.codes(array))
    np.testing.assert_allclose(back[:-3], array[:-3], rtol=1.01 * half_step(scale) + 1e-9)
    np.testing.assert_array_equal(back[-3:], EXTREMES)


@given(st.lists(SIZES, min_size=1, max_size=20), st.lists(SIZES, min_size=1, max_size=20))
def test_so_are_signed_ones(above, below):
    array = np.array([*above, *(-value for value in below), *EXTREMES])
    scale = pack.Scale.of(array)
    assert scale.signed
    back = scale.values(scale.codes(array))
    np.testing.assert_allclose(back[:-3], array[:-3], rtol=1.01 * half_step(scale) + 1e-9)
    np.testing.assert_array_equal(back[-3:], EXTREMES)


def test_the_stated_error_of_two_decades():
    scale = pack.Scale.of(np.array([1.0, 100.0]))
    assert half_step(scale) < 4e-5


def test_nothing_finite_is_still_encoded():
    array = np.array([np.inf, np.nan, 0.0])
    scale = pack.Scale.of(array)
    np.testing.assert_array_equal(scale.values(scale.codes(array)), array)


def test_equal_rows_are_kept_once():
    rows = np.array([[1, 2], [3, 4], [1, 2], [1, 2]], dtype="<u2")
    distinct, index = pack.shared(rows)
    assert len(distinct) == 2
    np.testing.assert_array_equal(distinct[index], rows)


def test_series_have_their_rows_back():
    values = np.array([[[1.0, 2.0, 4.0]], [[1.0, 2.0, 4.0]], [[0.0, 1.0, np.inf]]])
    packed = pack.series(values)
    rows = decoded(packed["rows"]).reshape(-1, packed["width"])
    found = pack.Scale.of(values).values(rows[decoded(packed["index"])])
    np.testing.assert_allclose(found.reshape(values.shape), values, rtol=1e-4)
    assert len(rows) == 2


def test_whole_numbers_take_the_smallest_type():
    for top, kind in ((255, "u1"), (256, "u2"), (2**16, "u4")):
        packed = pack.whole(np.array([0, top]))
        assert packed["type"] == kind
        assert decoded(packed).tolist() == [0, top]


def test_numbers_too_small_for_single_precision_keep_double():
    assert pack.numbers(np.array([1.5, 0.0, np.inf]))["type"] == "f4"
    small = pack.numbers(np.array([1e-60, 1.0]))
    assert decoded(small).tolist() == [1e-60, 1.0]
