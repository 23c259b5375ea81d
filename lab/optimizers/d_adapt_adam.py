"""D-Adaptation of Adam: the distance to the minimiser, in Adam's own scaling, sets the rate.

    lambda_t = d_t lr_t                     times sqrt(1 - beta2^(t+1)) / (1 - beta1^(t+1)) with
                                            use_bias_correction
    r_(t+1) = b r_t + (1 - b) lambda_t <g_t, s_t / (sqrt(v_t) + eps)>,    b = sqrt(beta2)
    m_(t+1) = beta1 m_t + (1 - beta1) lambda_t g_t
    v_(t+1) = beta2 v_t + (1 - beta2) g_t^2
    s_(t+1) = b s_t + (1 - b) lambda_t g_t
    d_(t+1) = max(d_t, min(r_(t+1) / ((1 - b) ||s_(t+1)||_1), growth_rate d_t))
    x_(t+1) = x_t - m_(t+1) / (sqrt(v_(t+1)) + eps)

The rate lies in m, so a change of it acts on later gradients only. With `decouple` x is multiplied
by 1 - weight_decay lambda_t first, as in AdamW; otherwise weight_decay x is added to the gradient.

Source: Defazio & Mishchenko, "Learning-rate-free learning by D-adaptation", ICML 2023
(arXiv 2301.07733), its algorithm for Adam; dadaptation 3.2, `DAdaptAdam`.
"""

from __future__ import annotations

import math

import numpy as np

from lab.component import Constants, Optimizer, Parameter, State, Values
from lab.optimizers.adam import MOMENTS
from lab.optimizers.d_adapt_sgd import ESTIMATE, ONE


def step(
    x, grad, lr, exp_avg, exp_avg_sq, s, taken, d, numerator, rate, product, size,
    beta1, beta2, eps, weight_decay, decouple, use_bias_correction, d0, growth_rate, corrections,
    root, step,
):  # fmt: skip
    """One step of every lane; none for one whose gradients have all been 0."""
    correction = corrections[step] if use_bias_correction else 1.0
    coupled = 0.0 if decouple else weight_decay
    decoupled = weight_decay if decouple else 0.0
    for k in range(lr.shape[0]):
        d[k] = d0 if taken[k] == 0.0 else d[k]
        rate[k] = d[k] * lr[k] * correction
        product[k] = 0.0
        size[k] = 0.0
    for i in range(x.shape[0]):
        for k in range(x.shape[1]):
            g = grad[i, k] + coupled * x[i, k]
            summed, v = s[i, k], exp_avg_sq[i, k]
            product[k] += rate[k] * (g * (summed / (math.sqrt(v) + eps)))
            exp_avg[i, k] = beta1 * exp_avg[i, k] + rate[k] * (1.0 - beta1) * g
            exp_avg_sq[i, k] = beta2 * v + (1.0 - beta2) * g * g
            summed = root * summed + rate[k] * (1.0 - root) * g
            s[i, k] = summed
            size[k] += abs(summed)
    estimate(product, size, numerator, d, taken, growth_rate, root)
    for i in range(x.shape[0]):
        for k in range(x.shape[1]):
            here = x[i, k]
            moved = here - decoupled * rate[k] * here
            moved = moved - exp_avg[i, k] / (math.sqrt(exp_avg_sq[i, k]) + eps)
            x[i, k] = moved if size[k] > 0.0 else here


def estimate(product, size, numerator, d, taken, growth_rate, root):
    """d_(t+1), from the weighted product and ||s_(t+1)||_1 in `size`."""
    for k in range(d.shape[0]):
        moves = size[k] > 0.0
        mean = root * numerator[k] + (1.0 - root) * product[k]
        hat = mean / ((1.0 - root) * (size[k] if moves else 1.0))
        most = d[k] * growth_rate
        hat = most if most < hat else hat
        numerator[k] = mean
        d[k] = hat if hat > d[k] else d[k]
        taken[k] = taken[k] + (1.0 if moves else 0.0)


def tables(values: Values, steps: int) -> Constants:
    """The quotient of the corrections of every step t, and the root of beta2."""
    beta1, beta2 = values["beta1"], values["beta2"]
    powers = range(1, max(steps, 1) + 1)
    quotients = [(1.0 - beta2**n) ** 0.5 / (1.0 - beta1**n) for n in powers]
    return {"corrections": np.array(quotients), "root": beta2**0.5}


#: Parameters of the members of Adam's family.
DECAY = (
    Parameter("weight_decay", 0.0, "pull of x to 0", "[0, inf)"),
    Parameter("decouple", False, "whether the pull is that of AdamW"),
    Parameter("use_bias_correction", False, "whether Adam's corrections multiply the rate"),
)

D_ADAPT_ADAM = Optimizer(
    name="d-adapt-adam",
    summary="Adam at a rate from an estimate of the distance to the minimiser",
    source="arXiv 2301.07733; dadaptation 3.2, DAdaptAdam",
    kernel=step,
    parameters=(*MOMENTS, *DECAY, *ESTIMATE),
    state={
        "exp_avg": State(rows="vector"),
        "exp_avg_sq": State(rows="vector"),
        "s": State(rows="vector"),
        "taken": State(),
        "d": State(),
        "numerator": State(),
        "rate": State(),
        "product": State(),
        "size": State(),
    },
    default_lr=1.0,
    constants=tables,
    notes=ONE,
    aliases=("DAdaptAdam",),
)
