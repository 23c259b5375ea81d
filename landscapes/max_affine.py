"""The maximum of affine functions: a convex polyhedron to slide down."""

from __future__ import annotations

import math

import numpy as np

from lab.component import Constants, Facts, Landscape, Parameter, Values
from lab.engine.bits import fma, to_integer

#: Seed of the pieces' normals.
SEED = 404


def max_affine(x, value, grad, pieces, piece):
    """Fill `value` (lanes,) and `grad` (dim, lanes) at `x` (dim, lanes).

    pieces (count, dim) holds the normals; piece (2, lanes) is overwritten. Where pieces tie the
    gradient is that of the first of them, which is a subgradient.
    """
    count, dim = pieces.shape
    n = x.shape[1]
    for k in range(n):
        value[k] = -math.inf
        piece[0, k] = 0.0
    for j in range(count):
        for k in range(n):
            piece[1, k] = 0.0
        for i in range(dim):
            a = pieces[j, i]
            for k in range(n):
                piece[1, k] = fma(a, x[i, k], piece[1, k])
        for k in range(n):
            height, best, which = piece[1, k], value[k], piece[0, k]
            value[k] = height if height > best else best
            piece[0, k] = float(j) if height > best else which
    for i in range(dim):
        for k in range(n):
            grad[i, k] = pieces[to_integer(piece[0, k]), i]


def constants(values: Values) -> Constants:
    """Normals of the pieces, (pieces, dim): random ones whose sum is 0."""
    normals = np.random.default_rng(SEED).standard_normal((values["pieces"], values["dim"]))
    normals[-1] = -normals[:-1].sum(axis=0)
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    return {"pieces": normals / lengths}


def facts(values: Values) -> Facts:
    """Minimiser 0 with f* = 0: a positive combination of the normals is 0, a subgradient there."""
    return Facts(
        dim=values["dim"],
        minimum=0.0,
        minimiser=np.zeros(values["dim"]),
        base_lr=0.02,
        mu=0.0,
        reason="L: the gradient jumps from piece to piece",
        G=1.0,
        unique=True,
    )


def enough(values: Values) -> str:
    """What is wrong with too few pieces."""
    if values["pieces"] > values["dim"]:
        return ""
    return f"pieces={values['pieces']} must be more than dim={values['dim']}: else f is unbounded"


MAX_AFFINE = Landscape(
    name="max-affine",
    summary="the largest of some linear functions: flat faces that meet in edges",
    source="Boyd & Vandenberghe, Convex Optimization, Cambridge 2004, section 3.2.3",
    parameters=(
        Parameter("dim", 5, "number of coordinates", "[1, 1000]"),
        Parameter("pieces", 20, "number of linear functions", "[2, 10000]"),
    ),
    notes=(
        "The normals a_j are fixed random vectors of length 1, a positive combination of which is"
        " 0. On an edge the gradient is that of the first piece that attains the maximum; at the"
        " minimiser, where all tie, it is therefore not 0."
    ),
    formula="max_j a_j.x",
    kernel=max_affine,
    facts=facts,
    constants=constants,
    workspace=lambda values: {"piece": 2},
    rule=enough,
)
