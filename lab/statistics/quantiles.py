"""Linear quantiles of samples that may hold infinities."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def quantiles(values: ArrayLike, q: ArrayLike, axis: int = -1) -> np.ndarray:
    """Quantiles by linear interpolation between order statistics, with +inf as the largest value.

    On finite data the result equals `numpy.quantile` to the last bit. A quantile that gives an
    infinite order statistic a weight above zero is infinite; numpy's is NaN there.

    Parameters
    ----------
    values:
        Array with at least one element along `axis`; finite or +inf.
    q:
        Levels in [0, 1], a number or an array.
    axis:
        The axis of the sample.

    Returns
    -------
    numpy.ndarray
        float64 of shape q.shape + the shape of `values` without `axis`.

    Raises
    ------
    ValueError
        An empty sample, NaN or -inf among the values, or a level outside [0, 1].

    References
    ----------
    Definition 7 of Hyndman and Fan, "Sample quantiles in statistical packages", The American
    Statistician 50 (1996).
    """
    ranked = np.sort(np.moveaxis(np.asarray(values, dtype=np.float64), axis, -1), axis=-1)
    levels = np.asarray(q, dtype=np.float64)
    if not np.all((levels >= 0.0) & (levels <= 1.0)):
        raise ValueError(f"quantile levels must be in [0, 1], got {q}")
    if ranked.shape[-1] == 0:
        raise ValueError("the quantiles of an empty sample are not defined")
    if np.isnan(ranked[..., -1]).any() or np.isneginf(ranked[..., 0]).any():
        raise ValueError("a sample must hold neither NaN nor -inf")
    return interpolate(ranked, levels)


def interpolate(ranked: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Quantiles of samples that are already in ascending order along the last axis."""
    last = ranked.shape[-1] - 1
    position = last * levels
    below = np.floor(position).astype(np.intp)
    weight = (position - below).reshape(levels.shape + (1,) * (ranked.ndim - 1))
    axes = (*range(ranked.ndim - 1, ranked.ndim - 1 + levels.ndim), *range(ranked.ndim - 1))
    low = ranked[..., below].transpose(axes)
    high = ranked[..., np.minimum(below + 1, last)].transpose(axes)
    with np.errstate(invalid="ignore", over="ignore"):
        step = high - low
        # numpy's two forms, each exact at its own end; the choice keeps the last bit equal to its.
        inner = np.where(weight >= 0.5, high - step * (1.0 - weight), low + step * weight)
    return np.where(weight == 0.0, low, np.where(np.isinf(high), high, inner))
