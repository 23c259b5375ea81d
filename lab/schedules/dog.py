"""DoG, distance over gradients: no rate to choose, only how short the first step is.

    r_t = max(reps_rel (1 + ||x_0||), ||x_i - x_0|| for i <= t)
    lr_t = c r_t / sqrt(||g_0||^2 + ... + ||g_t||^2 + eps)

The constant rate with the best bound for T steps of gradient descent is ||x_0 - x*|| over the root
of the summed squared gradients; r_t stands for the distance that is not known, and grows to its
size.

The kernel on one lane that has come from (0, 0) to (3, 4), with a gradient of norm 2:

>>> import numpy as np
>>> x, start, lr = np.array([[3.0], [4.0]]), np.zeros((2, 1)), np.array([1.0])
>>> state = [np.zeros(1) for name in DOG.state]
>>> step(lr, x, start, np.array([[2.0], [0.0]]), *state, 1e-6, 1.0, 0.0)
>>> lr
array([2.5])

Source: Ivgi, Hinder & Carmon, "DoG is SGD's best friend: a parameter-free dynamic step size
schedule", ICML 2023 (arXiv 2302.12022), section 2; the authors' package dog-optimizer 1.0.3, `DoG`.
"""

from __future__ import annotations

import math

from lab.component import Feedback, Parameter, State
from lab.schedules._vectors import inner, square_distance


def step(lr, x, start, grad, square, farthest, total, reps_rel, c, eps):
    """The rate of this step for every lane; `farthest` is a squared distance."""
    square_distance(square, x, start)
    for k in range(lr.shape[0]):
        farthest[k] = square[k] if square[k] > farthest[k] else farthest[k]
    inner(square, grad, grad)
    for k in range(lr.shape[0]):
        total[k] = total[k] + square[k]
    inner(square, start, start)
    for k in range(lr.shape[0]):
        least = reps_rel * (1.0 + math.sqrt(square[k]))
        distance = math.sqrt(farthest[k])
        distance = least if least > distance else distance
        sum_of_squares = total[k] + eps
        # As plain Python a division by 0 is an error, even where its result is not used.
        root = math.sqrt(sum_of_squares) if sum_of_squares > 0.0 else 1.0
        rate = c * distance / root
        lr[k] = rate if sum_of_squares > 0.0 else 0.0


DOG = Feedback(
    name="dog",
    summary="DoG: the farthest distance from the start over the root of the summed squared norms",
    source="arXiv 2302.12022; dog-optimizer 1.0.3, DoG",
    kernel=step,
    parameters=(
        Parameter("reps_rel", 1e-6, "first distance over 1 + ||x_0||", "(0, inf)"),
        Parameter("c", 1.0, "the rate is multiplied by it (dog-optimizer: lr)", "(0, inf)"),
        Parameter("eps", 1e-8, "added to the sum of squares", "[0, inf)"),
    ),
    state={"square": State(), "farthest": State(), "total": State()},
    before=True,
    hears=("gradient",),
    made_for="sgd",
    notes="Meant for sgd; another optimizer gets the same rate for another direction. The initial"
    " rate has no effect. The first step is tiny and a step doubles the distance at most, so that"
    " many go by before the loss moves. The authors evaluate an average of the iterates; the"
    " laboratory records the iterates themselves.",
)
