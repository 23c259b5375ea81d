"""AdaGrad-Norm: the initial rate over the root of the sum of all squared gradient norms.

    b_(t+1)^2 = b_t^2 + ||g_t||^2,    lr_t = eta / b_(t+1)

Whatever b_0 and eta, the rate falls until steps are safe and no further: on an L-smooth f, a step
with b >= eta L lowers f by at least eta ||g||^2 / (2 b). Adding these up from b_0 >= eta L on, with
Delta = f(x_0) - f*, gives b_N <= b_0 + 2 Delta / eta and

    sum over t < N of ||g_t||^2 <= 4 Delta^2 / eta^2 + 2 b_0 Delta / eta

for every N: the squared gradient is as small as 1 / N in the mean.

The kernel on one lane with gradients of norm 3 and 4, eta = 1 and b_0 = 0: 1/3, then 1/5.

>>> import numpy as np
>>> lr, eta, square, total = np.array([1.0]), np.array([1.0]), np.zeros(1), np.zeros(1)
>>> for norm in (3.0, 4.0):
...     step(lr, np.array([[norm]]), eta, square, total, 0.0)
...     print(lr.round(6))
[0.333333]
[0.2]

Source: Ward, Wu & Bottou, "AdaGrad stepsizes: sharp convergence over nonconvex landscapes", JMLR 21
(2020), algorithm 1; the bound is that of its theorem for exact gradients.
"""

from __future__ import annotations

import math

from lab.component import Feedback, Parameter, State
from lab.schedules._vectors import inner


def step(lr, grad, eta, square, total, b0):
    """The rate of this step for every lane; eta itself while all gradients are 0 and b0 is."""
    inner(square, grad, grad)
    for k in range(lr.shape[0]):
        total[k] = total[k] + square[k]
        b = math.sqrt(b0 * b0 + total[k])
        lr[k] = eta[k] / b if b > 0.0 else eta[k]


ADAGRAD_NORM = Feedback(
    name="adagrad-norm",
    summary="the initial rate over the root of the sum of all squared gradient norms",
    source="arXiv 1806.01811, algorithm 1",
    kernel=step,
    parameters=(Parameter("b0", 0.1, "what the root starts from", "[0, inf)"),),
    state={"eta": State(initial="lr"), "square": State(), "total": State()},
    before=True,
    hears=("gradient",),
    made_for="sgd",
    notes="Meant for sgd; another optimizer gets the same rate for another direction. The initial"
    " rate is eta, which is a length: the distance to the minimiser would be a good one. The first"
    " gradient counts in the rate of its own step. The paper gives no default for b0, which has"
    " little effect once the gradients add up to more.",
)
