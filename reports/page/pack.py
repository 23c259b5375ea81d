"""Numbers in few bytes: what a page embeds, and how its script reads it back.

Losses span hundreds of decades, and a figure shows a few hundred levels; so series are quantised on
a logarithmic scale to 16 bits, and equal series are kept once. Tables keep seven digits.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np

#: Codes of `Scale`: 0 is zero, these two are +inf and undefined, all between are numbers.
INFINITE, UNDEFINED = 65534, 65535
FLOAT32 = np.finfo(np.float32)


@dataclass(frozen=True)
class Scale:
    """A logarithmic scale of sizes: code 1 is 10^low, code `top` is 10^high.

    Where values may be negative, `signed`, codes from top + 1 on are the same sizes below zero.
    """

    low: float
    high: float
    signed: bool = False

    @classmethod
    def of(cls, values: np.ndarray) -> Scale:
        """The scale that spans the sizes of all finite values but zeros."""
        shown = values[np.isfinite(values) & (values != 0.0)]
        if not shown.size:
            return cls(0.0, 1.0)
        sizes = np.abs(shown)
        low, high = float(np.log10(sizes.min())), float(np.log10(sizes.max()))
        return cls(low, max(high, low + 1e-3), bool((shown < 0.0).any()))

    @property
    def top(self) -> int:
        """The code of the largest positive number."""
        return (INFINITE - 2) // 2 if self.signed else INFINITE - 1

    def codes(self, values: np.ndarray) -> np.ndarray:
        """Quantised values, uint16.

        The relative error is half a step, (10^(span / (top - 1)) - 1) / 2 for a scale that spans
        `span` decades: 0.004 % for two decades, 0.6 % for the 320 of all doubles.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            place = (np.log10(np.abs(values)) - self.low) / (self.high - self.low)
            codes = 1.0 + np.rint(np.clip(place, 0.0, 1.0) * (self.top - 1))
        codes = np.where(values < 0.0, codes + self.top, codes)
        codes = np.where(values == 0.0, 0.0, codes)
        codes = np.where(np.isposinf(values), INFINITE, codes)
        return np.where(np.isnan(values), UNDEFINED, codes).astype("<u2")

    def values(self, codes: np.ndarray) -> np.ndarray:
        """What the codes stand for, as the page reads them."""
        negative = self.signed & (codes > self.top)
        place = (np.where(negative, codes - float(self.top), codes) - 1.0) / (self.top - 1)
        size = 10.0 ** (self.low + place * (self.high - self.low))
        out = np.where(codes == 0, 0.0, np.where(negative, -size, size))
        return np.where(codes == INFINITE, np.inf, np.where(codes == UNDEFINED, np.nan, out))


def shared(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct rows of a table of codes, and for each row which of them it is."""
    flat = np.ascontiguousarray(rows.reshape(len(rows), -1))
    if not flat.size:
        return flat, np.zeros(len(rows), dtype=np.int64)
    whole = flat.view(np.dtype((np.void, flat.dtype.itemsize * flat.shape[1]))).ravel()
    _, first, inverse = np.unique(whole, return_index=True, return_inverse=True)
    return flat[first], inverse


def packed(values: np.ndarray) -> dict[str, Any]:
    """An array of numbers as JSON: its type and its bytes, little-endian, in base64."""
    kind = values.dtype.str.lstrip("<|=>")
    little = np.ascontiguousarray(values.astype("<" + kind))
    return {"type": kind, "data": base64.b64encode(little.tobytes()).decode("ascii")}


def whole(values: np.ndarray) -> dict[str, Any]:
    """Whole numbers from 0 in the smallest type that holds them."""
    top = int(values.max()) if values.size else 0
    kind = "u1" if top < 2**8 else "u2" if top < 2**16 else "u4"
    return packed(values.astype(kind))


def series(values: np.ndarray) -> dict[str, Any]:
    """Rows of numbers: quantised, equal rows kept once.

    `index` says for each row which of the stored rows it is.
    """
    scale = Scale.of(values)
    rows, index = shared(scale.codes(values))
    width = int(np.prod(values.shape[1:]))
    return {
        "low": scale.low, "high": scale.high, "top": scale.top, "width": width,
        "rows": packed(rows), "index": whole(index),
    }  # fmt: skip


def numbers(values: np.ndarray) -> dict[str, Any]:
    """Numbers to seven digits; as 64-bit floats where some are too large or too small for that."""
    shown = np.abs(values[np.isfinite(values) & (values != 0.0)])
    small = shown.size and (shown.min() < FLOAT32.tiny or shown.max() > FLOAT32.max)
    return packed(values.astype("f8" if small else "f4"))
