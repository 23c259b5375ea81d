"""DoWG, distance over weighted gradients: DoG with gradients that count by the distance then.

    r_t^2 = max(init_estim_sq_dist, ||x_i - x_0||^2 for i <= t)
    v_t = v_(t-1) + r_t^2 ||g_t||^2
    lr_t = r_t^2 / (sqrt(v_t) + eps)

The gradients of early steps, taken near the start, lose their weight as the distance grows, so the
rate is above DoG's.

The kernel on one lane that has come from (0, 0) to (3, 4), with a gradient of norm 2:

>>> import numpy as np
>>> x, start, lr = np.array([[3.0], [4.0]]), np.zeros((2, 1)), np.array([1.0])
>>> state = [np.zeros(1) for name in DOWG.state]
>>> step(lr, x, start, np.array([[2.0], [0.0]]), *state, 1e-4, 0.0)
>>> lr
array([2.5])

Source: Khaled, Mishchenko & Jin, "DoWG unleashed: an efficient universal parameter-free gradient
descent method", NeurIPS 2023 (arXiv 2305.16284), algorithm 1; optax 0.2.8, `contrib.dowg`.
"""

from __future__ import annotations

import math

from lab.component import Feedback, Parameter, State
from lab.schedules._vectors import inner, square_distance


def step(lr, x, start, grad, square, farthest, weighted, init_estim_sq_dist, eps):
    """The rate of this step for every lane; `farthest` is a squared distance."""
    square_distance(square, x, start)
    for k in range(lr.shape[0]):
        seen = square[k] if square[k] > farthest[k] else farthest[k]
        farthest[k] = seen if seen > init_estim_sq_dist else init_estim_sq_dist
    inner(square, grad, grad)
    for k in range(lr.shape[0]):
        weighted[k] = weighted[k] + farthest[k] * square[k]
        below = math.sqrt(weighted[k]) + eps
        rate = farthest[k] / below
        lr[k] = rate if below > 0.0 else 0.0


DOWG = Feedback(
    name="dowg",
    summary="DoWG: the squared distance from the start over the root of weighted squared norms",
    source="arXiv 2305.16284, algorithm 1; optax 0.2.8, contrib.dowg",
    kernel=step,
    parameters=(
        Parameter("init_estim_sq_dist", 1e-4, "first squared distance", "(0, inf)"),
        Parameter("eps", 1e-4, "added to the root; 0 in the paper", "[0, inf)"),
    ),
    state={"square": State(), "farthest": State(), "weighted": State()},
    before=True,
    hears=("gradient",),
    made_for="sgd",
    notes="Meant for sgd; another optimizer gets the same rate for another direction. The initial"
    " rate has no effect. The paper evaluates an average of the iterates; the laboratory records"
    " the iterates themselves.",
)
