"""Wilcoxon's signed-rank test for paired samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class SignedRank:
    """Result of the signed-rank test.

    Parameters
    ----------
    p_value:
        Two-sided.
    effect:
        Rank-biserial correlation: rank sum of the pairs with a > b less that of those with a < b,
        over their total; -1 when a is always smaller, 0 when nothing differs.
    n:
        Number of pairs, ties included.
    note:
        What is unusual; empty in the ordinary case.
    """

    p_value: float
    effect: float
    n: int
    note: str = ""


def signed_rank(a: ArrayLike, b: ArrayLike) -> SignedRank:
    """Test whether the differences a - b are symmetric about 0, as they are if a and b are alike.

    Ties are ranked and then dropped (Pratt). A pair with one infinity is a difference larger than
    any finite one; two infinities tie.

    Parameters
    ----------
    a, b:
        Shape (n,), n >= 1, paired by seed; finite or +inf.

    References
    ----------
    Wilcoxon, Biometrics Bulletin 1 (1945); Pratt, Journal of the American Statistical Association
    54 (1959); Kerby, "The simple difference formula", Comprehensive Psychology 3 (2014).
    """
    from scipy.stats import rankdata, wilcoxon

    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        difference = np.where(first == second, 0.0, first - second)
    n = len(difference)
    if not difference.any():
        return SignedRank(1.0, 0.0, n, "equal for every seed")
    # Ranks in place of values: the test sees no infinity, and is the same.
    signed = np.sign(difference) * rankdata(np.abs(difference))
    effect = float(signed.sum() / np.abs(signed).sum())
    found: Any = wilcoxon(signed, zero_method="pratt")
    return SignedRank(float(found.pvalue), effect, n)
