"""A matrix of low rank as the product of two factors: a simple non-convex learning problem."""

from __future__ import annotations

import math

import numpy as np

from lab.component import Constants, Facts, Landscape, Parameter, Values
from lab.engine.bits import fma

#: Seed of the true factors.
SEED = 11


def matrix_factorisation(x, value, grad, residual, matrix, rank):
    """Fill `value` (lanes,) and `grad` (dim, lanes) at `x` (dim, lanes).

    x holds U (rows x rank), then V (columns x rank), row by row; matrix is (rows, columns);
    residual (1, lanes) is overwritten.
    """
    rows, columns = matrix.shape
    dim, n = x.shape
    right = rows * rank
    for k in range(n):
        value[k] = 0.0
    for i in range(dim):
        for k in range(n):
            grad[i, k] = 0.0
    for i in range(rows):
        for j in range(columns):
            for k in range(n):
                residual[0, k] = -matrix[i, j]
            for r in range(rank):
                u, v = i * rank + r, right + j * rank + r
                for k in range(n):
                    residual[0, k] = fma(x[u, k], x[v, k], residual[0, k])
            for k in range(n):
                value[k] = fma(0.5 * residual[0, k], residual[0, k], value[k])
            for r in range(rank):
                u, v = i * rank + r, right + j * rank + r
                for k in range(n):
                    grad[u, k] = fma(residual[0, k], x[v, k], grad[u, k])
                for k in range(n):
                    grad[v, k] = fma(residual[0, k], x[u, k], grad[v, k])


def factors(values: Values) -> np.ndarray:
    """The true factors in the layout of x, shape (dim,)."""
    count = (values["rows"] + values["columns"]) * values["rank"]
    return np.random.default_rng(SEED).standard_normal(count)


def constants(values: Values) -> Constants:
    """The matrix to be factored."""
    left, right = np.split(factors(values), [values["rows"] * values["rank"]])
    return {"matrix": left.reshape(-1, values["rank"]) @ right.reshape(-1, values["rank"]).T}


def facts(values: Values) -> Facts:
    """f* = 0 at the true factors, and at all that an invertible matrix makes of them."""
    truth = factors(values)
    return Facts(
        dim=len(truth),
        minimum=0.0,
        minimiser=truth,
        base_lr=0.01,
        reason=(
            "L: a polynomial of degree 4, its curvature is unbounded; mu: not convex, 0 is a saddle"
            " point, and minimisers come in families"
        ),
        domain=(-3.0, 3.0),
        convex=False,
        G=math.inf,
        another=-truth,
    )


MATRIX_FACTORISATION = Landscape(
    name="matrix-factorisation",
    summary="two factors whose product is a given matrix of low rank",
    source="Ge, Jin & Zheng, No spurious local minima in nonconvex low rank problems, ICML 2017",
    parameters=(
        Parameter("rows", 4, "of the matrix", "[1, 30]"),
        Parameter("columns", 3, "of the matrix", "[1, 30]"),
        Parameter("rank", 2, "of the matrix and the factors", "[1, 30]"),
    ),
    notes=(
        "dim = (rows + columns) rank. The true factors are standard normal and the same in every"
        " run. Every local minimum is global; 0 is a saddle point; U G and V G^-T are as good as U"
        " and V for every invertible G, so the minimum is flat along them."
    ),
    formula="1/2 |U V' - M|_F^2",
    kernel=matrix_factorisation,
    facts=facts,
    constants=constants,
    workspace=lambda values: {"residual": 1},
)
