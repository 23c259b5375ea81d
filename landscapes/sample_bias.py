"""Ten parabolas, one of them far off: a rate that reads the sample it steps on is biased."""

from __future__ import annotations

import numpy as np

from lab.component import Facts, Landscape, Sample, Values

#: Nine terms have their minimum at 0, the last one here.
OUTLIER = 10.0
#: E |grad f_i(x*)|^2, and f* = SIGMA / 2: the variance of the ten centres.
SIGMA = 9.0


def sample_bias(x, value, grad, seen, step_uniform):
    """Fill `value` (lanes,) with f, `seen` and `grad` (1, lanes) with the drawn term's.

    `step_uniform` (1, lanes) on [0, 1) picks the term.
    """
    for k in range(x.shape[1]):
        distance = x[0, k] - 1.0
        value[k] = 0.5 * distance * distance + 0.5 * SIGMA
        slope = x[0, k] - (OUTLIER if step_uniform[0, k] >= 0.9 else 0.0)
        grad[0, k] = slope
        seen[k] = 0.5 * slope * slope


def begin(start):
    """x_0 = x* = 1 in every lane; `start` has shape (1, lanes)."""
    for k in range(start.shape[1]):
        start[0, k] = 1.0


def facts(values: Values) -> Facts:
    """The parabola (x - 1)^2 / 2 + 9/2."""
    return Facts(
        dim=1,
        minimum=0.5 * SIGMA,
        minimiser=np.ones(1),
        base_lr=0.1,
        L=1.0,
        mu=1.0,
        domain=(-1.0, 3.0),
        sample=Sample(convex=True, L=1.0, sigma=SIGMA, variance=SIGMA, unbiased=True),
    )


SAMPLE_BIAS = Landscape(
    name="sample-bias",
    summary="mean of ten parabolas, nine centred at 0 and one at 10, one drawn a step",
    source="this laboratory's theory page, problem P3",
    notes="It starts at its minimiser. A rate that is lowered whenever the outlier is drawn gives"
    " it less weight than it has in f, and the iterate settles below the minimiser however small"
    " the rates are.",
    formula="(1/10) sum_i (x - b_i)^2 / 2, b = nine times 0 and once 10",
    kernel=sample_bias,
    facts=facts,
    step_uniforms=lambda values: 1,
    start=begin,
    start_text="1, the minimiser",
)
