"""Times to an event that some lanes do not reach: recovery, or a target."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lab.statistics.bca import bca_interval
from lab.statistics.interval import Interval


@dataclass(frozen=True)
class SurvivalCurve:
    """Kaplan-Meier estimate of the probability that the event comes later than `time`.

    Parameters
    ----------
    time, survival:
        Shape (events,): the distinct times at which something happened or was censored, and the
        estimate from each of them on; before the first it is 1.
    low, high:
        Pointwise interval.
    n, censored:
        Number of lanes, and of those among them that had no event.
    """

    time: np.ndarray
    survival: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n: int
    censored: int


def kaplan_meier(
    times: ArrayLike, observed: ArrayLike, confidence: float = 0.95
) -> SurvivalCurve:
    """Kaplan-Meier curve with pointwise intervals (Greenwood's variance, log-log scale).

    Parameters
    ----------
    times:
        Shape (n,): time of the event, or until which a lane was seen without it.
    observed:
        Shape (n,): whether the event came; False is censored.
    confidence:
        Of the intervals. Where all lanes have had the event the interval has no width of its own:
        it is [0, the interval's upper end before].

    References
    ----------
    Kaplan and Meier, Journal of the American Statistical Association 53 (1958).
    """
    from scipy.stats import ecdf

    curve = ecdf(_censored(times, observed)).sf
    ...


def log_rank(
    a_times: ArrayLike, a_observed: ArrayLike, b_times: ArrayLike, b_observed: ArrayLike
) -> float:
    """Two-sided p-value of the log-rank test, which takes the samples as unpaired.

    Parameters
    ----------
    a_times, a_observed, b_times, b_observed:
        As in `kaplan_meier`, for two groups of lanes.

    References
    ----------
    Mantel, Cancer Chemotherapy Reports 50 (1966).
    """
    from scipy.stats import logrank

    return float(logrank(_censored(a_times, a_observed), _censored(b_times, b_observed)).pvalue)
