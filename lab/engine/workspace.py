"""Rows of the lane block: who owns which, and the memory behind them."""

from __future__ import annotations

import numpy as np

from lab.engine.abi import BLOCK
from lab.engine.stage import Rows

ALIGNMENT = 64
#: Rows of a block that are passed through in every step: what a first-level cache of 32 to 48 kB
#: holds, more or less. Half as much again takes up to twice the time (`benchmarks/blocks.py`).
CACHED_BYTES = 40 * 1024


class Layout:
    """Hands out consecutive rows of one space (arm, block or draws) and their initial values."""

    def __init__(self, space: str, tile: int = 1, lanes: int = BLOCK) -> None:
        self.space = space
        self.tile = tile
        self.lanes = lanes
        self.initial: list[float] = []

    def rows(self, count: int, initial: float = 0.0) -> Rows:
        """`count` rows that a kernel sees as an array of shape (count, lanes)."""
        return self._take(count, initial, single=False)

    def row(self, initial: float = 0.0) -> Rows:
        """One row that a kernel sees as an array of shape (lanes,)."""
        return self._take(1, initial, single=True)

    def together(self, name: str, **initial: float) -> dict[str, Rows]:
        """Single rows side by side, by their names, and all of them at once as `name`."""
        first = self.size
        rows = {own: self.row(value) for own, value in initial.items()}
        return {**rows, name: self.since(first)}

    def since(self, first: int) -> Rows:
        """All rows that were handed out from `first` on, as an array of shape (count, lanes)."""
        return Rows(self.space, first, self.size - first, False, self.tile, self.lanes)

    def _take(self, count: int, initial: float, single: bool) -> Rows:
        first = len(self.initial)
        self.initial += [initial] * (count * self.tile)
        return Rows(self.space, first, count, single, self.tile, self.lanes)

    @property
    def size(self) -> int:
        """Rows in all."""
        return len(self.initial)


def aligned(raw: np.ndarray) -> np.ndarray:
    """Float64 array on the first cache-line boundary of some bytes, without `ALIGNMENT` of them.

    A misaligned one costs up to a factor 1.9.
    """
    start = -raw.ctypes.data % ALIGNMENT
    return raw[start : start + len(raw) - ALIGNMENT].view(np.float64)


def block_memory(rows: int, lanes: int = BLOCK) -> np.ndarray:
    """Memory for `rows` rows of one block of `lanes` lanes."""
    return aligned(np.zeros(max(rows, 1) * lanes * 8 + ALIGNMENT, dtype=np.uint8))


def block_lanes(rows: int) -> int:
    """Lanes of a block whose stages pass through so many rows in every step.

    As many as keep the rows near the first-level cache; below 16, two vectors, a loop would cost
    more than what it loops over.
    """
    return next((n for n in (BLOCK, 64, 32) if rows * n * 8 <= CACHED_BYTES), 16)
