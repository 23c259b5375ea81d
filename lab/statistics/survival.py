"""Times to an event that some lanes do not reach: recovery, or a target."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lab.statistics.interval import Interval
from lab.statistics.means import mean_intervals


@dataclass(frozen=True)
class SurvivalCurve:
    """Kaplan-Meier estimate of the probability that the event comes later than `time`.

    Parameters
    ----------
    time, survival:
        Shape (times,): the distinct times of events and of censoring, ascending, and the estimate
        from each of them on; before the first it is 1.
    low, high:
        Pointwise interval, of the same shape.
    n, events:
        Number of lanes, and of those among them that reached the event.
    """

    time: np.ndarray
    survival: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n: int
    events: int


@dataclass(frozen=True)
class LogRank:
    """Result of the log-rank test, which takes its two samples as unpaired.

    statistic: the standardised difference of observed and expected events of the first sample,
    negative when its events come later. p_value: two-sided.
    """

    statistic: float
    p_value: float
    note: str = "unpaired"


def kaplan_meier(times: ArrayLike, horizon: float, confidence: float = 0.95) -> SurvivalCurve:
    """Kaplan-Meier curve with pointwise intervals: Greenwood's variance on the log-log scale.

    Where the estimate is 0 or 1 that variance does not exist; the interval is then the exact
    one-sided bound for a proportion of 0 among the events, or of 1 among the lanes.

    Parameters
    ----------
    times:
        Shape (n,), n >= 1: time of the event; beyond `horizon`, also +inf, it is censored there.
    horizon:
        How long every lane was followed.
    confidence:
        Of the intervals.

    References
    ----------
    Kaplan and Meier, Journal of the American Statistical Association 53 (1958); Kalbfleisch and
    Prentice, "The Statistical Analysis of Failure Time Data" (1980), section 1.4.
    """
    from scipy.stats import ecdf

    values = np.asarray(times, dtype=np.float64)
    curve = ecdf(censored(values, horizon)).sf
    with warnings.catch_warnings():
        # scipy's warning that the interval is undefined where the estimate is 0 or 1.
        warnings.simplefilter("ignore", RuntimeWarning)
        found = curve.confidence_interval(confidence, method="log-log")
    n, events = len(values), int(np.sum(values <= horizon))
    survival, tail = curve.probabilities, 0.5 * (1.0 - confidence)
    low = np.where(survival < 1.0, found.low.probabilities, tail ** (1.0 / n))
    high = np.where(survival > 0.0, found.high.probabilities, 1.0 - tail ** (1.0 / max(events, 1)))
    low, high = np.where(survival > 0.0, low, 0.0), np.where(survival < 1.0, high, 1.0)
    return SurvivalCurve(curve.quantiles, survival, low, high, n, events)


def log_rank(first: ArrayLike, second: ArrayLike, horizon: float) -> LogRank:
    """Log-rank test of equal survival; the times as in `kaplan_meier`, shapes (n,) and (m,).

    References
    ----------
    Mantel, Cancer Chemotherapy Reports 50 (1966).
    """
    from scipy.stats import logrank

    with np.errstate(invalid="ignore"):
        found = logrank(censored(first, horizon), censored(second, horizon))
    if np.isnan(found.statistic):
        return LogRank(0.0, 1.0, "unpaired; no event tells the samples apart")
    return LogRank(float(found.statistic), float(found.pvalue))


def censored(times: ArrayLike, horizon: float) -> Any:
    """Times as scipy's `CensoredData`, those beyond the horizon censored there."""
    from scipy.stats import CensoredData

    values = np.asarray(times, dtype=np.float64)
    return CensoredData.right_censored(np.minimum(values, horizon), values > horizon)


def restricted_mean(times: ArrayLike, horizon: float) -> float:
    """Mean time to the event within the horizon: the area under the Kaplan-Meier curve up to it.

    With all lanes followed to the horizon, this is the mean of min(time, horizon).
    """
    return float(np.minimum(np.asarray(times, dtype=np.float64), horizon).mean())


def restricted_mean_difference(
    first: ArrayLike,
    second: ArrayLike,
    horizon: float,
    resamples: int = 2000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Restricted mean of `first` less that of `second`, paired by seed, with its BCa interval.

    Parameters
    ----------
    first, second:
        Shape (n,), paired; times as in `kaplan_meier`.
    horizon:
        How long every lane was followed.
    resamples, confidence, seed:
        As in `lab.statistics.bca.bca_interval`.

    References
    ----------
    Royston and Parmar, "Restricted mean survival time: an alternative to the hazard ratio", BMC
    Medical Research Methodology 13 (2013).
    """
    within = np.minimum(np.stack([np.asarray(first), np.asarray(second)]), horizon)
    return mean_intervals(within[0] - within[1], None, resamples, confidence, seed)[0]
