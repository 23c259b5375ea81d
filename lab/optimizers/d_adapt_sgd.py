"""D-Adaptation of SGD: the distance to the minimiser is estimated, the rate follows from it.

    lambda_t = d_t lr_t / ||g_0||
    s_(t+1) = s_t + lambda_t g_t
    n_(t+1) = n_t + lambda_t <g_t, s_t>
    d_(t+1) = max(d_t, min(2 n_(t+1) / ||s_(t+1)||, growth_rate d_t))
    z_(t+1) = x_0 - s_(t+1),    x_(t+1) = momentum x_t + (1 - momentum) z_(t+1)

Without momentum and decay x_t = x_0 - s_t, so that for convex f

    0 <= sum of lambda_t <g_t, x_t - x*> = <s, x_0 - x*> - n <= ||s|| ||x_0 - x*|| - n

and n / ||s|| is at most the distance of x_0 to the minimiser; d, twice that and never falling,
stays below twice the distance. The norm of the first gradient makes lambda a length over a
gradient: where it happens to be small the rate can be far too large. lr multiplies the whole.

Source: Defazio & Mishchenko, "Learning-rate-free learning by D-adaptation", ICML 2023
(arXiv 2301.07733), its algorithm for SGD; dadaptation 3.2, `DAdaptSGD`.
"""

from __future__ import annotations

import math

from lab.component import Optimizer, Parameter, State
from lab.optimizers._sums import remember_origin


def step(
    x, grad, lr, s, origin, taken, d, g0_norm, numerator, rate, product, square,
    momentum, weight_decay, d0, growth_rate,
):  # fmt: skip
    """One step of every lane; none for one whose gradients have all been 0."""
    remember_origin(origin, x, taken)
    begin(grad, lr, taken, d, g0_norm, rate, square, d0)
    for k in range(lr.shape[0]):
        product[k] = 0.0
        square[k] = 0.0
    for i in range(x.shape[0]):
        for k in range(x.shape[1]):
            g = grad[i, k] + weight_decay * x[i, k]
            before = s[i, k]
            after = before + rate[k] * g
            product[k] += g * before
            square[k] += after * after
            s[i, k] = after
    estimate(rate, product, square, numerator, d, taken, growth_rate)
    for i in range(x.shape[0]):
        for k in range(x.shape[1]):
            here = x[i, k]
            moved = momentum * here + (1.0 - momentum) * (origin[i, k] - s[i, k])
            x[i, k] = moved if square[k] > 0.0 else here


def begin(grad, lr, taken, d, g0_norm, rate, square, d0):
    """lambda_t; for lanes that have taken no step also d_0 and the norm of the first gradient."""
    for k in range(lr.shape[0]):
        square[k] = 0.0
    for i in range(grad.shape[0]):
        for k in range(lr.shape[0]):
            square[k] += grad[i, k] * grad[i, k]
    for k in range(lr.shape[0]):
        fresh = taken[k] == 0.0
        norm = math.sqrt(square[k])
        norm = norm if fresh else g0_norm[k]
        distance = d0 if fresh else d[k]
        known = norm > 0.0
        d[k] = distance
        g0_norm[k] = norm
        rate[k] = distance * lr[k] / (norm if known else 1.0)


def estimate(rate, product, square, numerator, d, taken, growth_rate):
    """d_(t+1), from <g_t, s_t> in `product` and ||s_(t+1)||^2 in `square`."""
    for k in range(d.shape[0]):
        moves = square[k] > 0.0
        numerator[k] = numerator[k] + rate[k] * product[k]
        hat = 2.0 * numerator[k] / math.sqrt(square[k] if moves else 1.0)
        most = d[k] * growth_rate
        hat = most if most < hat else hat
        d[k] = hat if hat > d[k] else d[k]
        taken[k] = taken[k] + (1.0 if moves else 0.0)


#: Parameters of all methods that estimate a distance.
ESTIMATE = (
    Parameter("d0", 1e-6, "first estimate of the distance", "(0, inf)"),
    Parameter("growth_rate", math.inf, "the estimate grows by this factor at most", "(1, inf]"),
)
#: What a reader of any of them must know.
ONE = (
    "The initial rate is 1 and multiplies the estimated one: leave it there, whatever the"
    " landscape. A schedule acts on that factor, and recorded rates are those of the schedule."
)

D_ADAPT_SGD = Optimizer(
    name="d-adapt-sgd",
    summary="SGD at a rate from an estimate of the distance to the minimiser",
    source="arXiv 2301.07733; dadaptation 3.2, DAdaptSGD",
    kernel=step,
    parameters=(
        Parameter("momentum", 0.0, "share of x that a step keeps", "[0, 1)"),
        Parameter("weight_decay", 0.0, "added to the gradient, times x", "[0, inf)"),
        *ESTIMATE,
    ),
    state={
        "s": State(rows="vector"),
        "origin": State(rows="vector"),
        "taken": State(),
        "d": State(),
        "g0_norm": State(),
        "numerator": State(),
        "rate": State(),
        "product": State(),
        "square": State(),
    },
    default_lr=1.0,
    notes=f"{ONE} x_0 is where the first step begins that has a gradient; a step of gradient 0"
    " before it is none.",
    aliases=("DAdaptSGD",),
)
