"""Time to target over many targets, as the COCO platform shows it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def log_targets(high: float = 1e2, low: float = 1e-8, count: int = 51) -> np.ndarray:
    """Targets f - f* > 0 evenly spaced on the log scale, shape (count,), from easy to hard.

    The defaults are COCO's.
    """
    return np.geomspace(high, low, count)


def first_hits(losses: ArrayLike, targets: ArrayLike) -> np.ndarray:
    """The step at which each lane first is at or below each target.

    Parameters
    ----------
    losses:
        Shape (steps, lanes): suboptimality, +inf once a lane has diverged.
    targets:
        Shape (targets,).

    Returns
    -------
    numpy.ndarray
        Shape (targets, lanes): the row of `losses`, +inf where the target is never reached.
    """
    best = np.minimum.accumulate(np.asarray(losses, dtype=np.float64), axis=0)
    steps = len(best)
    hits = np.stack([np.sum(best > target, axis=0) for target in np.atleast_1d(targets)])
    return np.where(hits < steps, hits, np.inf)


def runtime_ecdf(hits: ArrayLike, budgets: ArrayLike) -> np.ndarray:
    """Share of all pairs of a target and a lane (or a problem) that are hit within each budget.

    Parameters
    ----------
    hits:
        Any shape, +inf for a target that was not reached; every pair counts the same.
    budgets:
        Shape (budgets,): steps.

    Returns
    -------
    numpy.ndarray
        Shape (budgets,): shares, the unreached pairs in the denominator.

    References
    ----------
    Hansen, Auger, Brockhoff, Tušar, "Anytime performance assessment in blackbox optimization
    benchmarking", IEEE Transactions on Evolutionary Computation 26 (2022), section V.
    """
    ranked = np.sort(np.asarray(hits, dtype=np.float64), axis=None)
    return np.searchsorted(ranked, budgets, side="right") / ranked.size
