"""The stochastic Polyak step, bounded: SPS_max.

    lr_t = min((f_i(x_t) - f_i*) / (c ||g_t||^2 + eps), eta_max)            adapt_flag constant
    the same, with gamma^(1/n) lr_(t-1) in place of eta_max                 adapt_flag smooth_iter

f_i and g_t are the loss and the gradient of the sample, f_i* a lower bound of its loss, which is 0
for losses that cannot be negative; n is the number of batches in an epoch. With c = 1, f_i* = f*,
eps = 0, no bound and no sampling it is Polyak's step. The rate is 0 where the loss lies below f_i*,
or the norm of the gradient below 1e-8.

The kernel on one lane at x = (3, 4) of f = |x|^2 / 2: c = 1/2 doubles Polyak's rate.

>>> import numpy as np
>>> x, lr, state = np.array([[3.0], [4.0]]), np.array([0.1]), (np.zeros(1), np.array([0.1]))
>>> step(np.array([12.5]), lr, x, *state, 0.5, 10.0, 0.0, 0, 1e-8, 2.0)
>>> lr.round(6)
array([1.])

Source: Loizou, Vaswani, Laradji & Lacoste-Julien, "Stochastic Polyak step-size for SGD", AISTATS
2021 (arXiv 2002.10542), section 2 (SPS_max) and section 4 (the smoothing); the authors' code,
IssamLaradji/sps, `Sps`.
"""

from __future__ import annotations

from lab.component import Constants, Feedback, Parameter, State, Values
from lab.schedules._vectors import inner

SMOOTH = 1
#: Squared norm of a gradient below which the authors' code takes no step.
TINY = 1e-16


def step(metric, lr, grad, square, last, c, eta_max, f_star, adapt_flag, eps, growth):
    """The rate of this step for every lane."""
    inner(square, grad, grad)
    for k in range(lr.shape[0]):
        gap = metric[k] - f_star
        rate = gap / (c * square[k] + eps)
        bound = growth * last[k] if adapt_flag == SMOOTH else eta_max
        rate = bound if bound < rate else rate
        rate = rate if (gap >= 0.0) & (square[k] >= TINY) else 0.0
        last[k] = rate if rate > 0.0 else last[k]
        lr[k] = rate


def growth_of(values: Values) -> Constants:
    """By how much a smoothed rate may rise in a step."""
    return {"growth": values["gamma"] ** (1.0 / values["n_batches_per_epoch"])}


SPS_MAX = Feedback(
    name="sps-max",
    summary="the stochastic Polyak step with an upper bound",
    source="arXiv 2002.10542, SPS_max; IssamLaradji/sps",
    kernel=step,
    parameters=(
        Parameter("c", 0.5, "the step is divided by it", "(0, inf)"),
        Parameter("eta_max", 10.0, "upper bound of the rate (constant)", "(0, inf]"),
        Parameter("f_star", 0.0, "lower bound of the sample's loss"),
        Parameter(
            "adapt_flag",
            "constant",
            "upper bound: constant = eta_max; smooth_iter = gamma^(1/n) times the rate before",
            choices=("constant", "smooth_iter"),
        ),
        Parameter("gamma", 2.0, "growth of a smoothed rate in an epoch", "[1, inf)"),
        Parameter("n_batches_per_epoch", 1, "n: steps in an epoch (smooth_iter)", "[1, inf)"),
        Parameter("eps", 1e-8, "added to the squared norm", "[0, inf)"),
    ),
    constants=growth_of,
    state={"square": State(), "last": State(initial="lr")},
    before=True,
    hears=("loss", "gradient"),
    made_for="sgd",
    notes="Meant for sgd; another optimizer gets the same rate for another direction. The initial"
    " rate is where a smoothed rate starts from, and has no effect otherwise. f_star is 0 whatever"
    " the landscape: where the minimum is another, say so, or the rate is wrong near it. The"
    " authors' code smooths by default, over epochs of 500 steps; here a step is an epoch unless"
    " n_batches_per_epoch says otherwise. A smoothed rate of 0 is not remembered, so that the"
    " schedule does not stay there for ever as the authors' code does.",
)
