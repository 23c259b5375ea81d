"""Values and gradients against 50-digit arithmetic."""

import mpmath
import numpy as np
import pytest

from lab.component import Landscape
from lab.registry import Registry
from tests.kernels import evaluate

LANDSCAPES = Registry("landscape", "landscapes", (Landscape,))
DIGITS = 60
H = mpmath.mpf("1e-20")


def rosenbrock(x, dim, scale):
    return scale * sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(dim - 1))


def rastrigin(x, dim, amplitude):
    return amplitude * dim + sum(c**2 - amplitude * mpmath.cospi(2 * c) for c in x)


def quadratic(x, dim, L, condition):
    eigenvalues = [
        L * mpmath.mpf(condition) ** (mpmath.mpf(j - dim) / (dim - 1)) if dim > 1 else L
        for j in range(1, dim + 1)
    ]
    return sum(a * c**2 for a, c in zip(eigenvalues, x, strict=True)) / 2


CASES = {
    "rosenbrock": rosenbrock,
    "rosenbrock:scale=0.1": rosenbrock,
    "rosenbrock:dim=5,scale=10": rosenbrock,
    "rosenbrock:dim=12": rosenbrock,
    "rastrigin": rastrigin,
    "rastrigin:dim=10,amplitude=20": rastrigin,
    "rastrigin:dim=1,amplitude=0.01": rastrigin,
    "quadratic": quadratic,
    "quadratic:dim=15,L=2000,condition=1000": quadratic,
    "quadratic:dim=1,L=3,condition=1": quadratic,
}


@pytest.mark.parametrize("spread", [1e-6, 0.1, 1.0, 30.0])
@pytest.mark.parametrize("text", CASES)
def test_against_50_digits(text, spread):
    """Relative to the norm of the gradient: one coordinate may cancel to nothing, a norm hardly."""
    landscape = LANDSCAPES.choose(text)
    facts = landscape.component.facts(landscape.values)
    numbers = np.random.default_rng(5).standard_normal((facts.dim, 12))
    x = facts.minimiser[:, None] + spread * numbers
    value, grad = evaluate(landscape, x)
    for k in range(x.shape[1]):
        with mpmath.workdps(DIGITS):
            exact_value, exact_grad = reference(CASES[text], x[:, k], landscape.values)
            value_error = abs(mpmath.mpf(value[k]) - exact_value) / exact_value
            errors = [mpmath.mpf(g) - e for g, e in zip(grad[:, k], exact_grad, strict=True)]
            grad_error = mpmath.norm(errors) / mpmath.norm(exact_grad)
        assert value_error <= 1e-12
        assert grad_error <= 1e-12


def reference(function, x, values):
    """Value and central differences; their error is of order H^2, far below 1e-12."""
    at = [mpmath.mpf(c) for c in x]
    slopes = []
    for i in range(len(at)):
        above, below = list(at), list(at)
        above[i] += H
        below[i] -= H
        slopes.append((function(above, **values) - function(below, **values)) / (2 * H))
    return function(at, **values), slopes
