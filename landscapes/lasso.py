"""Least squares with an l1 penalty: a parabola with a kink along every axis."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from lab.component import Constants, Facts, Landscape, Parameter, Values
from lab.engine.bits import fma
from landscapes._linear import multiply

#: Seed of the data, observations per coordinate, share of coordinates that matter, noise.
SEED, OBSERVATIONS, SHARE, NOISE = 33, 5, 0.3, 0.1


def lasso(x, value, grad, point, hessian, smooth_minimiser, smooth_minimum, penalty):
    """Fill `value` (lanes,) and `grad` (dim, lanes) at `x` (dim, lanes).

    The squares are smooth_minimum + (x - c)' H (x - c) / 2 with H = hessian (dim, dim) and c =
    smooth_minimiser (dim,); `point` (dim, lanes) is overwritten. Where a coordinate is 0 the kink's
    part of the subgradient returned is 0.
    """
    dim, n = x.shape
    for i in range(dim):
        for k in range(n):
            point[i, k] = x[i, k] - smooth_minimiser[i]
    multiply(hessian, point, grad)
    for k in range(n):
        value[k] = smooth_minimum
    for i in range(dim):
        for k in range(n):
            a = x[i, k]
            value[k] = fma(0.5 * point[i, k], grad[i, k], fma(penalty, abs(a), value[k]))
            grad[i, k] += penalty if a > 0.0 else -penalty if a < 0.0 else 0.0


@dataclass(frozen=True)
class Problem:
    """Hessian (dim, dim), minimiser (dim,) and minimum of the squares; those of the whole."""

    hessian: np.ndarray
    smooth_minimiser: np.ndarray
    smooth_minimum: float
    minimiser: np.ndarray
    minimum: float


@cache
def problem(dim: int, penalty: float) -> Problem:
    """The problem of these parameters.

    Data by `numpy.random.default_rng(33)`, in this order: A = standard_normal((5 dim, dim)); the
    truth, standard_normal(dim) in the first 0.3 dim (at least one) coordinates, else 0; b = A truth
    + 0.1 standard_normal(5 dim).
    """
    generator = np.random.default_rng(SEED)
    count = OBSERVATIONS * dim
    features = generator.standard_normal((count, dim))
    truth = generator.standard_normal(dim) * (np.arange(dim) < max(SHARE * dim, 1.0))
    targets = features @ truth + NOISE * generator.standard_normal(count)
    hessian = features.T @ features / count
    centre = np.linalg.lstsq(features, targets)[0]
    floor = float(0.5 * np.mean((features @ centre - targets) ** 2))
    minimiser = descend(hessian, centre, penalty)
    away = minimiser - centre
    height = float(0.5 * away @ hessian @ away + penalty * np.abs(minimiser).sum())
    return Problem(hessian, centre, floor, minimiser, floor + height)


def descend(hessian: np.ndarray, centre: np.ndarray, penalty: float) -> np.ndarray:
    """The minimiser, by coordinate descent until the signs stand still, then exactly for them."""
    x = np.zeros_like(centre)
    for _ in range(200):
        for i in range(len(x)):
            pull = hessian[i] @ (centre - x) + hessian[i, i] * x[i]
            x[i] = np.sign(pull) * max(abs(pull) - penalty, 0.0) / hessian[i, i]
    on = x != 0.0
    target = (hessian @ centre)[on] - penalty * np.sign(x[on])
    x[on] = np.linalg.solve(hessian[np.ix_(on, on)], target)
    return x


def constants(values: Values) -> Constants:
    """The squares' Hessian, minimiser and minimum."""
    data = problem(values["dim"], values["penalty"])
    return {
        "hessian": data.hessian,
        "smooth_minimiser": data.smooth_minimiser,
        "smooth_minimum": data.smooth_minimum,
    }


def facts(values: Values) -> Facts:
    """The solution; mu is the smallest eigenvalue of the squares' Hessian."""
    data = problem(values["dim"], values["penalty"])
    curvatures = np.linalg.eigvalsh(data.hessian)
    return Facts(
        dim=values["dim"],
        minimum=data.minimum,
        minimiser=data.minimiser,
        base_lr=0.1 / float(curvatures[-1]),
        L=None if values["penalty"] else float(curvatures[-1]),
        mu=float(curvatures[0]),
        reason=(
            "L: the gradient jumps by 2 penalty where a coordinate changes its sign"
            if values["penalty"]
            else ""
        ),
    )


LASSO = Landscape(
    name="lasso",
    summary="least squares with an l1 penalty: most coordinates of the minimiser are 0",
    source="Tibshirani, Journal of the Royal Statistical Society B 58 (1996) 267-288",
    parameters=(
        Parameter("dim", 10, "number of coordinates", "[1, 200]"),
        Parameter("penalty", 0.2, "weight of the sum of absolute values", "[0, inf)"),
    ),
    notes=(
        "The data are fixed: 5 dim observations of dim standard normal features, three tenths of"
        " which matter. Where a coordinate is 0, as at the minimiser, the subgradient returned is"
        " the gradient of the squares, so it is not 0 at the minimum."
    ),
    formula="1/(2 n) |A x - b|^2 + penalty sum_i |x_i|, n = 5 dim",
    kernel=lasso,
    facts=facts,
    constants=constants,
    workspace=lambda values: {"point": values["dim"]},
)
