"""RMSprop: the gradient over the root of a running mean of its square.

    v_t = alpha v_(t-1) + (1 - alpha) g_t^2
    b_t = momentum b_(t-1) + g_t / (sqrt(v_t) + eps)
    x_(t+1) = x_t - lr_t b_t

v and b start as 0; v is not corrected for it, so that the first steps are about 1 / sqrt(1 - alpha)
rates long.

Source: Tieleman & Hinton, lecture 6.5 of "Neural networks for machine learning", 2012; torch 2.13,
`RMSprop`.
"""

from __future__ import annotations

from lab.component import Optimizer, Parameter, State
from lab.engine.bits import fma
from lab.engine.maths import square_root


def step(x, grad, lr, square_avg, momentum_buffer, alpha, eps, momentum):
    """One step of every lane."""
    weight = 1.0 - alpha
    for i in range(x.shape[0]):
        for k in range(x.shape[1]):
            g = grad[i, k]
            v = fma(weight * g, g, alpha * square_avg[i, k])
            square_avg[i, k] = v
            buffer = fma(momentum, momentum_buffer[i, k], g / (square_root(v) + eps))
            momentum_buffer[i, k] = buffer
            x[i, k] = fma(-lr[k], buffer, x[i, k])


RMSPROP = Optimizer(
    name="rmsprop",
    summary="the gradient over the root of a running mean of its square",
    source="torch 2.13, RMSprop",
    kernel=step,
    parameters=(
        Parameter("alpha", 0.99, "share of the mean squared gradient that a step keeps", "[0, 1)"),
        Parameter("eps", 1e-8, "added to the root", "(0, inf)"),
        Parameter("momentum", 0.0, "share of the buffer that a step keeps", "[0, 1]"),
    ),
    state={"square_avg": State(rows="vector"), "momentum_buffer": State(rows="vector")},
    default_lr=0.01,
    notes="The reference's option centered is not offered.",
    aliases=("RMSprop",),
)
