"""What only compiled code can do: pointer arithmetic and calls by address.

`lab.engine.compiler` implements these names for Numba. Called from Python they refuse: kernels
never use them, only the driver and the code that `lab.engine.stage` puts around a kernel.
"""

from __future__ import annotations

from typing import NoReturn

#: Lanes of a block: the constant length of every inner loop. Where a lane has many coordinates,
#: `lab.engine.workspace.block_lanes` chooses a divisor of this.
BLOCK = 128


def _compiled_only(*_: object) -> NoReturn:
    raise NotImplementedError("this exists in compiled code only")


def offset(pointer, elements):
    """Pointer to the element `elements` further on."""
    _compiled_only(pointer, elements)


def float_pointer(address):
    """An integer address as a pointer to float64."""
    _compiled_only(address)


def int_pointer(address):
    """An integer address as a pointer to int64."""
    _compiled_only(address)


def matrix(pointer, rows, columns):
    """C-ordered array of shape (rows, columns) over memory at `pointer`."""
    _compiled_only(pointer, rows, columns)


def vector(pointer, length):
    """Array of shape (length,) over memory at `pointer`."""
    _compiled_only(pointer, length)


def call_stage(address, arm, block, draws, rows, parameters, step, lane, seed):
    """Call the stage at `address`; see `lab.engine.stage` for the meaning of the arguments."""
    _compiled_only(address, arm, block, draws, rows, parameters, step, lane, seed)
