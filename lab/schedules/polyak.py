"""Polyak's step: the rate that would reach f* if f fell as steeply as its tangent.

    lr_t = (f(x_t) - f*) / ||g_t||^2

For convex f, ||x_(t+1) - x*||^2 = ||x_t - x*||^2 - 2 lr_t <g_t, x_t - x*> + lr_t^2 ||g_t||^2, and
<g_t, x_t - x*> >= f(x_t) - f*: the rate minimises what this bound leaves,

    ||x_(t+1) - x*||^2 <= ||x_t - x*||^2 - (f(x_t) - f*)^2 / ||g_t||^2

The kernel on one lane at x = (3, 4) of f = |x|^2 / 2, whose gradient is x: the rate is 1/2.

>>> import numpy as np
>>> x, lr, square = np.array([[3.0], [4.0]]), np.array([0.1]), np.zeros(1)
>>> step(np.array([12.5]), lr, x, square, 0.0)
>>> lr
array([0.5])

Source: Polyak, "Introduction to optimization", 1987, section 5.3; Hazan & Kakade, "Revisiting the
Polyak step size", arXiv 1905.00313, algorithm 1.
"""

from __future__ import annotations

from lab.component import Feedback, State
from lab.schedules._vectors import inner


def step(metric, lr, grad, square, minimum):
    """The rate of this step for every lane; 0 where the loss heard is not above f*."""
    inner(square, grad, grad)
    for k in range(lr.shape[0]):
        gap = metric[k] - minimum
        lr[k] = gap / square[k] if (gap > 0.0) & (square[k] > 0.0) else 0.0


POLYAK = Feedback(
    name="polyak",
    summary="Polyak's step: the distance of the loss to f* over the squared norm of the gradient",
    source="Polyak, 1987; arXiv 1905.00313",
    kernel=step,
    state={"square": State()},
    before=True,
    hears=("loss", "gradient"),
    made_for="sgd",
    notes="Meant for sgd; another optimizer gets the same rate for another direction. The initial"
    " rate has no effect. It knows f*, which no rival does, and refuses landscapes where f* is"
    " unknown. Where noise takes the loss to f* or below, the rate is 0.",
)
