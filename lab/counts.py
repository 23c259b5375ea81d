"""Quantiles of values that are counted instead of kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def counted_quantiles(
    counts: np.ndarray, values: np.ndarray, levels: Sequence[float]
) -> np.ndarray:
    """Linear quantiles, as `lab.statistics.quantiles` would give them for the values in full.

    Parameters
    ----------
    counts:
        How often each value occurs, shape (values,); at least one occurs.
    values:
        In ascending order, finite or +inf.
    levels:
        In [0, 1].
    """
    cumulative = np.cumsum(counts, dtype=np.int64)
    last = cumulative[-1] - 1
    position = last * np.asarray(levels, dtype=np.float64)
    below = np.floor(position).astype(np.int64)
    ranks = np.stack([below, np.minimum(below + 1, last)])
    low, high = values[np.searchsorted(cumulative, ranks, side="right")]
    weight = position - below
    with np.errstate(invalid="ignore"):
        inner = low + (high - low) * weight
    return np.where(weight == 0.0, low, np.where(np.isinf(high), high, inner))
