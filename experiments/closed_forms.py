"""What can be said without a simulation of Algorithm 1's factor F: 1-D quadratics, and problem P3.

On f = L x^2 / 2, without noise and clamps, a step multiplies x by 1 - u with u = lr L. The loss
falls exactly when 0 < u < 2, so u climbs below 2 and falls above it: it ends in the orbit
{v, v F} with v in [2, 2 / F), in which |x| changes by |v - 1| and |1 - v F| in turn. Which v it is
(the phase) depends on lr_0 L alone; ln v is spread evenly when ln lr_0 is.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

#: Below it orbits with v F < 1 can diverge as well: the smaller root of F^2 - 6 F + 1.
TWO_INTERVALS = 3.0 - 2.0 * math.sqrt(2.0)


def orbit_rate(v: ArrayLike, F: ArrayLike) -> np.ndarray:
    """Mean growth of ln|x| a step in the orbit {v, v F}: (ln|v - 1| + ln|1 - v F|) / 2."""
    v, F = np.asarray(v, dtype=np.float64), np.asarray(F, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return 0.5 * (np.log(np.abs(v - 1.0)) + np.log(np.abs(1.0 - v * F)))


def phase(u: ArrayLike, F: ArrayLike) -> np.ndarray:
    """The v in [2, 2 / F) that lr_0 L = u ends at: u times a whole power of F."""
    u, F = np.asarray(u, dtype=np.float64), np.asarray(F, dtype=np.float64)
    return 2.0 * F ** -np.mod(np.log(u / 2.0) / -np.log(F), 1.0)


def phase_rate(F: ArrayLike) -> np.ndarray:
    """r(F), the mean of `orbit_rate` over the phases: growth of ln|x| a step.

    [Re Li2(2 F) - Re Li2(2 / F)] / (2 ln(1/F)); about -(ln F)^2 / 3 for F near 1, lowest at
    F = 0.43738 with -0.40207, positive below F = 0.19019.
    """
    F = np.asarray(F, dtype=np.float64)
    return (_dilogarithm(2.0 * F) - _dilogarithm(2.0 / F)) / (-2.0 * np.log(F))


def diverging_fraction(F: ArrayLike) -> np.ndarray:
    """Share of the phases whose orbit diverges; tends to 1/2 as F tends to 1.

    With v F >= 1 an orbit converges where v < 1 + 1/F, which leaves ln(2/(1 + F)) / ln(1/F). With
    v F < 1, possible for F < 1/2, it converges but for F < 3 - 2 sqrt(2), where v between the roots
    of F v^2 - (1 + F) v + 2 diverges.
    """
    F = np.asarray(F, dtype=np.float64)
    share = np.log(2.0 / (1.0 + F)) / -np.log(F)
    root = np.sqrt(np.maximum((1.0 + F) ** 2 - 8.0 * F, 0.0))
    low, high = (np.maximum(1.0 + F + sign * root, 4.0 * F) for sign in (-1.0, 1.0))
    return np.where(F < TWO_INTERVALS, share + np.log(high / low) / -np.log(F), share)


def sweep_factor(u: float, steps: int) -> float:
    """F* = (lr_0 L / 2)^(1/T): u = lr_0 L climbs to 2 just at the end, through 1 on its way.

    The best F of a short run. 1 or more where lr_0 L is 2 or more: then there is nothing to climb.
    """
    return (0.5 * u) ** (1.0 / steps)


def walk_variance(F: float, steps: int) -> float:
    """Variance of ln lr after so many steps on a noise floor: T (ln F)^2 / 3.

    There the losses are as good as exchangeable: rises and falls of a random permutation.
    """
    return steps * math.log(F) ** 2 / 3.0


def biased_limit(F: ArrayLike) -> np.ndarray:
    """Where Algorithm 1 settles on P3 (sample-bias) for small rates, min_lr <= F max_lr.

    The outlier is met with the rate F max_lr after any other term, with max_lr after itself, the
    others always with max_lr: the outlier has the weight w = 0.9 F + 0.1. x = w / (0.9 + 0.1 w).
    """
    w = 0.9 * np.asarray(F, dtype=np.float64) + 0.1
    return w / (0.9 + 0.1 * w)


def biased_gap(F: ArrayLike) -> np.ndarray:
    """F - f* at `biased_limit`."""
    return 0.5 * (1.0 - biased_limit(F)) ** 2


def exploding_mean(steps: ArrayLike) -> np.ndarray:
    """E f(x_T) of P6 (nonconvex-sum) at the rate 1/2 from x_0 = 1: 0.025 * 1.17625^T."""
    return 0.025 * 1.17625 ** np.asarray(steps, dtype=np.float64)


def exploding_average(steps: int) -> float:
    """E f(mean of x_0 .. x_(T-1)) of P6: x_t is a product of t factors 1/2 or 1.45, each as likely.

    E x_s x_t = 1.17625^min(s, t) * 0.975^|s - t|, and f(x) = 0.025 x^2.
    """
    t = np.arange(steps)
    earlier, apart = np.minimum.outer(t, t), np.abs(np.subtract.outer(t, t))
    return float(0.025 * np.mean(1.17625**earlier * 0.975**apart))


def _dilogarithm(x: np.ndarray) -> np.ndarray:
    """Real part of Li2, also on the cut x > 1."""
    from scipy.special import spence

    return spence((1.0 - x).astype(np.complex128)).real
