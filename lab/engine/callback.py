"""A stage that calls back into Python: the driver sees an address like any other.

It costs some microseconds a block and step besides what the function itself takes, and the threads
take turns in it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence

import numpy as np

from lab.engine.abi import BLOCK
from lab.engine.native import ARGUMENTS
from lab.engine.stage import SIGNATURE, Rows, Stage

#: One row of a lane block: the cells behind an address, as a ctypes array.
Row = ctypes.c_double * BLOCK
PROTOTYPE = ctypes.CFUNCTYPE(None, *(ARGUMENTS[letter] for letter in SIGNATURE))


def python_stage(function: Callable[..., None], rows: Sequence[Rows], every: int = 1) -> Stage:
    """A stage that calls `function(lane, step, *rows)`.

    Parameters
    ----------
    function:
        Gets the seed index of the block's first lane, the step, and for each of `rows` its cells, a
        ctypes array of BLOCK float64 that it may change. It must not raise: an exception has no
        caller to reach.
    rows:
        Single rows of the arm's workspace.
    every:
        As in `lab.engine.stage.bind`.
    """
    offsets = [BLOCK * ctypes.sizeof(ctypes.c_double) * row.first for row in rows]

    def call(arm, block, draws, cells, parameters, step, lane, seed):
        function(lane, step, *[Row.from_address(arm + offset) for offset in offsets])

    owner = PROTOTYPE(call)
    address = ctypes.cast(owner, ctypes.c_void_p).value
    assert address is not None
    nothing = np.zeros(1)
    return Stage(address, nothing.astype(np.int64), nothing, every, owner)
