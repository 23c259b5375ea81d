"""Gradient descent: x_(t+1) = x_t - lr_t g_t.

Source: Robbins & Monro, "A stochastic approximation method", 1951; torch 2.13, `SGD`.
"""

from __future__ import annotations

from lab.component import Optimizer
from lab.engine.bits import fma


def step(x, grad, lr):
    """One step of every lane."""
    for i in range(x.shape[0]):
        for k in range(x.shape[1]):
            x[i, k] = fma(-lr[k], grad[i, k], x[i, k])


SGD = Optimizer(
    name="sgd",
    summary="gradient descent",
    source="torch 2.13, SGD",
    kernel=step,
    aliases=("SGD",),
)
