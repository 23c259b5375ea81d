"""From a kernel to a stage: the code between a component's plain function and the driver.

A kernel names what it wants by its parameter names: rows of the lane block (`x`, `grad`, `lr`,
its own state), draws, numbers, and the context (`step`, `lane`, `seed`). `Binding` says where each
name lives; `stage` writes the few lines that fetch them and compiles both together into one
function with the ABI that every stage shares:

    stage(arm, block, draws, rows, parameters, step, lane, seed)

arm         float64*  workspace of one arm (one schedule, optimizer and rate) of one block of lanes
block       float64*  what all arms of the block share for the whole run
draws       float64*  what all arms share for the current tile of steps
rows        int64*    this stage's own row map
parameters  float64*  this stage's own numbers
step        int64     t
lane        int64     seed index of the first lane of the block
seed        uint64    the study's seed
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from lab.engine import abi
from lab.engine.bits import to_integer
from lab.engine.native import native
from lab.errors import unknown

SIGNATURE = "pppqpllu"
CONTEXT = ("step", "lane", "seed")


@dataclass(frozen=True)
class Rows:
    """Rows of a workspace: `space` is arm, block or draws; `tile` counts the slots of a draw.

    `lanes` is the length of a row, the same in all spaces of a pass.
    """

    space: str
    first: int
    count: int
    single: bool = False
    tile: int = 1
    lanes: int = abi.BLOCK


@dataclass(frozen=True)
class Tile:
    """All slots of a draw at once, as rows: what the generators fill."""

    rows: Rows

    @property
    def lanes(self) -> int:
        """Length of a row."""
        return self.rows.lanes


@dataclass(frozen=True)
class Output:
    """A recording array of shape (steps, lanes) outside the workspace; kept alive by its owner."""

    array: np.ndarray


Value = Rows | Tile | Output | float | int | bool | np.ndarray


@dataclass(frozen=True)
class Stage:
    """A stage with its row map and numbers, ready for the driver; `owner` keeps its code alive."""

    address: int
    rows: np.ndarray
    parameters: np.ndarray
    every: int = 1
    owner: object = None


def bind(kernel: types.FunctionType, values: Mapping[str, Value], every: int = 1) -> Stage:
    """Compile `kernel` for the places where its arguments live.

    `every` = K makes the driver call the stage at steps K - 1, 2 K - 1, ... only.

    Raises
    ------
    RequestError
        The kernel asks for a name that `values` does not hold.
    """
    asked = _asked(kernel)
    names = [name for name in asked if name not in CONTEXT]
    for name in names:
        if name not in values:
            code = kernel.__code__
            where = f"kernel {kernel.__name__!r} ({code.co_filename} line {code.co_firstlineno})"
            raise unknown("argument", name, {*values, *CONTEXT}, where)
    kinds = tuple(name if name in CONTEXT else _kind(values[name]) for name in asked)
    numbers = [float(value) for name in names if isinstance(value := values[name], float | int)]
    rows: list[int] = []
    lanes = abi.BLOCK
    for name in names:
        value = values[name]
        if isinstance(value, Rows | Tile):
            lanes = value.lanes
        if isinstance(value, np.ndarray):
            rows += [len(numbers), *value.shape]
            numbers += np.asarray(value, dtype=np.float64).ravel().tolist()
        elif not isinstance(value, float | int):
            rows += _cells(value)
    return Stage(
        native(_glue(kernel, kinds, lanes), SIGNATURE).address,
        np.array(rows or [0], dtype=np.int64),
        np.array(numbers or [0.0], dtype=np.float64),
        every,
    )


@cache
def _asked(kernel: types.FunctionType) -> tuple[str, ...]:
    """Names of a kernel's arguments; a pass binds the same few kernels hundreds of times."""
    return tuple(inspect.signature(kernel).parameters)


def _kind(value: Value) -> str:
    if isinstance(value, Rows):
        return f"{value.space}-{'row' if value.single else 'rows'}"
    if isinstance(value, Tile):
        return "tile"
    if isinstance(value, Output):
        return "output"
    if isinstance(value, np.ndarray):
        return f"array-{value.ndim}"
    return "bool" if isinstance(value, bool) else "int" if isinstance(value, int) else "float"


def _cells(value: Rows | Tile | Output) -> list[int]:
    """What the row map says of one argument."""
    if isinstance(value, Output):
        return [value.array.ctypes.data, *value.array.shape]
    if isinstance(value, Tile):
        return [value.rows.first, value.rows.count * value.rows.tile]
    if value.space == "draws":
        return [value.first, value.count, value.tile - 1]
    return [value.first, value.count]


#: The expression that fetches an argument of each kind, and how many cells of the row map it uses.
FETCH: dict[str, tuple[str, int]] = {
    "arm-row": ("vector(offset(arm, rows[{i}] * BLOCK), BLOCK)", 2),
    "arm-rows": ("matrix(offset(arm, rows[{i}] * BLOCK), rows[{i} + 1], BLOCK)", 2),
    "block-row": ("vector(offset(block, rows[{i}] * BLOCK), BLOCK)", 2),
    "block-rows": ("matrix(offset(block, rows[{i}] * BLOCK), rows[{i} + 1], BLOCK)", 2),
    "draws-row": ("vector(offset(draws, (rows[{i}] + (step & rows[{i} + 2])) * BLOCK), BLOCK)", 3),
    "draws-rows": (
        "matrix(offset(draws, (rows[{i}] + (step & rows[{i} + 2]) * rows[{i} + 1]) * BLOCK),"
        " rows[{i} + 1], BLOCK)",
        3,
    ),
    "tile": ("matrix(offset(draws, rows[{i}] * BLOCK), rows[{i} + 1], BLOCK)", 2),
    "output": ("matrix(float_pointer(rows[{i}]), rows[{i} + 1], rows[{i} + 2])", 3),
    "array-1": ("vector(offset(parameters, rows[{i}]), rows[{i} + 1])", 2),
    "array-2": ("matrix(offset(parameters, rows[{i}]), rows[{i} + 1], rows[{i} + 2])", 3),
    "float": ("parameters[{j}]", 0),
    "int": ("to_integer(parameters[{j}])", 0),
    "bool": ("parameters[{j}] != 0.0", 0),
}


@cache
def _glue(kernel: types.FunctionType, kinds: tuple[str, ...], lanes: int) -> types.FunctionType:
    """The function with the shared ABI that calls `kernel` with arguments of these kinds.

    The length of a block is a constant of its code.
    """
    i = j = 0
    arguments: list[str] = []
    for kind in kinds:
        if kind in CONTEXT:
            arguments.append(kind)
            continue
        expression, cells = FETCH[kind]
        arguments.append(expression.format(i=i, j=j))
        i += cells
        j += cells == 0
    text = (
        "def stage(arm, block, draws, rows, parameters, step, lane, seed):\n"
        f"    kernel({', '.join(arguments)})\n"
    )
    namespace: dict[str, object] = {
        "kernel": kernel,
        "BLOCK": lanes,
        "vector": abi.vector,
        "matrix": abi.matrix,
        "offset": abi.offset,
        "float_pointer": abi.float_pointer,
        "to_integer": to_integer,
    }
    exec(text, namespace)
    function = namespace["stage"]
    assert isinstance(function, types.FunctionType)
    function.__name__ = kernel.__name__
    return function
