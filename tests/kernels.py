"""Kernels under test: compiled on lane blocks as the driver runs them, and as plain Python."""

from __future__ import annotations

import ctypes
import inspect
from collections.abc import Mapping
from types import FunctionType

import numpy as np

from lab.component import Chosen
from lab.engine.abi import BLOCK
from lab.engine.native import ARGUMENTS, address_of
from lab.engine.stage import CONTEXT, SIGNATURE, Rows, bind
from lab.engine.workspace import Layout, block_memory
from lab.oracle import fields_at

Fields = Mapping[str, np.ndarray]
Numbers = Mapping[str, "float | int | bool | np.ndarray"]

PROTOTYPE = ctypes.CFUNCTYPE(None, *(ARGUMENTS[letter] for letter in SIGNATURE))


def run_compiled(
    kernel: FunctionType,
    fields: Fields,
    numbers: Numbers | None = None,
    step: int = 0,
    lane: int = 0,
    seed: int = 0,
) -> dict[str, np.ndarray]:
    """What a kernel makes of `fields`, compiled as a stage and run block by block.

    Parameters
    ----------
    fields:
        Arrays of shape (lanes,) or (rows, lanes), all of one number of lanes, by the names of the
        kernel's parameters; names that it does not ask for are passed through. Left as they are. A
        last block that is not full is padded with its last lane.
    numbers:
        The kernel's parameters (float, int, bool) and constants (also arrays), by name.
    step, lane, seed:
        The context; `lane` is that of the first lane.

    Returns
    -------
    Every field after the call, float64, by name.
    """
    out = _copies(fields)
    layout = Layout("arm")
    places = {
        name: layout.row() if array.ndim == 1 else layout.rows(len(array))
        for name, array in out.items()
    }
    stage = bind(kernel, {**(numbers or {}), **places})
    call = PROTOTYPE(stage.address)
    memory = block_memory(layout.size)
    cells = memory.reshape(-1, BLOCK)
    for first in range(0, _lanes(fields), BLOCK):
        blocks = {name: _cut(out[name], first) for name in places}
        for name, block in blocks.items():
            padding = ((0, 0), (0, BLOCK - block.shape[1]))
            cells[_rows(places[name])] = np.pad(block, padding, mode="edge")
        call(
            *(address_of(memory),) * 3, address_of(stage.rows), address_of(stage.parameters),
            step, lane + first, seed,
        )  # fmt: skip
        for name, block in blocks.items():
            block[:] = cells[_rows(places[name]), : block.shape[1]]
    return out


def run_plain(
    kernel: FunctionType,
    fields: Fields,
    numbers: Numbers | None = None,
    step: int = 0,
    lane: int = 0,
    seed: int = 0,
) -> dict[str, np.ndarray]:
    """The same as `run_compiled`, with the kernel called as the Python function it is."""
    out = _copies(fields)
    context = dict(zip(CONTEXT, (step, lane, seed), strict=True))
    given = {**context, **(numbers or {}), **out}
    kernel(**{name: given[name] for name in inspect.signature(kernel).parameters})
    return out


def evaluate(
    landscape: Chosen, x: np.ndarray, run=run_compiled, step: int = 0, **given: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Value (lanes,) and gradient (dim, lanes) of a landscape at x (dim, lanes).

    Fields that are not given, such as `instance`, are those of `lab.oracle.fields_at`: the same for
    the same number of lanes.
    """
    component, values = landscape.component, landscape.values
    numbers = {**component.kernel_values(values), **component.constants(values)}
    out = run(component.kernel, {**fields_at(landscape, x), **given}, numbers, step=step)
    return out["value"], out["grad"]


def _copies(fields: Fields) -> dict[str, np.ndarray]:
    return {name: np.array(array, dtype=np.float64) for name, array in fields.items()}


def _lanes(fields: Fields) -> int:
    counts = {array.shape[-1] for array in fields.values()}
    assert len(counts) == 1, f"fields of different numbers of lanes: {sorted(counts)}"
    return counts.pop()


def _cut(array: np.ndarray, first: int) -> np.ndarray:
    """A view of the block of lanes that starts at `first`, of shape (rows, lanes)."""
    return array.reshape(-1, array.shape[-1])[:, first : first + BLOCK]


def _rows(place: Rows) -> slice:
    return slice(place.first, place.first + place.height)
