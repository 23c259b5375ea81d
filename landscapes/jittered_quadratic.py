"""A quadratic whose minimiser jumps about: every step sees another one."""

from __future__ import annotations

import numpy as np

from lab.component import Constants, Facts, Landscape, Parameter, Sample, Values
from lab.engine.bits import fma
from landscapes.quadratic import single_eigenvalue, spectrum


def jittered_quadratic(x, value, grad, seen, step_normal, spectrum, jitter):
    """Fill `value` (lanes,) with the gap to the still minimiser; `seen`, `grad` with the jump's.

    step_normal (dim, lanes) is the step's jump in units of `jitter`; spectrum is (dim,).
    """
    dim, n = x.shape
    for k in range(n):
        value[k] = 0.0
        seen[k] = 0.0
    for i in range(dim):
        eigenvalue = spectrum[i]
        for k in range(n):
            distance = x[i, k] - jitter * step_normal[i, k]
            slope = eigenvalue * distance
            grad[i, k] = slope
            seen[k] = fma(0.5 * slope, distance, seen[k])
            value[k] = fma(0.5 * eigenvalue * x[i, k], x[i, k], value[k])


def constants(values: Values) -> Constants:
    """The spectrum, for the kernel."""
    return {"spectrum": spectrum(values)}


def facts(values: Values) -> Facts:
    """Those of the quadratic that stands still; the jitter adds the same to every gradient."""
    eigenvalues = spectrum(values)
    variance = float(np.sum((values["jitter"] * eigenvalues) ** 2))
    return Facts(
        dim=values["dim"],
        minimum=0.0,
        minimiser=np.zeros(values["dim"]),
        base_lr=1.0 / values["L"],
        L=values["L"],
        mu=float(eigenvalues[0]),
        sample=Sample(convex=True, L=values["L"], sigma=variance, variance=variance, unbiased=True),
    )


JITTERED_QUADRATIC = Landscape(
    name="jittered-quadratic",
    summary="a convex bowl whose bottom is drawn anew around 0 in every step",
    source="this laboratory's theory page, experiment on the optimal F; Schaul, Zhang, LeCun,"
    " No more pesky learning rates, ICML 2013 (the noisy quadratic)",
    parameters=(
        Parameter("dim", 10, "number of coordinates", "[1, 10000]"),
        Parameter("L", 1.0, "largest eigenvalue: the smoothness constant", "(0, inf)"),
        Parameter(
            "condition", 100.0, "ratio of the largest to the smallest eigenvalue", "[1, inf)"
        ),
        Parameter("jitter", 0.1, "standard deviation of the minimiser's coordinates", "[0, inf)"),
    ),
    notes="The schedule sees the jittered loss, the step its gradient; tables show the gap to the"
    " minimiser's mean. Both scale with L: multiplying L by a power of two and dividing the rate by"
    " it changes no decision and no bit of x.",
    formula="f_t = 1/2 sum_j lambda_j (x_j - jitter xi_j)^2, xi ~ N(0, I) in each step;"
    " lambda_j = L condition^(-(dim-j)/(dim-1)), j = 1 .. dim",
    kernel=jittered_quadratic,
    facts=facts,
    constants=constants,
    step_normals=lambda values: values["dim"],
    rule=single_eigenvalue,
)
