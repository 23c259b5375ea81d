"""Memory for results, used again once nobody holds it.

First use of memory costs 1.9 ns a value in pages of 4 kB and 0.7 in huge ones, more than most
stages do, and threads that meet a new page at the same time wait for each other. A run of many
pieces would pay this for every piece: what one has let go of, the next one takes.
"""

from __future__ import annotations

import math
import threading
import weakref
from dataclasses import dataclass

import numpy as np

from lab.engine.workspace import ALIGNMENT, aligned

HUGE_PAGE = 2**21
#: Bytes that are known here at most, lent and free together: two pieces of a wide run and some
#: more. What goes beyond is ordinary memory, which the system gets back.
KNOWN = 192 * 2**20


@dataclass(frozen=True, eq=False, slots=True)
class _Lent:
    """Memory and the array that stands on it; free when that is gone.

    The reference calls nothing when the array goes. A call would run in the middle of whatever let
    go of the array, where an interrupt that arrives cannot be raised, only printed and lost.
    """

    array: weakref.ref[np.ndarray]
    raw: np.ndarray

    @property
    def free(self) -> bool:
        return self.array() is None


#: The oldest first.
_known: list[_Lent] = []
_lock = threading.Lock()


def recording(shape: tuple[int, ...]) -> np.ndarray:
    """Float64 array for results, its values undefined, that begins on a cache line.

    A large one begins on a boundary of a huge page: NumPy asks the system for huge pages where an
    array is large, and gets them for what lies between two such boundaries. Its memory is free for
    the next array once neither the array nor a view of it is left.
    """
    count = math.prod(shape)
    if count * 8 < HUGE_PAGE:
        return aligned(np.empty(count * 8 + ALIGNMENT, dtype=np.uint8)).reshape(shape)
    with _lock:
        raw = _taken(count * 8 + 2 * HUGE_PAGE)
        start = -raw.ctypes.data % HUGE_PAGE
        # Views of an array that does not own its memory refer to that array, and keep it alive,
        # only where what it stands on is no array itself.
        array = np.frombuffer(raw.data, dtype=np.float64, count=count, offset=start)
        if _make_room(raw.size):
            _known.append(_Lent(weakref.ref(array), raw))
    return array.reshape(shape)


def _taken(size: int) -> np.ndarray:
    """The smallest free memory that suffices and is not twice as large, or new memory."""
    fitting = [lent for lent in _known if lent.free and size <= lent.raw.size <= 2 * size]
    if not fitting:
        return np.empty(size, dtype=np.uint8)
    found = min(fitting, key=lambda lent: lent.raw.size)
    _known.remove(found)
    return found.raw


def _make_room(size: int) -> bool:
    """Let the oldest free memory go until so many bytes more may be known; whether they may."""
    while sum(lent.raw.size for lent in _known) + size > KNOWN:
        oldest = next((lent for lent in _known if lent.free), None)
        if oldest is None:
            return False
        _known.remove(oldest)
    return True
