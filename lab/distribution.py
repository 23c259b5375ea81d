"""Quantiles of very many lanes: exact while they fit, from a histogram beyond."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lab.sketch import Histograms, bytes_a_series, in_parts
from lab.statistics.quantiles import interpolate

#: Most lanes whose quantiles are exact.
EXACT_LANES = 100_000


class Distribution:
    """Values of `lanes` lanes for an array of series, added a part of the lanes at a time.

    Parameters
    ----------
    series:
        Shape of the array of series.
    lanes:
        How many lanes there will be; beyond `EXACT_LANES` quantiles have the error that
        `lab.sketch` states.
    signed:
        Whether values may be negative.
    """

    def __init__(self, series: tuple[int, ...], lanes: int, signed: bool = False) -> None:
        self.series = series
        self.exact = lanes <= EXACT_LANES
        count = math.prod(series)
        self._values = np.empty((count, lanes if self.exact else 0))
        self._histograms = None if self.exact else Histograms(count, lanes, signed)
        self._filled = 0

    def add(self, values: np.ndarray, minimum: float | None = None, threads: int = 1) -> None:
        """Add values of shape (*series, lanes): finite or +inf.

        With a `minimum`, what counts of a value is how far it lies above; below counts as 0.
        """
        flat = values.reshape(len(self._values), -1)
        if self._histograms is not None:
            self._histograms.add(flat, minimum, threads)
        else:
            kept = self._values[:, self._filled : self._filled + flat.shape[1]]
            if minimum is None:
                kept[:] = flat
            else:
                np.maximum(np.subtract(flat, minimum, out=kept), 0.0, out=kept)
        self._filled += flat.shape[1]

    def add_places(self, places: np.ndarray, lanes: int, threads: int = 1) -> None:
        """Add losses of so many lanes in the form of `lab.sketch.record_places`."""
        assert self._histograms is not None
        self._histograms.add_places(places.reshape(len(self._values), -1), threads)
        self._filled += lanes

    def quantiles(self, levels: Sequence[float], threads: int = 1) -> np.ndarray:
        """Linear quantiles over all lanes added so far, shape (*series, levels)."""
        if self._histograms is not None:
            found = self._histograms.quantiles(levels)
        else:
            # In place: the order of lanes means nothing here, and a copy would double the memory.
            ranked = self._values[:, : self._filled]
            in_parts(lambda rows: ranked[rows].sort(axis=1), len(ranked), threads)
            if np.isnan(ranked[:, -1]).any():
                raise ValueError("a sample must not hold NaN")
            found = interpolate(ranked, np.asarray(levels, dtype=np.float64)).T
        return found.reshape(*self.series, len(levels))


def bytes_of(series: int, lanes: int, signed: bool = False) -> int:
    """Memory that a distribution of so many series takes."""
    return series * (8 * lanes if lanes <= EXACT_LANES else bytes_a_series(lanes, signed))
