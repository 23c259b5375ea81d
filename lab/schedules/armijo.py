"""Armijo line search on the loss of the step's own sample: the rate is tried before it is used.

    first trial:  lr_t = lr_(t-1)                         reset_option 0
                  lr_t = lr_(t-1) gamma^(1/n)             reset_option 1
                  lr_t = the initial rate                 reset_option 2
    accepted if   f_i(x') <= f_i(x_t) + c <g_t, x' - x_t>
    otherwise     lr_t is multiplied by beta_b and tried again

x' is where the optimizer's step would lead; under sgd it is x_t - lr_t g_t, and the condition that
of Armijo, f_i(x_t) - c lr_t ||g_t||^2. f_i is the loss of the sample that step t has drawn, the
same at both points. A step that would climb along its gradient must at least not raise the loss.
After 100 trials the step is taken with the rate 1e-6; with a gradient of norm below 1e-8 it is not
taken.

On an L-smooth f every rate up to 2 (1 - c) / L is accepted under sgd, so the search ends at no less
than the smaller of its first trial and beta_b times that.

The judge's verdict on two lanes at x = 1 of f = x^2 / 2: the trial at -0.5 is accepted with
c = 0.1, the one at -0.9 is not, and the next rate is smaller.

>>> import numpy as np
>>> x, grad, trial = np.ones((1, 2)), np.ones((1, 2)), np.array([[-0.5, -0.9]])
>>> lr, searching = 1.0 - trial[0], np.ones(2)
>>> losses, state = (x[0] ** 2 / 2, trial[0] ** 2 / 2), (np.zeros(2), np.full(2, 5.0), lr.copy())
>>> judge(lr, searching, x, grad, trial, *losses, *state, 0.1, 0.9)
>>> searching, lr.round(3)
(array([0., 1.]), array([1.5 , 1.71]))

Source: Vaswani, Mishkin, Laradji, Schmidt, Gidel & Lacoste-Julien, "Painless stochastic gradient:
interpolation, line-search, and convergence rates", NeurIPS 2019 (arXiv 1905.09997), equation 1 and
algorithms 1 and 2; the authors' code, IssamLaradji/sls, `Sls`.
"""

from __future__ import annotations

import math

from lab.component import Constants, Feedback, Parameter, State, Values
from lab.engine.bits import fma
from lab.schedules._vectors import inner

GROW, RESTART = 1, 2
TRIALS = 100
#: Rate of the step after a search that found none.
LAST_RESORT = 1e-6
#: Squared norm of a gradient below which no step is taken.
TINY = 1e-16
INFINITY = math.inf


def step(lr, grad, searching, diverged, initial_lr, size, slope, left, reset_option, growth, step):
    """The first trial rate of every lane, and which lanes search."""
    inner(slope, grad, grad)
    for k in range(lr.shape[0]):
        steep = (slope[k] >= TINY) & (slope[k] < INFINITY) & (diverged[k] > step)
        grown = size[k] * growth if reset_option == GROW else size[k]
        size[k] = initial_lr[k] if reset_option == RESTART else grown
        lr[k] = size[k] if steep else 0.0
        searching[k] = 1.0 if steep else 0.0
        left[k] = TRIALS


def judge(
    lr, searching, x, grad, trial, sample_loss, trial_loss, slope, left, size, c, beta_b
):  # fmt: skip
    """Accept the trial rate of a lane, or make it smaller."""
    for k in range(lr.shape[0]):
        slope[k] = 0.0
    for i in range(x.shape[0]):
        for k in range(lr.shape[0]):
            slope[k] = fma(grad[i, k], trial[i, k] - x[i, k], slope[k])
    for k in range(lr.shape[0]):
        descent = slope[k] if slope[k] < 0.0 else 0.0
        found = trial_loss[k] <= sample_loss[k] + c * descent
        looking = searching[k] > 0.0
        shorter = looking & (not found)
        remaining = left[k] - 1.0
        left[k] = remaining
        size[k] = beta_b * size[k] if shorter else size[k]
        given_up = shorter & (remaining <= 0.0)
        rate = size[k] if shorter else lr[k]
        lr[k] = LAST_RESORT if given_up else rate
        searching[k] = 1.0 if shorter & (not given_up) else 0.0


def growth_of(values: Values) -> Constants:
    """Factor of the rate from one search to the next."""
    return {"growth": values["gamma"] ** (1.0 / values["n_batches_per_epoch"])}


ARMIJO = Feedback(
    name="armijo",
    summary="Armijo line search on the loss of the step's own sample",
    source="arXiv 1905.09997; IssamLaradji/sls",
    kernel=step,
    judge=judge,
    trials=lambda values: TRIALS,
    parameters=(
        Parameter("c", 0.1, "share of the promised decrease that must come true", "(0, 1)"),
        Parameter("beta_b", 0.9, "a rate that is refused is multiplied by it", "(0, 1)"),
        Parameter("gamma", 2.0, "growth of the first trial in an epoch", "[1, inf)"),
        Parameter("n_batches_per_epoch", 1, "n: steps in an epoch", "[1, inf)"),
        Parameter(
            "reset_option",
            "1",
            "first trial: 0 = the last rate; 1 = the last rate grown; 2 = the initial rate",
            choices=("0", "1", "2"),
        ),
    ),
    constants=growth_of,
    state={
        "initial_lr": State(initial="lr"),
        "size": State(initial="lr"),
        "slope": State(),
        "left": State(),
    },
    before=True,
    hears=("gradient", "trials"),
    notes="Each trial is an evaluation of the loss that no other schedule pays for: the summary"
    " counts them. The first trial is the initial rate, grown. The authors' code counts 500 batches"
    " in an epoch; here a step is an epoch unless n_batches_per_epoch says otherwise. The paper"
    " numbers its options otherwise. Noise that a channel adds to the loss is the same at both"
    " points and drops out, as a sample's own does; noise in the gradient does not.",
)
