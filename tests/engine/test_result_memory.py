"""Memory of results is used again, and never while anybody holds it."""

import gc
import sys
import threading

import numpy as np
import pytest

from lab.engine import result_memory
from lab.engine.result_memory import HUGE_PAGE, KNOWN, recording

LARGE = (3, 1000, 128)


@pytest.fixture(autouse=True)
def empty_shelf(monkeypatch):
    monkeypatch.setattr(result_memory, "_known", [])


def address(array):
    return array.ctypes.data


def test_memory_that_nobody_holds_is_used_again():
    array = recording(LARGE)
    place = address(array)
    del array
    assert address(recording(LARGE)) == place


def test_arrays_that_live_have_memory_of_their_own():
    arrays = [recording(LARGE) for _ in range(4)]
    for number, array in enumerate(arrays):
        array[:] = number
    assert [array.mean() for array in arrays] == [0.0, 1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    "view",
    [
        lambda a: a[1, 5:, ::2],
        lambda a: a.reshape(-1)[7:],
        lambda a: a.T.view(np.uint64),
        lambda a: memoryview(a),
        lambda a: np.asarray(memoryview(a))[0],
        lambda a: a.swapaxes(0, 1)[1],
    ],
    ids=["slice", "flat", "bits", "buffer", "of-buffer", "axes"],
)
def test_a_view_of_any_kind_holds_the_memory(view):
    array = recording(LARGE)
    place, seen = address(array), view(array)
    del array
    gc.collect()
    other = recording(LARGE)
    assert address(other) != place
    del seen
    assert address(recording(LARGE)) == place


def test_a_large_array_begins_on_a_huge_page():
    assert all(address(recording((n, 300_000))) % HUGE_PAGE == 0 for n in (1, 2, 3))


def test_a_small_array_begins_on_a_cache_line_and_is_not_kept():
    arrays = [recording((n, 3)) for n in range(1, 20)]
    assert all(address(array) % 64 == 0 for array in arrays)
    assert result_memory._known == []


def test_memory_far_too_large_is_left_for_others():
    array = recording((40, 100_000))
    place = address(array)
    del array
    small = recording((4, 100_000))
    assert address(small) != place
    assert address(recording((40, 100_000))) == place


def test_the_smallest_that_suffices_is_taken():
    places = {}
    arrays = [recording((rows, 100_000)) for rows in (9, 7, 8)]
    for array in arrays:
        places[len(array)] = address(array)
    del arrays, array
    assert address(recording((7, 100_000))) == places[7]


FIFTH = (KNOWN // 5 // 8,)


def test_no_more_is_known_than_said_however_much_is_lent():
    arrays = [recording(FIFTH) for _ in range(8)]
    assert 0 < sum(lent.raw.size for lent in result_memory._known) <= KNOWN
    del arrays
    assert 0 < sum(lent.raw.size for lent in result_memory._known) <= KNOWN


def test_free_memory_of_other_sizes_makes_room_for_what_is_needed_now():
    old = [recording(FIFTH) for _ in range(4)]
    del old
    place = None
    for _ in range(2):
        array = recording((KNOWN // 2 // 8,))
        assert place in (None, address(array))
        place = address(array)
        del array


def test_nothing_of_python_is_called_when_an_array_goes():
    """An interrupt that arrives in such a call would be printed and lost."""
    array, called = recording(LARGE), []
    sys.setprofile(lambda frame, event, of: called.append((event, frame.f_code.co_name)))
    try:
        del array
    finally:
        sys.setprofile(None)
    assert [name for event, name in called if event == "call"] == []


def test_threads_never_share_memory():
    clashes = []

    def work(number):
        for _ in range(200):
            array = recording((600, 1000))
            array[::100] = number
            if not (array[::100] == number).all():
                clashes.append(number)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clashes == []
