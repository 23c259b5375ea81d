"""A linear classifier with the hinge loss: the support vector machine in its primal form."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from lab.component import Facts, Landscape, Parameter, Values
from lab.engine.bits import fma

#: Seed of the data, number of examples, of weights, share of wrong labels.
SEED, EXAMPLES, DIM, FLIPPED = 55, 40, 5, 0.1


def hinge(x, value, grad, margin, examples, ridge):
    """Fill `value` (lanes,) and `grad` (dim, lanes) at `x` (dim, lanes).

    examples (n, dim) holds the features times their label; margin (1, lanes) is overwritten. Where
    a margin is exactly 1 its example adds nothing to the subgradient.
    """
    count, dim = examples.shape
    n = x.shape[1]
    share = 1.0 / count
    for k in range(n):
        value[k] = 0.0
    for i in range(dim):
        for k in range(n):
            slope = ridge * x[i, k]
            grad[i, k] = slope
            value[k] = fma(0.5 * slope, x[i, k], value[k])
    for j in range(count):
        for k in range(n):
            margin[0, k] = 1.0
        for i in range(dim):
            a = examples[j, i]
            for k in range(n):
                margin[0, k] = fma(-a, x[i, k], margin[0, k])
        for k in range(n):
            value[k] = fma(share, max(margin[0, k], 0.0), value[k])
            margin[0, k] = -share if margin[0, k] > 0.0 else 0.0
        for i in range(dim):
            a = examples[j, i]
            for k in range(n):
                grad[i, k] = fma(margin[0, k], a, grad[i, k])


@dataclass(frozen=True)
class Problem:
    """The examples times their labels, (n, dim); the solution and its value."""

    examples: np.ndarray
    minimiser: np.ndarray
    minimum: float


@cache
def problem(ridge: float) -> Problem:
    """The data and their solution.

    Data by `numpy.random.default_rng(55)`, in this order: features standard_normal((40, 5)), the
    first one replaced by 1; a true direction standard_normal(5); labels its signs, each flipped
    where random(40) < 0.1.
    """
    generator = np.random.default_rng(SEED)
    features = generator.standard_normal((EXAMPLES, DIM))
    features[:, 0] = 1.0
    labels = np.sign(features @ generator.standard_normal(DIM))
    labels = np.where(generator.random(EXAMPLES) < FLIPPED, -labels, labels)
    examples = labels[:, None] * features
    x = solve(examples, ridge)
    losses = np.maximum(1.0 - examples @ x, 0.0)
    return Problem(examples, x, float(losses.mean() + 0.5 * ridge * x @ x))


def solve(examples: np.ndarray, ridge: float) -> np.ndarray:
    """The minimiser: dual coordinate ascent finds what is active, linear equations the rest.

    x = sum_j a_j z_j / (ridge n) with weights a_j in [0, 1]: 0 for margins above 1, 1 below, and in
    between for those that are 1, which fixes them.
    """
    count = len(examples)
    gram = examples @ examples.T / (ridge * count)
    weights, largest, sweeps = np.zeros(count), 1.0, 0
    while largest > 1e-12 and sweeps < 3000:
        before = weights.copy()
        for j in range(count):
            gain = (1.0 - gram[j] @ weights) / gram[j, j]
            weights[j] = min(max(weights[j] + gain, 0.0), 1.0)
        largest, sweeps = float(np.abs(weights - before).max()), sweeps + 1
    on = (weights > 1e-6) & (weights < 1.0 - 1e-6)
    weights = np.where(on, weights, np.round(weights))
    rest = 1.0 - gram[np.ix_(on, ~on)] @ weights[~on]
    weights[on] = np.linalg.lstsq(gram[np.ix_(on, on)], rest)[0]
    return examples.T @ weights / (ridge * count)


def facts(values: Values) -> Facts:
    """The solution; the ridge alone makes f strongly convex."""
    data = problem(values["ridge"])
    return Facts(
        dim=DIM,
        minimum=data.minimum,
        minimiser=data.minimiser,
        base_lr=0.1,
        mu=values["ridge"],
        reason="L: the gradient jumps where an example's margin passes 1",
    )


HINGE = Landscape(
    name="hinge",
    summary="a linear classifier of 40 examples with the hinge loss",
    source="Shalev-Shwartz, Singer, Srebro & Cotter, Mathematical Programming 127 (2011) 3-30",
    parameters=(Parameter("ridge", 0.1, "weight of |x|^2/2", "[0.01, 100]"),),
    notes=(
        "The data are fixed: 5 features, one of them constant, and labels of which a tenth are"
        " wrong. Where a margin is exactly 1 the example's part of the subgradient is 0; so are"
        " some margins at the minimiser, where the subgradient returned is therefore not 0."
    ),
    formula="1/40 sum_j max(0, 1 - y_j a_j.x) + ridge |x|^2 / 2",
    kernel=hinge,
    facts=facts,
    constants=lambda values: {"examples": problem(values["ridge"]).examples},
    workspace=lambda values: {"margin": 1},
)
