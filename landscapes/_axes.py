"""Sums of weighted squares, one weight a coordinate."""

from __future__ import annotations

import numpy as np

from lab.component import Facts
from lab.engine.bits import fma


def weighted_squares(x, value, grad, weights):
    """Fill `value` (lanes,) and `grad` (dim, lanes) with sum_i weights_i x_i^2 and its slopes."""
    dim, n = x.shape
    for k in range(n):
        value[k] = 0.0
    for i in range(dim):
        weight = weights[i]
        for k in range(n):
            pull = weight * x[i, k]
            grad[i, k] = 2.0 * pull
            value[k] = fma(pull, x[i, k], value[k])


def facts_of_weights(weights: np.ndarray) -> Facts:
    """Minimiser 0 with f* = 0; L and mu are twice the largest and the smallest weight."""
    largest = float(weights.max())
    return Facts(
        dim=len(weights),
        minimum=0.0,
        minimiser=np.zeros(len(weights)),
        base_lr=0.5 / largest,  # 1/L
        L=2.0 * largest,
        mu=2.0 * float(weights.min()),
    )
