"""Gradient descent with Nesterov's momentum, in the form that needs the gradient at x_t only.

    b_t = momentum b_(t-1) + g_t,  b_0 = g_0
    x_(t+1) = x_t - lr_t (g_t + momentum b_t)

Source: Nesterov, "A method of solving a convex programming problem with convergence rate O(1/k^2)",
1983; Sutskever et al., ICML 2013; torch 2.13, `SGD` with nesterov.
"""

from __future__ import annotations

from lab.component import Optimizer, Parameter, State
from lab.engine.bits import fma


def step(x, grad, lr, momentum_buffer, momentum):
    """One step of every lane."""
    for i in range(x.shape[0]):
        for k in range(x.shape[1]):
            g = grad[i, k]
            buffer = fma(momentum, momentum_buffer[i, k], g)
            momentum_buffer[i, k] = buffer
            x[i, k] = fma(-lr[k], fma(momentum, buffer, g), x[i, k])


NESTEROV = Optimizer(
    name="nesterov",
    summary="gradient descent with Nesterov's momentum",
    source="torch 2.13, SGD with nesterov",
    kernel=step,
    parameters=(
        Parameter(
            "momentum", 0.9, "share of the buffer that a step keeps (torch's default: 0)", "[0, 1]"
        ),
    ),
    state={"momentum_buffer": State(rows="vector")},
)
