"""An average over scenarios, with what is uncertain about it.

Scenarios of one landscape are alike, and further landscapes are what a reader will meet: the mean
is that of the landscapes' means, and its interval is Student's t over the m landscapes, with the
error of the design, which all scenarios share, added:

    mean +- t_(m-1) sqrt(s^2 / m + v)

s^2 is the variance between the landscapes' means, v that of the mean over resampled rows of the
design. Part of v is in s^2 already: the interval is rather too wide than too narrow.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lab.statistics.interval import Interval


def pooled(
    values: np.ndarray, landscapes: Sequence[str], replicates: np.ndarray | None = None
) -> Interval:
    """Mean of one value a scenario, with its 95 % interval over landscapes.

    values: (scenarios,), NaN where undefined, which is left out. replicates: the same from
    resampled designs, (resamples, scenarios). `n` of the result counts landscapes.
    """
    kept = ~np.isnan(values)
    names = [name for name, keep in zip(landscapes, kept, strict=True) if keep]
    every = list(dict.fromkeys(names))
    m = len(every)
    if m == 0:
        return Interval(None, None, None, 0, "nothing varies")
    share = np.array([[name == other for name in names] for other in every], dtype=float)
    share /= share.sum(axis=1, keepdims=True)
    means = share @ values[kept]
    mean = float(means.mean())
    if m < 2:
        return Interval(mean, None, None, m, "one landscape: no interval over landscapes")
    drawn = None if replicates is None else replicates[:, kept] @ share.mean(axis=0)
    shared = 0.0 if drawn is None else float(np.nanvar(drawn))
    half = _student(m - 1) * float(np.sqrt(means.var(ddof=1) / m + shared))
    return Interval(mean, mean - half, mean + half, m)


def _student(freedom: int) -> float:
    """The 97.5 % quantile of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.975))
