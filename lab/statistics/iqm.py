"""The interquartile mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lab.statistics.bca import bca_interval
from lab.statistics.interval import Interval


def iqm(values: ArrayLike, axis: int = -1) -> np.ndarray:
    """Mean of the middle half: a quarter of the values (rounded down) is left out on each side.

    Parameters
    ----------
    values:
        Finite or +inf; at least one value along `axis`. The result is infinite when more than a
        quarter is.
    axis:
        The axis of the sample.

    References
    ----------
    Agarwal, Schwarzer, Castro, Courville, Bellemare, "Deep reinforcement learning at the edge of
    the statistical precipice", NeurIPS 2021, section 4.
    """
    ranked = np.sort(np.moveaxis(np.asarray(values, dtype=np.float64), axis, -1), axis=-1)
    n = ranked.shape[-1]
    return ranked[..., n // 4 : n - n // 4].mean(axis=-1)


def iqm_interval(
    sample: ArrayLike, resamples: int = 2000, confidence: float = 0.95, seed: int = 0
) -> Interval:
    """Interquartile mean of a sample, shape (n,), with its BCa interval (see `bca_interval`)."""
    return bca_interval(lambda samples: iqm(samples[0]), sample, resamples, confidence, seed)
