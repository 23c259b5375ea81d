"""A stage that calls back into Python: the driver sees an address like any other.

It costs some microseconds a block and step besides what the function itself takes, and the threads
take turns in it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence

import numpy as np

from lab.engine.native import ARGUMENTS
from lab.engine.stage import SIGNATURE, Rows, Stage

PROTOTYPE = ctypes.CFUNCTYPE(None, *(ARGUMENTS[letter] for letter in SIGNATURE))


def python_stage(function: Callable[..., None], rows: Sequence[Rows], every: int = 1) -> Stage:
    """A stage that calls `function(lane, step, *rows)`.

    Parameters
    ----------
    function:
        Gets the seed index of the block's first lane, the step, and for each of `rows` its cells, a
        ctypes array of float64, one a lane, that it may change. It must not raise: an exception has
        no caller to reach.
    rows:
        Single rows of the arm's workspace.
    every:
        As in `lab.engine.stage.bind`.
    """
    kinds = [ctypes.c_double * row.lanes for row in rows]
    places = [
        (kind, ctypes.sizeof(kind) * row.first) for kind, row in zip(kinds, rows, strict=True)
    ]

    def call(arm, block, draws, cells, parameters, step, lane, seed):
        function(lane, step, *[kind.from_address(arm + offset) for kind, offset in places])

    owner = PROTOTYPE(call)
    address = ctypes.cast(owner, ctypes.c_void_p).value
    assert address is not None
    nothing = np.zeros(1)
    return Stage(address, nothing.astype(np.int64), nothing, every, owner)
