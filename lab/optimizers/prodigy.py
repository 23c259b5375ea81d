"""Prodigy: D-Adaptation of Adam whose estimate of the distance grows faster.

    lambda_t = d_t lr_t                     times sqrt(1 - beta2^(t+1)) / (1 - beta1^(t+1)) with
                                            use_bias_correction
    r_(t+1) = beta3 r_t + (d_t / d_0) lambda_t <g_t, x_0 - x_t>
    s_(t+1) = beta3 s_t + (d_t / d_0) lambda_t g_t
    m_(t+1) = beta1 m_t + (1 - beta1) d_t g_t
    v_(t+1) = beta2 v_t + (1 - beta2) d_t^2 g_t^2
    h = d_coef r_(t+1) / ||s_(t+1)||_1,     largest = max(h, all h before, d_0)
    d_(t+1) = min(largest, growth_rate d_t)
    x_(t+1) = x_t - lambda_t m_(t+1) / (sqrt(v_(t+1)) + d_(t+1) eps)

The weights d_t / d_0 let late gradients, taken at better rates, outweigh the early ones. While d is
d_0, h may exceed the growth rate. beta3 = 0 stands for the root of beta2, the reference's default.
With safeguard_warmup lambda_t does not enter s but d_t. Gradients are decayed as in `d-adapt-adam`,
decoupled by default.

Source: Mishchenko & Defazio, "Prodigy: an expeditiously adaptive parameter-free learner", ICML 2024
(arXiv 2306.06101), its algorithm for Adam; prodigyopt 1.1.2, `Prodigy`.
"""

from __future__ import annotations

import math
from dataclasses import replace

from lab.component import Constants, Optimizer, Parameter, State, Values
from lab.optimizers._sums import remember_origin
from lab.optimizers.adam import MOMENTS
from lab.optimizers.d_adapt_adam import DECAY, tables
from lab.optimizers.d_adapt_sgd import ESTIMATE, ONE


def step(
    x, grad, lr, exp_avg, exp_avg_sq, s, origin, taken, d, d_max, numerator, rate, product, size,
    beta1, beta2, eps, weight_decay, decouple, use_bias_correction, safeguard_warmup, d0, d_coef,
    growth_rate, corrections, mean_share, step,
):  # fmt: skip
    """One step of every lane; none for one whose gradients have all been 0."""
    remember_origin(origin, x, taken)
    correction = corrections[step] if use_bias_correction else 1.0
    coupled = 0.0 if decouple else weight_decay
    decoupled = weight_decay if decouple else 0.0
    for k in range(lr.shape[0]):
        fresh = taken[k] == 0.0
        d[k] = d0 if fresh else d[k]
        d_max[k] = d0 if fresh else d_max[k]
        rate[k] = d[k] * lr[k] * correction
        product[k] = 0.0
        size[k] = 0.0
    for i in range(x.shape[0]):
        for k in range(x.shape[1]):
            here, distance = x[i, k], d[k]
            g = grad[i, k] + coupled * here
            scaled = distance * g
            product[k] += g * (origin[i, k] - here)
            exp_avg[i, k] = beta1 * exp_avg[i, k] + (1.0 - beta1) * scaled
            exp_avg_sq[i, k] = beta2 * exp_avg_sq[i, k] + (1.0 - beta2) * scaled * scaled
            weight = distance / d0 * (distance if safeguard_warmup else rate[k])
            summed = mean_share * s[i, k] + weight * g
            s[i, k] = summed
            size[k] += abs(summed)
    estimate(rate, product, size, numerator, d, d_max, taken, d0, d_coef, growth_rate, mean_share)
    for i in range(x.shape[0]):
        for k in range(x.shape[1]):
            here = x[i, k]
            moved = here - decoupled * rate[k] * here
            moved = moved - rate[k] * exp_avg[i, k] / (math.sqrt(exp_avg_sq[i, k]) + d[k] * eps)
            x[i, k] = moved if size[k] > 0.0 else here


def estimate(
    rate, product, size, numerator, d, d_max, taken, d0, d_coef, growth_rate, mean_share
):  # fmt: skip
    """d_(t+1), from <g_t, x_0 - x_t> in `product` and ||s_(t+1)||_1 in `size`."""
    for k in range(d.shape[0]):
        moves = size[k] > 0.0
        old, largest = d[k], d_max[k]
        total = mean_share * numerator[k] + old / d0 * rate[k] * product[k]
        hat = d_coef * total / (size[k] if moves else 1.0)
        distance = hat if (old == d0) & (hat > old) else old
        largest = hat if hat > largest else largest
        most = distance * growth_rate
        numerator[k] = total
        d[k] = most if most < largest else largest
        d_max[k] = largest
        taken[k] = taken[k] + (1.0 if moves else 0.0)


def constants(values: Values, steps: int) -> Constants:
    """The quotient of the corrections of every step t, and beta3."""
    share = values["beta3"] if values["beta3"] > 0.0 else values["beta2"] ** 0.5
    return {"corrections": tables(values, steps)["corrections"], "mean_share": share}


PRODIGY = Optimizer(
    name="prodigy",
    summary="Adam at a rate from an estimate of the distance that weighs late gradients more",
    source="arXiv 2306.06101; prodigyopt 1.1.2, Prodigy",
    kernel=step,
    parameters=(
        *MOMENTS,
        Parameter("beta3", 0.0, "share that the sums keep; 0: the root of beta2", "[0, 1)"),
        *(replace(p, default=True) if p.name == "decouple" else p for p in DECAY),
        Parameter("safeguard_warmup", False, "whether the rate is left out of s"),
        Parameter("d_coef", 1.0, "the estimate is multiplied by it", "(0, inf)"),
        *ESTIMATE,
    ),
    state={
        "exp_avg": State(rows="vector"),
        "exp_avg_sq": State(rows="vector"),
        "s": State(rows="vector"),
        "origin": State(rows="vector"),
        "taken": State(),
        "d": State(),
        "d_max": State(),
        "numerator": State(),
        "rate": State(),
        "product": State(),
        "size": State(),
    },
    default_lr=1.0,
    constants=constants,
    notes=ONE,
    aliases=("Prodigy",),
)
