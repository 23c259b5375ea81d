"""NAdam: Adam with Nesterov's momentum.

    mu_t = beta1 (1 - 0.96^(momentum_decay (t+1)) / 2),  M_t = mu_0 mu_1 ... mu_t
    m_t, v_t as in Adam
    d_t = sqrt(v_t / (1 - beta2^(t+1))) + eps
    x_(t+1) = x_t - lr_t ((1 - mu_t) / (1 - M_t) g_t + mu_(t+1) / (1 - M_(t+1)) m_t) / d_t

The reference keeps M_t in the default type, float32 unless told otherwise; here it is float64.

Source: Dozat, "Incorporating Nesterov momentum into Adam", 2016; torch 2.13, `NAdam`.
"""

from __future__ import annotations

import math

import numpy as np

from lab.component import Constants, Optimizer, Parameter, State, Values
from lab.engine.bits import fma
from lab.engine.maths import square_root
from lab.optimizers.adam import MOMENTS


def step(x, grad, lr, exp_avg, exp_avg_sq, beta1, beta2, eps, factors, step):
    """One step of every lane."""
    of_grad, of_mean, root2 = factors[0, step], factors[1, step], factors[2, step]
    weight1, weight2 = 1.0 - beta1, 1.0 - beta2
    for i in range(x.shape[0]):
        for k in range(x.shape[1]):
            g = grad[i, k]
            m = fma(weight1, g - exp_avg[i, k], exp_avg[i, k])
            v = fma(weight2 * g, g, beta2 * exp_avg_sq[i, k])
            exp_avg[i, k] = m
            exp_avg_sq[i, k] = v
            x[i, k] -= lr[k] * fma(of_grad, g, of_mean * m) / fma(square_root(v), root2, eps)


def weights(values: Values, steps: int) -> Constants:
    """Factors of g_t and m_t and 1 / sqrt(1 - beta2^(t+1)) of every step t, shape (3, steps)."""
    beta1, beta2, decay = values["beta1"], values["beta2"], values["momentum_decay"]
    powers = range(1, max(steps, 1) + 1)
    mu = [beta1 * (1.0 - 0.5 * 0.96 ** (n * decay)) for n in (*powers, len(powers) + 1)]
    product = np.multiply.accumulate(mu)
    of_grad = [(1.0 - mu[n - 1]) / (1.0 - product[n - 1]) for n in powers]
    of_mean = [mu[n] / (1.0 - product[n]) for n in powers]
    root = [1.0 / math.sqrt(1.0 - beta2**n) for n in powers]
    return {"factors": np.array([of_grad, of_mean, root])}


NADAM = Optimizer(
    name="nadam",
    summary="Adam with Nesterov's momentum",
    source="torch 2.13, NAdam",
    kernel=step,
    parameters=(
        *MOMENTS,
        Parameter("momentum_decay", 4e-3, "how fast mu approaches beta1", "[0, inf)"),
    ),
    state={"exp_avg": State(rows="vector"), "exp_avg_sq": State(rows="vector")},
    default_lr=0.01,
    constants=weights,
    notes="Starts from adam's rate of 0.01; torch's default is 0.002.",
    aliases=("NAdam",),
)
