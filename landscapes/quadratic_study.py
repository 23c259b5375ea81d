"""The robustness study's own quadratic: no factor 1/2, and a minimiser drawn for every seed."""

from __future__ import annotations

import numpy as np

from lab.component import Constants, Facts, Landscape, Parameter, Values
from lab.engine.bits import fma


def quadratic_study(x, value, grad, instance, weights):
    """Fill `value` (lanes,) and `grad` (dim, lanes) at `x` (dim, lanes).

    `instance` (dim, lanes) holds the targets, `weights` (dim,) the a_i.
    """
    dim, n = x.shape
    for k in range(n):
        value[k] = 0.0
    for i in range(dim):
        weight = weights[i]
        for k in range(n):
            away = x[i, k] - instance[i, k]
            pull = weight * away
            grad[i, k] = 2.0 * pull
            value[k] = fma(pull, away, value[k])


def weights(values: Values) -> np.ndarray:
    """The a_i (dim,), log-spaced from 1 to the condition number."""
    return values["condition"] ** (np.arange(values["dim"]) / max(values["dim"] - 1, 1))


def constants(values: Values) -> Constants:
    """The weights, for the kernel."""
    return {"weights": weights(values)}


def facts(values: Values) -> Facts:
    """f* = 0 at the targets; L and mu are twice the ends of the weights."""
    largest = float(weights(values)[-1])
    return Facts(
        dim=values["dim"],
        minimum=0.0,
        minimiser=None,
        base_lr=0.5 / largest,  # 1/L
        L=2.0 * largest,
        mu=2.0,
    )


QUADRATIC_STUDY = Landscape(
    name="quadratic-study",
    summary="the robustness study's quadratic, with targets drawn anew for every seed",
    source="GreedyLR, arXiv 2512.14527, robustness study",
    parameters=(
        Parameter("dim", 15, "number of coordinates", "[1, 10000]"),
        Parameter("condition", 100.0, "largest weight; the smallest one is 1", "[1, inf)"),
    ),
    notes=(
        "The study has condition 1 (well), 100 (ill) and 1000 (very ill) at dim=15. The targets are"
        " the minimiser: t ~ N(0, I), the same in every schedule of a seed. With dim=1 the only"
        " weight is 1."
    ),
    formula="sum_i a_i (x_i - t_i)^2, a_i = condition^((i-1)/(dim-1)), t_i ~ N(0, 1)",
    kernel=quadratic_study,
    facts=facts,
    constants=constants,
    instance_normals=lambda values: values["dim"],
)
