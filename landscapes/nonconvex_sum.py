"""A convex mean of a convex and a concave parabola: smooth terms alone bound nothing."""

from __future__ import annotations

import math

import numpy as np

from lab.component import Facts, Landscape, Sample, Values


def nonconvex_sum(x, value, grad, seen, step_uniform):
    """Fill `value` (lanes,) with f, `seen` and `grad` (1, lanes) with the drawn term's.

    `step_uniform` (1, lanes) on [0, 1) picks the term.
    """
    for k in range(x.shape[1]):
        square = x[0, k] * x[0, k]
        value[k] = 0.025 * square
        curvature = 1.0 if step_uniform[0, k] < 0.5 else -0.9
        grad[0, k] = curvature * x[0, k]
        seen[k] = 0.5 * curvature * square


def begin(start):
    """x_0 = 1 in every lane; `start` has shape (1, lanes)."""
    for k in range(start.shape[1]):
        start[0, k] = 1.0


def facts(values: Values) -> Facts:
    """The parabola x^2 / 40; its terms have the curvatures 1 and -0.9."""
    return Facts(
        dim=1,
        minimum=0.0,
        minimiser=np.zeros(1),
        base_lr=0.5,
        L=0.05,
        mu=0.05,
        sample=Sample(convex=False, L=1.0, sigma=0.0, variance=math.inf, unbiased=True),
    )


NONCONVEX_SUM = Landscape(
    name="nonconvex-sum",
    summary="mean of x^2/2 and -0.45 x^2, one drawn a step: convex and smooth, yet it explodes",
    source="this laboratory's theory page, problem P6",
    notes="Every gradient vanishes at the minimiser, so the variance there is 0. With the rate 1/2"
    " x is multiplied by 1/2 or by 1.45: E f(x_T) = 0.025 * 1.17625^T, though almost every single"
    " lane falls to 0.",
    formula="(f_1 + f_2)/2, f_1 = x^2/2, f_2 = -0.45 x^2",
    kernel=nonconvex_sum,
    facts=facts,
    step_uniforms=lambda values: 1,
    start=begin,
    start_text="1",
)
