"""Schedule-free SGD: the gradient is taken between the steps and their average.

    y_t = (1 - beta) z_t + beta x_t
    z_(t+1) = z_t - lr_t (g(y_t) + weight_decay y_t)
    x_(t+1) = (1 - c) x_t + c z_(t+1),    c = w_t / (w_0 + ... + w_t)

w_t = (t + 1)^r lr_max^weight_lr_power, lr_max being the largest rate so far: with a constant rate
and r = 0 x is the plain mean of z_1 .. z_t. All three start at the same point. The iterate that the
laboratory moves is y, as in the reference implementation, with z as its memory; what it records as
loss is that of x, while the schedule hears the loss at y, where the gradient is taken.

x follows from the two that are kept, x = y + (1 - 1/beta) (z - y):

>>> import numpy as np
>>> x, z = np.array([[0.0]]), np.array([[3.0]])
>>> y, taken, answer = 0.5 * z + 0.5 * x, np.ones(1), np.ones((1, 1))
>>> evaluated(answer, y, z, taken, 0.5)
>>> answer
array([[0.]])

Source: Defazio, Yang, Mehta, Mishchenko, Khaled & Cutkosky, "The road less scheduled", NeurIPS 2024
(arXiv 2405.15682), equations 3 to 5; schedulefree 1.4.1, `SGDScheduleFree`.
"""

from __future__ import annotations

import numpy as np

from lab.component import Constants, Optimizer, Parameter, State, Values
from lab.optimizers._sums import remember_origin


def step(
    x, grad, lr, z, taken, lr_max, weight, weight_sum,
    momentum, weight_decay, weight_lr_power, powers, step,
):  # fmt: skip
    """One step of every lane; `x` is the paper's y."""
    remember_origin(z, x, taken)
    share_of_newest(lr, taken, lr_max, weight, weight_sum, weight_lr_power, powers[step])
    for i in range(x.shape[0]):
        for k in range(x.shape[1]):
            y = x[i, k]
            g = grad[i, k] + weight_decay * y
            c = weight[k]
            y = y + c * (z[i, k] - y)
            x[i, k] = y + lr[k] * (momentum * (1.0 - c) - 1.0) * g
            z[i, k] -= lr[k] * g


def share_of_newest(lr, taken, lr_max, weight, weight_sum, weight_lr_power, power):
    """Turn `weight` (lanes,) into c, the share that the newest z has in the mean."""
    for k in range(lr.shape[0]):
        largest = lr[k] if lr[k] > lr_max[k] else lr_max[k]
        lr_max[k] = largest
        weight[k] = power
        taken[k] = taken[k] + 1.0
    for _ in range(weight_lr_power):
        for k in range(lr.shape[0]):
            weight[k] = weight[k] * lr_max[k]
    for k in range(lr.shape[0]):
        total = weight_sum[k] + weight[k]
        weight_sum[k] = total
        share = weight[k] / total
        weight[k] = share if total > 0.0 else 0.0


def evaluated(evaluated, x, z, taken, momentum):
    """The mean of the z, from y and z."""
    share = 1.0 - 1.0 / momentum
    for i in range(x.shape[0]):
        for k in range(x.shape[1]):
            y = x[i, k]
            mean = y + share * (z[i, k] - y)
            evaluated[i, k] = mean if taken[k] > 0.0 else y


def powers_of_time(values: Values, steps: int) -> Constants:
    """(t + 1)^r of every step t."""
    return {"powers": np.arange(1.0, max(steps, 1) + 1.0) ** values["r"]}


#: Parameters that the two share.
AVERAGING = (
    Parameter("weight_decay", 0.0, "added to the gradient, times y", "[0, inf)"),
    # With the bound weights stay numbers in the longest runs, of 2^31 steps.
    Parameter("r", 0.0, "power of the time in the weights of the average", "[0, 32]"),
    Parameter(
        "weight_lr_power", 2, "power of the largest rate in the weights of the average", "[0, 8]"
    ),
)
#: Memory that the two share.
MEMORY = {
    "z": State(rows="vector"),
    "taken": State(),
    "lr_max": State(),
    "weight": State(),
    "weight_sum": State(),
}
#: What a reader of either must know.
LOSSES = (
    "Recorded losses, the final one and x in a trace are those of the average; the one evaluation"
    " more in a step that this takes is the laboratory's and not the method's. A schedule hears the"
    " loss where the gradient is taken. Meant for a constant rate; a warm-up is the schedule's."
)

SCHEDULE_FREE_SGD = Optimizer(
    name="schedule-free-sgd",
    summary="schedule-free SGD: gradients between the steps and their average, which is the answer",
    source="arXiv 2405.15682; schedulefree 1.4.1, SGDScheduleFree",
    kernel=step,
    evaluated=evaluated,
    parameters=(
        Parameter("momentum", 0.9, "beta: how near y is to the average", "(0, 1)"),
        *AVERAGING,
    ),
    state=MEMORY,
    constants=powers_of_time,
    notes=LOSSES,
    aliases=("SGDScheduleFree",),
)
