"""The standard normal distribution, without the import time of scipy."""

from __future__ import annotations

import math
from statistics import NormalDist

_STANDARD = NormalDist()


def probability(z: float) -> float:
    """Phi(z), accurate in both tails; z may be infinite."""
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def quantile(p: float) -> float:
    """The z with Phi(z) = p; p in [0, 1]."""
    if p <= 0.0 or p >= 1.0:
        return math.copysign(math.inf, p - 0.5)
    return _STANDARD.inv_cdf(p)
