"""Gradient descent with heavy-ball momentum.

    b_t = momentum b_(t-1) + (1 - dampening) g_t,  b_0 = g_0
    x_(t+1) = x_t - lr_t b_t

The rate multiplies the whole buffer, past gradients included, so a change of the rate acts on them
too. Sutskever's form, in which the rate is taken into the buffer, differs when the rate changes.

Source: Polyak, "Some methods of speeding up the convergence of iteration methods", 1964;
torch 2.13, `SGD` with momentum.
"""

from __future__ import annotations

from lab.component import Optimizer, Parameter, State
from lab.engine.bits import fma


def step(x, grad, lr, momentum_buffer, momentum, dampening, step):
    """One step of every lane."""
    # The reference starts its buffer with the whole first gradient.
    weight = 1.0 if step == 0 else 1.0 - dampening
    for i in range(x.shape[0]):
        for k in range(x.shape[1]):
            buffer = fma(weight, grad[i, k], momentum * momentum_buffer[i, k])
            momentum_buffer[i, k] = buffer
            x[i, k] = fma(-lr[k], buffer, x[i, k])


MOMENTUM = Optimizer(
    name="momentum",
    summary="gradient descent with heavy-ball momentum",
    source="torch 2.13, SGD with momentum",
    kernel=step,
    parameters=(
        Parameter(
            "momentum", 0.9, "share of the buffer that a step keeps (torch's default: 0)", "[0, 1]"
        ),
        Parameter("dampening", 0.0, "share of a gradient that the buffer leaves out", "[0, 1]"),
    ),
    state={"momentum_buffer": State(rows="vector")},
)
