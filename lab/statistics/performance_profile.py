"""Performance profiles: how often a schedule is within a factor of the best."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def performance_ratios(costs: ArrayLike) -> np.ndarray:
    """Cost over the best cost on the same problem, shape (problems, solvers), at least 1.

    Where the best cost is 0, solvers that also have 0 get 1 and all others +inf. A failure (+inf)
    has ratio +inf, also where every solver fails.

    Parameters
    ----------
    costs:
        Shape (problems, solvers): non-negative, +inf for a failure. Smaller is better.

    Raises
    ------
    ValueError
        A negative cost or NaN.
    """
    values = np.asarray(costs, dtype=np.float64)
    if not np.all(values >= 0.0):
        raise ValueError("costs must be non-negative numbers or +inf")
    best = values.min(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where(values == best, 1.0, values / best)
    return np.where(np.isinf(values), np.inf, ratios)


def performance_profile(costs: ArrayLike, factors: ArrayLike) -> np.ndarray:
    """Share of the problems that a solver solves within each factor of the best solver's cost.

    Parameters
    ----------
    costs:
        Shape (problems, solvers), as in `performance_ratios`.
    factors:
        Finite factors tau >= 1.

    Returns
    -------
    numpy.ndarray
        rho of shape (solvers, factors): rho(1) is the share of problems on which a solver is as
        good as the best; the limit for large tau is its share of problems solved.

    References
    ----------
    Dolan and Moré, "Benchmarking optimization software with performance profiles", Mathematical
    Programming 91 (2002), section 2.
    """
    ranked = np.sort(performance_ratios(costs), axis=0)
    counts = [np.searchsorted(column, factors, side="right") for column in ranked.T]
    return np.stack(counts) / len(ranked)
