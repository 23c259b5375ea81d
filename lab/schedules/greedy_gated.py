"""GreedyLR whose raises are refused while successive gradients disagree.

The rate moves as `greedy` moves it, except that

    a raise is not carried out        if <g_t, g_(t-1)> < 0
    a reduction is not carried out    if <g_t, g_(t-1)> > 0        (gate=both only)

Under sgd -<g_t, g_(t-1)> is the derivative of f(x_t) by the rate that led there (`hypergradient`):
a positive product says that a longer step would have been better, a negative one that the step went
too far. The losses that GreedyLR compares fall in both cases. Its counts go on as if it had had its
way, so a raise that was refused has to be earned anew; the return to the initial rate, after
`reset_start` reductions at min_lr, is no raise. The first gradient has none before it and passes.

Two lanes whose rate greedy has just doubled, the gradients agreeing in the first:

>>> import numpy as np
>>> lr, before, best = np.array([0.2, 0.2]), np.array([0.1, 0.1]), np.ones(2)
>>> hold(lr, before, best, np.array([3.0, -3.0]), BOTH)
>>> lr
array([0.2, 0.1])

Source: this project; the rule is that of transformers 5.24, `GreedyLR`, the gate that of
arXiv 1703.04782, section 2.
"""

from __future__ import annotations

from lab.component import Feedback, Parameter, State
from lab.schedules import greedy
from lab.schedules._vectors import inner
from lab.schedules.greedy import INFINITY
from lab.schedules.greedy import step as decide

BOTH = 1


def step(
    metric, lr, grad, previous, product, before, gate, initial_lr, current, best, bad, good,
    cooldown_left, warmup_left, resets_left, recent, total, filled, slot,
    factor, patience, threshold, threshold_mode, cooldown, warmup, min_lr, max_lr, eps,
    smooth, window_size, reset_start, mode, window,
):  # fmt: skip
    """One call of the schedule for every lane."""
    inner(product, grad, previous)
    for i in range(grad.shape[0]):
        for k in range(lr.shape[0]):
            previous[i, k] = grad[i, k]
    for k in range(lr.shape[0]):
        before[k] = lr[k]
    decide(
        metric, lr, initial_lr, current, best, bad, good, cooldown_left, warmup_left, resets_left,
        recent, total, filled, slot,
        factor, patience, threshold, threshold_mode, cooldown, warmup, min_lr, max_lr, eps,
        smooth, window_size, reset_start, mode, window,
    )  # fmt: skip
    hold(lr, before, best, product, gate)


def hold(lr, before, best, product, gate):
    """Put back the rates whose change the gate refuses; a reset, marked by `best`, passes."""
    for k in range(lr.shape[0]):
        old, new = before[k], lr[k]
        raised = (new > old) & (best[k] < INFINITY) & (product[k] < 0.0)
        reduced = (new < old) & (product[k] > 0.0) & (gate == BOTH)
        lr[k] = old if raised | reduced else new


GREEDY_GATED = Feedback(
    name="greedy-gated",
    summary="GreedyLR whose raises are refused while successive gradients disagree",
    source="this project, from transformers 5.24, GreedyLR, and arXiv 1703.04782",
    kernel=step,
    parameters=(
        *greedy.GREEDY.parameters,
        Parameter(
            "gate",
            "raise",
            "what a gradient may refuse: raises, or reductions too",
            choices=("raise", "both"),
        ),
    ),
    presets=greedy.GREEDY.presets,
    rule=greedy.limits,
    state={
        **greedy.GREEDY.state,
        "previous": State(rows="vector"),
        "product": State(),
        "before": State(),
    },
    hears=("loss", "gradient"),
    notes="Everything else is greedy's, its defaults and notes included. The gate looks at the"
    " gradients, whatever the optimizer makes of them, and with --metric-every at those of the last"
    " two evaluations. A stochastic gradient's sign is noise near a minimum: the gate then refuses"
    " about half of the raises.",
)
