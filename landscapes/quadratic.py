"""A convex quadratic with a chosen spectrum."""

from __future__ import annotations

import math

import numpy as np

from lab.component import Constants, Facts, Landscape, Parameter, Values
from lab.engine.bits import fma

SPECTRA = ("log-spaced", "clustered", "sparse", "adversarial", "random")


def quadratic(x, value, grad, eigenvalues):
    """Fill `value` (lanes,) and `grad` (dim, lanes) at `x` (dim, lanes); eigenvalues is (dim,)."""
    dim, n = x.shape
    for k in range(n):
        slope = eigenvalues[0] * x[0, k]
        grad[0, k] = slope
        value[k] = slope * x[0, k]
    for i in range(1, dim):
        eigenvalue = eigenvalues[i]
        for k in range(n):
            slope = eigenvalue * x[i, k]
            grad[i, k] = slope
            value[k] = fma(slope, x[i, k], value[k])
    for k in range(n):
        value[k] = 0.5 * value[k]


def spectrum(values: Values) -> np.ndarray:
    """Eigenvalues (dim,) from L / condition, or 0, up to L.

    L is a factor of the whole, so that doubling it doubles every eigenvalue to the last bit.
    """
    dim, condition = values["dim"], values["condition"]
    kind = values.get("spectrum", SPECTRA[0])
    if kind == "sparse":
        few = max(dim // 10, 1)
        return values["L"] * np.concatenate([np.zeros(dim - few), condition ** -backwards(few)])
    if kind == "adversarial":
        return values["L"] * chain(dim, condition)
    exponents = backwards(dim)
    if kind == "clustered":
        exponents = np.round(exponents)
    if kind == "random":
        inner = np.random.default_rng(dim).random(max(dim - 2, 0))
        exponents = np.concatenate([exponents[:1], np.sort(inner)[::-1], exponents[1:][-1:]])
    return values["L"] * condition**-exponents


def backwards(count: int) -> np.ndarray:
    """1 down to 0 in equal steps, shape (count,); 0 where there is only one."""
    return np.arange(count)[::-1] / max(count - 1, 1)


def chain(dim: int, condition: float) -> np.ndarray:
    """Nesterov's worst function has sin^2(pi j / (2 dim + 2)): this, moved to [1/condition, 1]."""
    waves = np.sin(0.5 * np.pi * np.arange(1, dim + 1) / (dim + 1)) ** 2
    share = (waves - waves[0]) / (waves[-1] - waves[0]) if dim > 1 else np.ones(1)
    return share + (1.0 - share) / condition


def constants(values: Values) -> Constants:
    """The spectrum, for the kernel."""
    return {"eigenvalues": spectrum(values)}


def facts(values: Values) -> Facts:
    """Minimiser 0 with f* = 0; mu and L are the ends of the spectrum."""
    mu = float(spectrum(values)[0])
    return Facts(
        dim=values["dim"],
        minimum=0.0,
        minimiser=np.zeros(values["dim"]),
        base_lr=1.0 / values["L"],  # every coordinate contracts, the steepest one in a single step
        L=values["L"],
        mu=mu,
        G=math.inf,
        another=None if mu else np.eye(values["dim"])[0],
    )


def single_eigenvalue(values: Values) -> str:
    """What is wrong with a condition number of one eigenvalue."""
    if values["dim"] > 1 or values["condition"] == 1.0:
        return ""
    return f"condition={values['condition']:g} needs dim of at least 2 (with dim=1, condition=1)"


QUADRATIC = Landscape(
    name="quadratic",
    summary="a convex bowl with a chosen spectrum, by default log-spaced from L / condition to L",
    source=(
        "Nesterov, Lectures on Convex Optimization, 2nd ed. 2018, section 2.1; the adversarial"
        " spectrum: section 2.1.2"
    ),
    parameters=(
        Parameter("dim", 10, "number of coordinates", "[1, 10000]"),
        Parameter("L", 1.0, "largest eigenvalue: the smoothness constant", "(0, inf)"),
        Parameter(
            "condition", 100.0, "ratio of the largest to the smallest eigenvalue", "[1, inf)"
        ),
        Parameter(
            "spectrum", SPECTRA[0], "how the eigenvalues lie between the two", choices=SPECTRA
        ),
    ),
    notes=(
        "Coordinate 1 is the flattest, coordinate dim the steepest. With dim=1 there is one"
        " eigenvalue, L, and condition must be given as 1. Spectra: clustered has the lower half of"
        " the eigenvalues at L / condition, the others at L; sparse has a tenth of them log-spaced"
        " up to L and the rest 0, so mu is 0; adversarial has them as the function that Nesterov"
        " proved hardest for first-order methods, dense at both ends; random has their logarithms"
        " drawn uniformly, the same for every seed and run of one dim."
    ),
    formula="1/2 sum_j lambda_j x_j^2, lambda_j = L condition^(-(dim-j)/(dim-1)), j = 1 .. dim",
    kernel=quadratic,
    facts=facts,
    constants=constants,
    rule=single_eigenvalue,
)
