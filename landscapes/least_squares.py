"""Least squares as a finite sum, of which every step sees a few terms."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from lab.component import Constants, Facts, Landscape, Parameter, Sample, Values
from lab.engine.bits import fma, to_integer

#: Seed of the data, number of terms and of coordinates.
DATA_SEED, TERMS, DIM = 101, 200, 10


def least_squares(
    x, value, grad, seen, step_uniform, residual, features, targets, minimiser, root, minimum
):
    """Fill `value` (lanes,) with f, `seen` and `grad` (dim, lanes) with the drawn terms' means.

    step_uniform (batch, lanes) on [0, 1) picks the terms. features (dim, n) and targets (n,) are
    the data; f is minimum + |root (x - minimiser)|^2 / 2, root upper triangular. residual (1,
    lanes) is overwritten.
    """
    dim, n = x.shape
    batch = step_uniform.shape[0]
    terms = float(targets.shape[0])
    share = 1.0 / batch
    for k in range(n):
        value[k] = minimum
        seen[k] = 0.0
    for i in range(dim):
        for k in range(n):
            grad[i, k] = 0.0
    for j in range(batch):
        for k in range(n):
            residual[0, k] = -targets[to_integer(step_uniform[j, k] * terms)]
        for i in range(dim):
            for k in range(n):
                term = to_integer(step_uniform[j, k] * terms)
                residual[0, k] = fma(features[i, term], x[i, k], residual[0, k])
        for k in range(n):
            seen[k] = fma(0.5 * share * residual[0, k], residual[0, k], seen[k])
        for i in range(dim):
            for k in range(n):
                term = to_integer(step_uniform[j, k] * terms)
                grad[i, k] = fma(share * residual[0, k], features[i, term], grad[i, k])
    for i in range(dim):
        for k in range(n):
            residual[0, k] = 0.0
        for j in range(i, dim):
            weight, centre = root[i, j], minimiser[j]
            for k in range(n):
                residual[0, k] = fma(weight, x[j, k] - centre, residual[0, k])
        for k in range(n):
            value[k] = fma(0.5 * residual[0, k], residual[0, k], value[k])


def begin(start):
    """x_0 = 0 in every lane; `start` has shape (dim, lanes)."""
    dim, n = start.shape
    for i in range(dim):
        for k in range(n):
            start[i, k] = 0.0


@dataclass(frozen=True)
class Problem:
    """The data of f = (1/n) sum of (a_i.x - b_i)^2 / 2, and what follows from them.

    features: rows a_i, shape (n, dim). targets: b_i, shape (n,). minimiser: x*, shape (dim,).
    minimum: f*. L_max: the largest |a_i|^2, the smoothness of the steepest term. sigma: the mean of
    |grad f_i(x*)|^2.
    """

    features: np.ndarray
    targets: np.ndarray
    minimiser: np.ndarray
    minimum: float
    L_max: float
    sigma: float


@cache
def problem(name: str) -> Problem:
    """P1 (Gaussian errors), P2 (none: interpolation) or P5 (skewed errors).

    Data from `numpy.random.default_rng(101)`, in this order: A = standard_normal((200, 10)), its
    column j times 10^(-j/9); x_true = standard_normal(10); e = standard_normal(200); b = A x_true
    plus the errors.
    """
    generator = np.random.default_rng(DATA_SEED)
    features = generator.standard_normal((TERMS, DIM)) * 10.0 ** (-np.arange(DIM) / (DIM - 1))
    truth = generator.standard_normal(DIM)
    e = generator.standard_normal(TERMS)
    errors = {"P1": 0.5 * e, "P2": 0.0 * e, "P5": 0.5 * (np.exp(e) - np.exp(0.5))}[name]
    # Solved for the distance from the truth, so that without errors both x* and f* are exact.
    shift = np.linalg.lstsq(features, errors)[0]
    residuals = features @ shift - errors
    lengths = np.sum(features**2, axis=1)
    return Problem(
        features,
        features @ truth + errors,
        truth + shift,
        float(0.5 * np.mean(residuals**2)),
        float(lengths.max()),
        float(np.mean(residuals**2 * lengths)),
    )


def constants(values: Values) -> Constants:
    """The data as the kernel reads them, and f in closed form."""
    data = problem(values["problem"])
    return {
        "features": np.ascontiguousarray(data.features.T),
        "targets": data.targets,
        "minimiser": data.minimiser,
        "root": np.linalg.qr(data.features / np.sqrt(TERMS))[1],
        "minimum": data.minimum,
    }


def facts(values: Values) -> Facts:
    """L and mu are those of f itself; a mean of n terms has an n-th of a single one's sigma."""
    data = problem(values["problem"])
    curvatures = np.linalg.eigvalsh(data.features.T @ data.features / TERMS)
    return Facts(
        dim=DIM,
        minimum=data.minimum,
        minimiser=data.minimiser,
        base_lr=0.5 / data.L_max,
        L=float(curvatures[-1]),
        mu=float(curvatures[0]),
        sample=Sample(
            convex=True,
            L=data.L_max,
            sigma=data.sigma / values["batch"],
            variance=math.inf,
            unbiased=True,
        ),
    )


LEAST_SQUARES = Landscape(
    name="least-squares",
    summary="a finite sum of 200 squared residuals; a step sees the loss of a batch",
    source="Garrigos & Gower, Handbook of convergence theorems for (stochastic) gradient methods,"
    " arXiv 2301.11235",
    parameters=(
        Parameter(
            "problem",
            "P1",
            "errors of the data: Gaussian, none (interpolation), skewed",
            choices=("P1", "P2", "P5"),
        ),
        Parameter("batch", 1, "terms drawn a step, with replacement", "[1, 1000]"),
    ),
    notes="The schedule sees the loss of the drawn terms, the step follows their gradient; tables"
    " show the full f. The data are fixed (numpy.random.default_rng(101)); what differs from seed"
    " to seed is the order of the terms.",
    formula="(1/200) sum_i (a_i.x - b_i)^2 / 2",
    kernel=least_squares,
    facts=facts,
    constants=constants,
    step_uniforms=lambda values: values["batch"],
    workspace=lambda values: {"residual": 1},
    start=begin,
    start_text="0",
)
