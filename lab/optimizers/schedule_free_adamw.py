"""Schedule-free AdamW: schedule-free SGD with Adam's scaling of the gradient.

    v_t = beta2 v_(t-1) + (1 - beta2) g(y_t)^2
    d_t = g(y_t) / (sqrt(v_t / (1 - beta2^(t+1))) + eps) + weight_decay y_t
    z_(t+1) = z_t - lr_t d_t

y and the average x are those of `schedule-free-sgd`, with beta1 in beta's place; there is no
momentum buffer besides. As there the iterate that is moved is y, and losses are those of x.

Source: Defazio, Yang, Mehta, Mishchenko, Khaled & Cutkosky, "The road less scheduled", NeurIPS 2024
(arXiv 2405.15682), algorithm 1; schedulefree 1.4.1, `AdamWScheduleFree`.
"""

from __future__ import annotations

import math

import numpy as np

from lab.component import Constants, Optimizer, Parameter, State, Values
from lab.optimizers import schedule_free_sgd
from lab.optimizers._sums import remember_origin
from lab.optimizers.schedule_free_sgd import evaluated as mean_of_steps
from lab.optimizers.schedule_free_sgd import share_of_newest


def step(
    x, grad, lr, z, taken, lr_max, weight, weight_sum, exp_avg_sq,
    beta1, beta2, eps, weight_decay, weight_lr_power, powers, corrections, step,
):  # fmt: skip
    """One step of every lane; `x` is the paper's y."""
    remember_origin(z, x, taken)
    share_of_newest(lr, taken, lr_max, weight, weight_sum, weight_lr_power, powers[step])
    correction = corrections[step]
    for i in range(x.shape[0]):
        for k in range(x.shape[1]):
            g, y, c = grad[i, k], x[i, k], weight[k]
            v = beta2 * exp_avg_sq[i, k] + (1.0 - beta2) * g * g
            exp_avg_sq[i, k] = v
            d = g / (math.sqrt(v / correction) + eps) + weight_decay * y
            y = y + c * (z[i, k] - y)
            x[i, k] = y + lr[k] * (beta1 * (1.0 - c) - 1.0) * d
            z[i, k] -= lr[k] * d


def evaluated(evaluated, x, z, taken, beta1):
    """The mean of the z, from y and z."""
    mean_of_steps(evaluated, x, z, taken, beta1)


def tables(values: Values, steps: int) -> Constants:
    """(t + 1)^r and 1 - beta2^(t+1) of every step t."""
    powers = range(1, max(steps, 1) + 1)
    corrections = np.array([1.0 - values["beta2"] ** n for n in powers])
    return {**schedule_free_sgd.powers_of_time(values, steps), "corrections": corrections}


SCHEDULE_FREE_ADAMW = Optimizer(
    name="schedule-free-adamw",
    summary="schedule-free AdamW: gradients between Adam's steps and their average, the answer",
    source="arXiv 2405.15682, algorithm 1; schedulefree 1.4.1, AdamWScheduleFree",
    kernel=step,
    evaluated=evaluated,
    parameters=(
        Parameter("beta1", 0.9, "how near y is to the average", "(0, 1)"),
        Parameter("beta2", 0.999, "share of the mean squared gradient that a step keeps", "[0, 1)"),
        Parameter("eps", 1e-8, "added to the root mean square", "(0, inf)"),
        *schedule_free_sgd.AVERAGING,
    ),
    state={**schedule_free_sgd.MEMORY, "exp_avg_sq": State(rows="vector")},
    default_lr=0.0025,
    constants=tables,
    notes=schedule_free_sgd.LOSSES,
    aliases=("AdamWScheduleFree",),
)
