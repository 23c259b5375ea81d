"""Bounds on the mean suboptimality of SGD with rates in [a, b] (theorem A.1 and its repairs).

f = (1/n) sum f_i with minimiser x*; every f_i convex and L-smooth, b < 1/L; R2 = |x_0 - x*|^2,
sigma = E |grad f_i(x*)|^2, Delta = f* - E inf f_i. Each bounds (1/T) sum_t E f(x_t) - f*, and so
f(mean of the x_t) - f*.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Setting:
    """What the bounds are made of.

    low, high: a and b, 0 < a <= b < 1/L. L: the smoothness of every term. r2, sigma, delta: R2,
    sigma and Delta, in the units of x^2, of the squared gradient and of f; Delta is infinite where
    a term has no lower bound.
    """

    low: float
    high: float
    L: float
    r2: float
    sigma: float
    delta: float

    def bound_a(self, steps: int) -> float:
        """R2/(2 a T) + b^2 sigma / (2 a (1 - b L)).

        For rates that are fixed before the term is drawn. Garrigos & Gower, Handbook of convergence
        theorems for (stochastic) gradient methods, Lemma 6.7 and the theorem after it, with rates
        between a and b.
        """
        variance = self.high**2 * self.sigma / (2.0 * self.low * (1.0 - self.high * self.L))
        return self.r2 / (2.0 * self.low * steps) + variance

    def bound_b(self, steps: int) -> float:
        """R2/(2 m T) + ((b - m)/m) Delta, m = min(a (1 - a L), b (1 - b L)).

        For any rates in [a, b], those that depend on the drawn term included.
        """
        m = min(rate * (1.0 - rate * self.L) for rate in (self.low, self.high))
        floor = (self.high - m) / m * self.delta if self.delta else 0.0
        return self.r2 / (2.0 * m * steps) + floor

    def bound_reconstructed(self, steps: int) -> float:
        """R2/(4 a T (1 - b L/2)): leading term of GreedyLR, arXiv 2512.14527, theorem A.1.

        Reconstructed from its text; the variance term is not.
        """
        return self.r2 / (4.0 * self.low * steps * (1.0 - 0.5 * self.high * self.L))

    def recursion(self, steps: int) -> float:
        """alpha^T, 1 - alpha = 2 a L (1 - b L/2).

        What f_T / f_0 would be at most without noise if the one-step recursion of the theorem's
        proof (reconstructed) held.
        """
        return math.pow(1.0 - 2.0 * self.low * self.L * (1.0 - 0.5 * self.high * self.L), steps)
