"""Adam with decoupled weight decay.

    x_(t+1) = (1 - lr_t weight_decay) x_t - (Adam's step)

with Adam's step as in `lab.optimizers.adam`; the decay enters neither of its means.

Source: Loshchilov & Hutter, "Decoupled weight decay regularization", ICLR 2019, algorithm 2; torch
2.13, `AdamW`.
"""

from __future__ import annotations

from lab.component import Optimizer, Parameter, State
from lab.engine.bits import fma
from lab.engine.maths import square_root
from lab.optimizers.adam import MOMENTS, bias_corrections


def step(x, grad, lr, exp_avg, exp_avg_sq, beta1, beta2, eps, weight_decay, corrections, step):
    """One step of every lane."""
    factor1, root2 = corrections[0, step], corrections[1, step]
    weight1, weight2 = 1.0 - beta1, 1.0 - beta2
    for i in range(x.shape[0]):
        for k in range(x.shape[1]):
            g = grad[i, k]
            m = fma(weight1, g - exp_avg[i, k], exp_avg[i, k])
            v = fma(weight2 * g, g, beta2 * exp_avg_sq[i, k])
            exp_avg[i, k] = m
            exp_avg_sq[i, k] = v
            kept = x[i, k] * (1.0 - lr[k] * weight_decay)
            x[i, k] = kept - lr[k] * factor1 * m / fma(square_root(v), root2, eps)


ADAMW = Optimizer(
    name="adamw",
    summary="Adam with decoupled weight decay",
    source="torch 2.13, AdamW",
    kernel=step,
    parameters=(
        *MOMENTS,
        Parameter("weight_decay", 0.01, "share of x, times the rate, that decays", "[0, inf)"),
    ),
    state={"exp_avg": State(rows="vector"), "exp_avg_sq": State(rows="vector")},
    default_lr=0.01,
    constants=bias_corrections,
    notes="Starts from adam's rate of 0.01; torch's default is 0.001. The decay pulls towards x ="
    " 0, which is the minimiser of few landscapes.",
    aliases=("AdamW",),
)
