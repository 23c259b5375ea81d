"""Values and gradients against the formulas in 60-digit arithmetic."""

import mpmath
import numpy as np
import pytest

from experiments.gradient_check import worst_gradient_error
from landscapes import LANDSCAPES
from tests.kernels import evaluate
from tests.landscapes.formulas import FORMULAS
from tests.landscapes.table import CANCELLING, SHARP, SLACK, TABLE, sampled

DIGITS = 60
H = mpmath.mpf("1e-20")
POINTS = 6
CASES = [
    (text, spread)
    for text in TABLE
    for spread in ([1e-6] if text.partition(":")[0] in SHARP else []) + [0.01, 0.1, 1.0, 30.0]
]


@pytest.mark.parametrize(("text", "spread"), CASES)
def test_against_60_digits(text, spread):
    """Relative to the norm of the gradient: one coordinate may cancel to nothing, a norm hardly."""
    landscape = LANDSCAPES.choose(text)
    component, values = landscape.component, landscape.values
    dim = component.facts(values).dim
    generator = np.random.default_rng(5)
    instance = generator.standard_normal((component.instance_normals(values), POINTS))
    x = spread * generator.standard_normal((dim, POINTS))
    minimiser = component.facts(values).minimiser
    x += 0.0 if minimiser is None else minimiser[:, None]
    value, grad = evaluate(landscape, x, **({"instance": instance} if len(instance) else {}))
    bound = 1e-11 if component.name in SLACK else 1e-12
    rounding = 1e-15 * CANCELLING.get(component.name, 0.0)
    for k in range(POINTS):
        with mpmath.workdps(DIGITS):
            exact_value, exact_grad = reference(landscape, x[:, k], instance[:, k])
            error = abs(mpmath.mpf(value[k]) - exact_value)
            assert error <= bound * abs(exact_value) + rounding
            if not sampled(landscape):
                errors = [mpmath.mpf(g) - e for g, e in zip(grad[:, k], exact_grad, strict=True)]
                assert mpmath.norm(errors) <= bound * mpmath.norm(exact_grad)


def reference(landscape, x, instance):
    """Value and central differences; their error is of order H^2, far below 1e-12."""
    at, own = [mpmath.mpf(c) for c in x], [mpmath.mpf(c) for c in instance]
    name = landscape.component.name
    assert name in FORMULAS, f"{name} needs a formula in tests/landscapes/formulas.py"
    formula = FORMULAS[name]
    slopes = []
    if sampled(landscape):
        return formula(at, own, **landscape.values), slopes
    for i in range(len(at)):
        above, below = list(at), list(at)
        above[i] += H
        below[i] -= H
        high = formula(above, own, **landscape.values)
        low = formula(below, own, **landscape.values)
        slopes.append((high - low) / (2 * H))
    return formula(at, own, **landscape.values), slopes


@pytest.mark.parametrize("spread", [0.02, 1.0, 30.0])
@pytest.mark.parametrize("text", TABLE)
def test_gradients_are_those_of_the_value_that_the_kernel_returns(text, spread):
    """By the chain rule through the kernel itself; of a sample, those of the sample's loss."""
    landscape = LANDSCAPES.choose(text)
    dim = landscape.component.facts(landscape.values).dim
    # Fewer points for problems with data, of which every one costs thousands of operations.
    lanes = 6 if landscape.component.name in {"network", "logistic", "hinge"} else 40
    points = spread * np.random.default_rng(11).standard_normal((dim, lanes))
    worst = worst_gradient_error(landscape, points)
    assert worst.error <= 1e-11, worst
