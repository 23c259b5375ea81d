"""Operations that kernels use and Python lacks: fused multiply-add and the bits of a float.

The definitions here are what runs when a kernel is called as plain Python; `lab.engine.compiler`
gives Numba the single instruction for each.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np


def fma(a: float, b: float, c: float) -> float:
    """a*b + c, rounded once."""
    if np.isfinite(a) and np.isfinite(b) and not np.isfinite(c):
        return np.float64(c)  # however large the product
    if not (np.isfinite(a) and np.isfinite(b)):
        with np.errstate(invalid="ignore"):
            return np.float64(a) * np.float64(b) + np.float64(c)
    exact = Fraction(float(a)) * Fraction(float(b)) + Fraction(float(c))
    if exact == 0:
        with np.errstate(under="ignore"):
            return np.float64(a) * np.float64(b) + np.float64(c)
    try:
        return np.float64(float(exact))
    except OverflowError:
        return np.float64(np.inf if exact > 0 else -np.inf)


def stream(array, i, j, row, k) -> None:
    """array[i, j:j+8] = row[k:k+8], past the caches where the place is on a cache-line boundary.

    For values that are read again much later, if at all.
    """
    eight = row[k : k + 8]
    array[i, j : j + len(eight)] = eight


def to_bits(x: float) -> np.uint64:
    """IEEE 754 bits of a float64."""
    return np.float64(x).view(np.uint64)


def from_bits(n: np.uint64) -> np.float64:
    """The float64 with these IEEE 754 bits."""
    return np.uint64(n).view(np.float64)


def to_integer(x: float) -> int:
    """Truncate x to an int64; unlike `int`, raises nothing and so compiles to one instruction."""
    return int(x)
