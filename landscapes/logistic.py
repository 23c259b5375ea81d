"""Logistic regression as a finite sum, of which a step sees a few terms or all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from lab.component import Constants, Facts, Landscape, Parameter, Sample, Values
from lab.engine.bits import fma, to_integer
from lab.engine.maths import exp, log1p

#: Seed of the data, number of terms and of coordinates.
SEED, TERMS, DIM = 77, 80, 5


def loss(margin):
    """log(1 + e^-m) and minus its slope, 1/(1 + e^m), from e^-|m|."""
    e = exp(-abs(margin))
    return log1p(e) + max(-margin, 0.0), (e if margin >= 0.0 else 1.0) / (1.0 + e)


def logistic(x, value, grad, seen, step_uniform, margin, examples, ridge, batch):
    """Fill `value` (lanes,) with f, `seen` and `grad` (dim, lanes) with the drawn terms' means.

    step_uniform (max(batch, 1), lanes) on [0, 1) picks the terms; with batch = 0 all are seen.
    examples (n, dim) holds the features times their label; margin (1, lanes) is overwritten.
    """
    count, dim = examples.shape
    n = x.shape[1]
    whole = 1.0 / count if batch == 0 else 0.0
    for k in range(n):
        value[k] = 0.0
    for i in range(dim):
        for k in range(n):
            slope = ridge * x[i, k]
            grad[i, k] = slope
            value[k] = fma(0.5 * slope, x[i, k], value[k])
    for k in range(n):
        seen[k] = value[k]
    for j in range(count):
        for k in range(n):
            margin[0, k] = 0.0
        for i in range(dim):
            a = examples[j, i]
            for k in range(n):
                margin[0, k] = fma(a, x[i, k], margin[0, k])
        for k in range(n):
            term, pull = loss(margin[0, k])
            value[k] = fma(1.0 / count, term, value[k])
            margin[0, k] = -whole * pull
        if batch == 0:
            for i in range(dim):
                a = examples[j, i]
                for k in range(n):
                    grad[i, k] = fma(margin[0, k], a, grad[i, k])
    if batch == 0:
        for k in range(n):
            seen[k] = value[k]
    for j in range(batch):
        see(x, grad, seen, step_uniform, j, margin, examples, 1.0 / batch)


def see(x, grad, seen, step_uniform, j, margin, examples, share):
    """Add the term that draw number j picks, times `share`, to `seen` and `grad`."""
    count, dim = examples.shape
    n = x.shape[1]
    for k in range(n):
        margin[0, k] = 0.0
    for i in range(dim):
        for k in range(n):
            term = to_integer(step_uniform[j, k] * count)
            margin[0, k] = fma(examples[term, i], x[i, k], margin[0, k])
    for k in range(n):
        height, pull = loss(margin[0, k])
        seen[k] = fma(share, height, seen[k])
        margin[0, k] = -share * pull
    for i in range(dim):
        for k in range(n):
            term = to_integer(step_uniform[j, k] * count)
            grad[i, k] = fma(margin[0, k], examples[term, i], grad[i, k])


@dataclass(frozen=True)
class Problem:
    """The data and what follows from them.

    examples: features times label, (n, dim). minimiser: x*, (dim,). minimum: f*. L: smoothness of
    f; L_max: of the steepest term. sigma: the mean of |grad f_i(x*)|^2.
    """

    examples: np.ndarray
    minimiser: np.ndarray
    minimum: float
    L: float
    L_max: float
    sigma: float


@cache
def problem(ridge: float) -> Problem:
    """The problem of this ridge.

    Data by `numpy.random.default_rng(77)`, in this order: features standard_normal((80, 5)), column
    j times 10^(-j/4); a true direction standard_normal(5); a label is 1 where random(80) is below
    the logistic function of twice the feature's product with it, else -1.
    """
    generator = np.random.default_rng(SEED)
    features = generator.standard_normal((TERMS, DIM)) * 10.0 ** (-np.arange(DIM) / (DIM - 1))
    chance = 1.0 / (1.0 + np.exp(-2.0 * features @ generator.standard_normal(DIM)))
    labels = np.where(generator.random(TERMS) < chance, 1.0, -1.0)
    examples = labels[:, None] * features
    x = newton(examples, ridge)
    pull = 1.0 / (1.0 + np.exp(examples @ x))
    slopes = ridge * x - pull[:, None] * examples
    minimum = np.mean(np.log1p(np.exp(-(examples @ x)))) + 0.5 * ridge * x @ x
    lengths = np.sum(examples**2, axis=1)
    steepest = np.linalg.eigvalsh(examples.T @ examples / TERMS)[-1]
    return Problem(
        examples,
        x,
        float(minimum),
        ridge + 0.25 * float(steepest),
        ridge + 0.25 * float(lengths.max()),
        float(np.mean(np.sum(slopes**2, axis=1))),
    )


def newton(examples: np.ndarray, ridge: float) -> np.ndarray:
    """The minimiser, by Newton's method with halved steps as long as f does not fall."""
    count, dim = examples.shape
    x = np.zeros(dim)

    def f(at: np.ndarray) -> float:
        return float(np.mean(np.logaddexp(0.0, -(examples @ at))) + 0.5 * ridge * at @ at)

    for _ in range(60):
        pull = 1.0 / (1.0 + np.exp(examples @ x))
        slope = ridge * x - examples.T @ pull / count
        hessian = examples.T @ ((pull * (1.0 - pull))[:, None] * examples) / count
        step = np.linalg.solve(hessian + ridge * np.eye(dim), slope)
        size = 1.0
        while f(x - size * step) > f(x) and size > 1e-3:
            size *= 0.5
        x = x - size * step
    return x


def constants(values: Values) -> Constants:
    """The examples times their labels."""
    return {"examples": problem(values["ridge"]).examples}


def sample(data: Problem, batch: int) -> Sample:
    """Slopes are examples times weights in [0, 1], but for the ridge, which all terms share."""
    length = float(np.mean(np.sum(data.examples**2, axis=1)))
    return Sample(
        convex=True,
        L=data.L_max,
        sigma=data.sigma / batch,
        variance=length / batch,
        unbiased=True,
    )


def facts(values: Values) -> Facts:
    """The solution. L is attained at 0, where every term has its largest curvature."""
    data = problem(values["ridge"])
    return Facts(
        dim=DIM,
        minimum=data.minimum,
        minimiser=data.minimiser,
        base_lr=0.5 / data.L_max,
        L=data.L,
        mu=values["ridge"],
        sample=sample(data, values["batch"]) if values["batch"] else None,
    )


LOGISTIC = Landscape(
    name="logistic",
    summary="logistic regression of 80 examples; a step sees a batch or all of them",
    source="Garrigos & Gower, Handbook of convergence theorems for (stochastic) gradient methods,"
    " arXiv 2301.11235",
    parameters=(
        Parameter("ridge", 0.01, "weight of |x|^2/2", "[1e-6, 1e6]"),
        Parameter("batch", 0, "terms drawn a step, with replacement; 0 = all of them", "[0, 1000]"),
    ),
    notes=(
        "With a batch the schedule sees the loss of the drawn terms, the step follows their"
        " gradient, and tables show the full f. The data are fixed; what differs from seed to seed"
        " is the order of the terms. mu is approached far away, where every term is flat."
    ),
    formula="1/80 sum_j log(1 + exp(-y_j a_j.x)) + ridge |x|^2 / 2",
    kernel=logistic,
    facts=facts,
    constants=constants,
    step_uniforms=lambda values: max(values["batch"], 1),
    workspace=lambda values: {"margin": 1},
)
