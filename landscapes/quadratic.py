"""A convex quadratic with a log-spaced spectrum."""

from __future__ import annotations

import numpy as np

from lab.component import Constants, Facts, Landscape, Parameter, Values
from lab.engine.bits import fma


def quadratic(x, value, grad, spectrum):
    """Fill `value` (lanes,) and `grad` (dim, lanes) at `x` (dim, lanes); `spectrum` is (dim,)."""
    dim, n = x.shape
    for k in range(n):
        value[k] = 0.0
    for i in range(dim):
        eigenvalue = spectrum[i]
        for k in range(n):
            slope = eigenvalue * x[i, k]
            grad[i, k] = slope
            value[k] = fma(0.5 * slope, x[i, k], value[k])


def spectrum(values: Values) -> np.ndarray:
    """Eigenvalues (dim,) from L / condition up to L.

    L is a factor of the whole, so that doubling it doubles every eigenvalue to the last bit.
    """
    steps = np.arange(values["dim"])[::-1] / max(values["dim"] - 1, 1)
    return values["L"] * values["condition"] ** -steps


def constants(values: Values) -> Constants:
    """The spectrum, for the kernel."""
    return {"spectrum": spectrum(values)}


def facts(values: Values) -> Facts:
    """Minimiser 0 with f* = 0; mu and L are the ends of the spectrum."""
    return Facts(
        dim=values["dim"],
        minimum=0.0,
        minimiser=np.zeros(values["dim"]),
        base_lr=1.0 / values["L"],  # every coordinate contracts, the steepest one in a single step
        L=values["L"],
        mu=float(spectrum(values)[0]),
    )


def single_eigenvalue(values: Values) -> str:
    """What is wrong with a condition number of one eigenvalue."""
    if values["dim"] > 1 or values["condition"] == 1.0:
        return ""
    return f"condition={values['condition']:g} needs dim of at least 2 (with dim=1, condition=1)"


QUADRATIC = Landscape(
    name="quadratic",
    summary="a convex bowl with eigenvalues log-spaced from L / condition to L",
    source="Nesterov, Lectures on Convex Optimization, 2nd ed. 2018, section 2.1",
    parameters=(
        Parameter("dim", 10, "number of coordinates", "[1, 10000]"),
        Parameter("L", 1.0, "largest eigenvalue: the smoothness constant", "(0, inf)"),
        Parameter(
            "condition", 100.0, "ratio of the largest to the smallest eigenvalue", "[1, inf)"
        ),
    ),
    notes=(
        "Coordinate 1 is the flattest, coordinate dim the steepest. With dim=1 there is one"
        " eigenvalue, L, and condition must be given as 1."
    ),
    formula="1/2 sum_j lambda_j x_j^2, lambda_j = L condition^(-(dim-j)/(dim-1)), j = 1 .. dim",
    kernel=quadratic,
    facts=facts,
    constants=constants,
    rule=single_eigenvalue,
)
