"""Memory for results, used again once nobody holds it.

First use of memory costs 1.9 ns a value in pages of 4 kB and 0.7 in huge ones, more than most
stages do, and threads that meet a new page at the same time wait for each other. A run of many
pieces would pay this for every piece: what one has let go of, the next one takes.
"""

from __future__ import annotations

import math
import threading
import weakref

import numpy as np

from lab.engine.workspace import ALIGNMENT, aligned

HUGE_PAGE = 2**21
#: Bytes that are kept for later at most.
KEPT = 128 * 2**20

_free: list[np.ndarray] = []
#: Reentrant: memory may come back in the middle of taking some, when garbage is collected.
_lock = threading.RLock()


def recording(shape: tuple[int, ...]) -> np.ndarray:
    """Float64 array for results, its values undefined, that begins on a cache line.

    A large one begins on a boundary of a huge page: NumPy asks the system for huge pages where an
    array is large, and gets them for what lies between two such boundaries. Its memory is free for
    the next array once neither the array nor a view of it is left.
    """
    count = math.prod(shape)
    if count * 8 < HUGE_PAGE:
        return aligned(np.empty(count * 8 + ALIGNMENT, dtype=np.uint8)).reshape(shape)
    raw = _taken(count * 8 + 2 * HUGE_PAGE)
    start = -raw.ctypes.data % HUGE_PAGE
    # Views of an array that does not own its memory refer to that array, and keep it alive, only
    # where what it stands on is no array itself.
    array = np.frombuffer(raw.data, dtype=np.float64, count=count, offset=start)
    weakref.finalize(array, _give_back, raw).atexit = False
    return array.reshape(shape)


def _taken(size: int) -> np.ndarray:
    """The smallest free memory that suffices and is not twice as large, or new memory."""
    with _lock:
        fitting = [raw for raw in _free if size <= raw.size <= 2 * size]
        if fitting:
            found = min(fitting, key=len)
            _drop(found)
            return found
    return np.empty(size, dtype=np.uint8)


def _give_back(raw: np.ndarray) -> None:
    """Keep memory for later; where that is too much, let the oldest go."""
    with _lock:
        _free.append(raw)
        while sum(raw.size for raw in _free) > KEPT:
            _drop(_free[0])


def _drop(raw: np.ndarray) -> None:
    _free[:] = [other for other in _free if other is not raw]
