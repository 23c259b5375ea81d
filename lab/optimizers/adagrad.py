"""AdaGrad: the gradient over the root of the sum of all its squares.

    s_t = s_(t-1) + g_t^2,  s_(-1) = initial_accumulator_value
    x_(t+1) = x_t - lr_t / (1 + t lr_decay) g_t / (sqrt(s_t) + eps)

Source: Duchi, Hazan & Singer, "Adaptive subgradient methods", JMLR 2011; torch 2.13, `Adagrad`.
"""

from __future__ import annotations

from lab.component import Optimizer, Parameter, State
from lab.engine.bits import fma
from lab.engine.maths import square_root


def step(x, grad, lr, sum, lr_decay, eps, step):
    """One step of every lane."""
    divisor = 1.0 + step * lr_decay
    for i in range(x.shape[0]):
        for k in range(x.shape[1]):
            g = grad[i, k]
            total = fma(g, g, sum[i, k])
            sum[i, k] = total
            x[i, k] -= lr[k] * g / (divisor * (square_root(total) + eps))


ADAGRAD = Optimizer(
    name="adagrad",
    summary="the gradient over the root of the sum of all its squares",
    source="torch 2.13, Adagrad",
    kernel=step,
    parameters=(
        Parameter("lr_decay", 0.0, "the rate is divided by 1 + t lr_decay", "[0, inf)"),
        Parameter("initial_accumulator_value", 0.0, "what the sum starts from", "[0, inf)"),
        Parameter("eps", 1e-10, "added to the root", "(0, inf)"),
    ),
    state={"sum": State(rows="vector", initial="initial_accumulator_value")},
    default_lr=0.01,
    aliases=("Adagrad",),
)
