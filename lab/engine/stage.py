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
from functools import cache
from typing import NamedTuple

import numpy as np

from lab.engine import abi
from lab.engine.bits import to_integer
from lab.engine.native import address_of, callers, native
from lab.errors import unknown

SIGNATURE = "pppqpllu"
#: Kinds of arguments by space, and whether they are a single row.
KINDS = {
    (space, single): f"{space}-{'row' if single else 'rows'}"
    for space in ("arm", "block", "draws")
    for single in (True, False)
}
CONTEXT = ("step", "lane", "seed")


class Rows(NamedTuple):
    """Rows of a workspace: `space` is arm, block or draws, `height` is how many.

    `tile` counts the slots of a draw; `lanes` is the length of a row, the same in all spaces.
    """

    space: str
    first: int
    height: int
    single: bool = False
    tile: int = 1
    lanes: int = abi.BLOCK

    @property
    def kind(self) -> str:
        """How an argument of a kernel is fetched from here: a key of `FETCH`."""
        return KINDS[self.space, self.single]

    @property
    def cells(self) -> list[int]:
        """What the row map says of such an argument."""
        if self.space == "draws":
            return [self.first, self.height, self.tile - 1]
        return [self.first, self.height]


class Tile(NamedTuple):
    """All slots of a draw at once, as rows: what the generators fill."""

    rows: Rows
    kind = "tile"

    @property
    def lanes(self) -> int:
        """Length of a row."""
        return self.rows.lanes

    @property
    def cells(self) -> list[int]:
        """The first row, and how many there are."""
        return [self.rows.first, self.rows.height * self.rows.tile]


class Output(NamedTuple):
    """A recording array of shape (steps, lanes) outside the workspace; kept alive by its owner."""

    array: np.ndarray
    kind = "output"

    @property
    def cells(self) -> list[int]:
        """Where the array is, and its shape."""
        return [address_of(self.array), *self.array.shape]


Value = Rows | Tile | Output | float | int | bool | np.ndarray


#: Arguments that say themselves how they are fetched.
PLACES = (Rows, Tile, Output)


class Stage(NamedTuple):
    """A stage with its row map and numbers, ready for the driver; `owner` keeps its code alive.

    `code` is the function that is compiled for it, or the address of what is compiled already.
    """

    code: types.FunctionType | int
    rows: np.ndarray
    parameters: np.ndarray
    every: int = 1
    owner: object = None

    @property
    def kernel(self) -> tuple[types.FunctionType, str] | None:
        """The function with the signature to compile it for, if there is one to compile."""
        code: object = self.code
        return (code, SIGNATURE) if isinstance(code, types.FunctionType) else None

    @property
    def address(self) -> int:
        """Address of the machine code, which is compiled where there is none."""
        if self.kernel is not None:
            return native(*self.kernel).address
        assert isinstance(self.code, int)
        return self.code


def bind(kernel: types.FunctionType, values: Mapping[str, Value], every: int = 1) -> Stage:
    """The stage that calls `kernel` on the places where its arguments live.

    `every` = K makes the driver call the stage at steps K - 1, 2 K - 1, ... only.

    Raises
    ------
    RequestError
        The kernel asks for a name that `values` does not hold.
    """
    kinds: list[str] = []
    rows: list[int] = []
    numbers: list[float] = []
    arrays: list[tuple[int, np.ndarray]] = []
    lanes = abi.BLOCK
    for name in argument_names(kernel):
        if name in CONTEXT:
            kinds.append(name)
            continue
        value = values.get(name)
        if isinstance(value, PLACES):
            kinds.append(value.kind)
            rows += value.cells
            if not isinstance(value, Output):
                lanes = value.lanes
        elif isinstance(value, np.ndarray):
            kinds.append(f"array-{value.ndim}")
            arrays.append((len(rows), value))
            rows += [0, *value.shape]
        elif value is None:
            code = kernel.__code__
            where = f"kernel {kernel.__name__!r} ({code.co_filename} line {code.co_firstlineno})"
            raise unknown("argument", name, {*values, *CONTEXT}, where)
        else:
            kinds.append(
                "bool" if isinstance(value, bool) else "int" if isinstance(value, int) else "float"
            )
            numbers.append(float(value))
    for place, array in arrays:
        rows[place] = len(numbers)
        numbers += np.asarray(array, dtype=np.float64).ravel().tolist()
    return Stage(
        _glue(kernel, tuple(kinds), lanes),
        np.array(rows or [0], dtype=np.int64),
        np.array(numbers or [0.0], dtype=np.float64),
        every,
    )


@cache
def argument_names(kernel: types.FunctionType) -> tuple[str, ...]:
    """Names of a kernel's arguments, kept: a pass asks for those of few kernels, many times."""
    return tuple(inspect.signature(kernel).parameters)


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
    callers.add(function)
    return function
