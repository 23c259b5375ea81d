"""The standard normal distribution, without the import time of scipy."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

_STANDARD = NormalDist()


def probability(z: float) -> float:
    """Phi(z), for any z including the infinite."""
    return _STANDARD.cdf(z)


def quantile(p: float) -> float:
    """The z with Phi(z) = p; p in [0, 1]."""
    if p <= 0.0 or p >= 1.0:
        return float(np.copysign(np.inf, p - 0.5))
    return _STANDARD.inv_cdf(p)
