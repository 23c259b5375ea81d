"""Adam: steps of about the rate in every coordinate, whatever the gradient's size.

    m_t = m_(t-1) + (1 - beta1) (g_t - m_(t-1))
    v_t = beta2 v_(t-1) + (1 - beta2) g_t^2
    x_(t+1) = x_t - lr_t m_t / (1 - beta1^(t+1)) / (sqrt(v_t / (1 - beta2^(t+1))) + eps)

m and v start as 0. The corrections of the bias are multiplied as reciprocals, a division being the
dearest operation here; that moves a step by a few units in the last place.

Source: Kingma & Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1; torch
2.13, `Adam`.
"""

from __future__ import annotations

import math

import numpy as np

from lab.component import Constants, Optimizer, Parameter, State, Values
from lab.engine.bits import fma
from lab.engine.maths import square_root


def step(x, grad, lr, exp_avg, exp_avg_sq, beta1, beta2, eps, corrections, step):
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
            x[i, k] -= lr[k] * factor1 * m / fma(square_root(v), root2, eps)


def bias_corrections(values: Values, steps: int) -> Constants:
    """1 / (1 - beta1^(t+1)) and 1 / sqrt(1 - beta2^(t+1)) of every step t, shape (2, steps)."""
    beta1, beta2 = values["beta1"], values["beta2"]
    powers = range(1, max(steps, 1) + 1)
    first = [1.0 / (1.0 - beta1**n) for n in powers]
    second = [1.0 / math.sqrt(1.0 - beta2**n) for n in powers]
    return {"corrections": np.array([first, second])}


#: Parameters that the members of the family share.
MOMENTS = (
    Parameter("beta1", 0.9, "share of the mean gradient that a step keeps", "[0, 1)"),
    Parameter("beta2", 0.999, "share of the mean squared gradient that a step keeps", "[0, 1)"),
    Parameter("eps", 1e-8, "added to the root mean square", "[0, inf)"),
)

ADAM = Optimizer(
    name="adam",
    summary="Adam: steps of about the rate in every coordinate",
    source="torch 2.13, Adam",
    kernel=step,
    parameters=MOMENTS,
    state={"exp_avg": State(rows="vector"), "exp_avg_sq": State(rows="vector")},
    default_lr=0.01,
    constants=bias_corrections,
    notes="The lab's rate of 0.01 is that of the robustness study; torch's default is 0.001.",
    aliases=("Adam",),
)
