"""Holm's correction of a family of tests, and the intervals that go with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def holm_p_values(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values, in the order given: reject those below the level for the whole family.

    The k-th smallest of m is multiplied by m - k + 1; none is below a smaller one's. The
    probability of a false rejection in the family is at most the level, however the tests depend.

    References
    ----------
    Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
    Statistics 6 (1979).
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted.tolist()


def holm_confidences(p_values: Sequence[float], confidence: float = 0.95) -> list[float]:
    """Confidence for each test's interval, such that it excludes what Holm's procedure rejects.

    A rejected hypothesis of rank k among m gets 1 - (1 - confidence) / (m - k + 1); all others get
    the level at which the procedure stopped. The intervals decide as the tests do; that all of them
    cover at once is promised by `simultaneous_confidence` only.
    """
    p = np.asarray(p_values, dtype=np.float64)
    m, level = len(p), 1.0 - confidence
    order = np.argsort(p, kind="stable")
    steps = level / np.arange(m, 0, -1)
    failures = np.flatnonzero(p[order] > steps)
    if failures.size:
        steps[failures[0] :] = steps[failures[0]]
    confidences = np.empty(m)
    confidences[order] = 1.0 - steps
    return confidences.tolist()


def simultaneous_confidence(count: int, confidence: float = 0.95) -> float:
    """Confidence of each of `count` intervals that all cover with `confidence` (Bonferroni)."""
    return 1.0 - (1.0 - confidence) / count
