"""Hypergradient descent: the rate itself descends the gradient of the loss.

    x_t = x_(t-1) - lr_(t-1) u_(t-1),    d f(x_t) / d lr_(t-1) = -<g_t, u_(t-1)>
    lr_t = lr_(t-1) + hypergrad_lr <g_t, u_(t-1)>

u is the optimizer's direction: the gradient under sgd (SGD-HD), the buffer under momentum and
nesterov (SGDN-HD), Adam's quotient under adam (Adam-HD). It is taken from what the step added to x,
-lr u, and so holds for every optimizer whose step is proportional to the rate.

The kernel on one lane of sgd, whose last step of rate 0.1 was against the gradient 2 and whose
gradient is 3 now: the rate rises by hypergrad_lr * 3 * 2.

>>> import numpy as np
>>> lr, last = np.array([0.1]), np.array([0.1])
>>> step(lr, np.array([[3.0]]), np.array([[-0.2]]), last, np.zeros(1), 0.01)
>>> lr.round(6)
array([0.16])

Source: Baydin, Cornish, Martinez Rubio, Schmidt & Wood, "Online learning rate adaptation with
hypergradient descent", ICLR 2018 (arXiv 1703.04782), section 2 and algorithms 4 to 6; the authors'
code, gbaydin/hypergradient-descent, `SGDHD` and `AdamHD`.
"""

from __future__ import annotations

import math

from lab.component import Feedback, Parameter, State
from lab.schedules._vectors import inner

INFINITY = math.inf


def step(lr, grad, update, last, slope, hypergrad_lr):
    """The rate of this step for every lane; `last` is the rate of the step before."""
    inner(slope, grad, update)
    for k in range(lr.shape[0]):
        ascent = -slope[k] / last[k]
        known = abs(ascent) < INFINITY
        lr[k] = lr[k] + hypergrad_lr * (ascent if known else 0.0)
        last[k] = lr[k]


HYPERGRADIENT = Feedback(
    name="hypergradient",
    summary="the rate descends the loss by its own gradient: SGD-HD, Adam-HD",
    source="arXiv 1703.04782; gbaydin/hypergradient-descent",
    kernel=step,
    parameters=(
        Parameter(
            "hypergrad_lr",
            1e-6,
            "the rate of the rate; the authors' code has 1e-6 for sgd and 1e-8 for adam",
            "[0, inf)",
        ),
    ),
    state={"last": State(initial="lr"), "slope": State()},
    before=True,
    hears=("gradient",),
    notes="Starts from the initial rate. hypergrad_lr has units, rate over loss per rate: the"
    " default, made for networks, hardly moves the rate on most landscapes. As in the paper nothing"
    " keeps the rate above 0; below, the steps climb. At exactly 0, or where a gradient overflows,"
    " it stays.",
)
