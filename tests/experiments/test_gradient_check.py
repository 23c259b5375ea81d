"""The gradient check passes what is right and finds what is wrong, where it is wrong."""

import dataclasses
import math

import numpy as np
import pytest

from experiments.gradient_check import worst_gradient_error
from lab.component import Chosen, Facts, Landscape
from lab.engine import bits, maths
from lab.engine.bits import from_bits, to_bits
from lab.engine.dual import RULES, Dual, differentiated
from lab.engine.maths import exp, log1p, power, sine_cosine, tanh
from landscapes import LANDSCAPES


def everything(x, value, grad, steepness):
    """All that a kernel may call, in one value, with its right gradient."""
    for k in range(x.shape[1]):
        a, b = x[0, k], x[1, k]
        s, c = sine_cosine(steepness * a)
        e = exp(-abs(b))
        t = tanh(a)
        root = math.sqrt(1.0 + b * b)
        value[k] = (1.0 - s) * e / root + t + log1p(a**2) - power(root, 3.0) + max(a, b)
        grad[0, k] = -steepness * c * e / root + (1.0 - t * t) + 2.0 * a / (1.0 + a * a)
        grad[0, k] += 1.0 if a >= b else 0.0
        slope = -(1.0 - s) * e / root * (1.0 if b >= 0.0 else -1.0)
        grad[1, k] = slope - (1.0 - s) * e * b / root**3 - 3.0 * root * b
        grad[1, k] += 0.0 if a >= b else 1.0


def bitwise(x, value, grad):
    """Half the square, its sign taken off by hand: no number with slopes can follow that."""
    for k in range(x.shape[1]):
        size = from_bits((to_bits(x[0, k]) << np.uint64(1)) >> np.uint64(1))
        value[k] = 0.5 * size * size + 2.0 * x[1, k]
        grad[0, k] = x[0, k]
        grad[1, k] = 2.0


def slip(x, value, grad):
    """The square norm, with a gradient that is wrong along coordinate 1 beyond 2."""
    for k in range(x.shape[1]):
        value[k] = x[0, k] * x[0, k] + x[1, k] * x[1, k]
        grad[0, k] = 2.0 * x[0, k]
        grad[1, k] = 2.0 * x[1, k] + (0.01 * (x[1, k] - 2.0) if x[1, k] > 2.0 else 0.0)


def landscape(kernel, **numbers):
    return Chosen(
        Landscape(
            name="test", summary="", source="", formula="", kernel=kernel,
            facts=lambda values: Facts(2, None, None, 0.1), constants=lambda values: numbers,
        ),
        {},
    )  # fmt: skip


def points(dim, n, seed=0):
    return 2.0 * np.random.default_rng(seed).standard_normal((dim, n))


def test_a_right_gradient_passes():
    assert worst_gradient_error(landscape(everything, steepness=1.5), points(2, 200)).error < 1e-14


def test_a_kernel_that_works_on_bits_is_checked_by_differences():
    with pytest.raises(TypeError):
        differentiated(bitwise)(*np.full((3, 2, 1), Dual(1.0, np.ones(2))))
    assert worst_gradient_error(landscape(bitwise), points(2, 200)).error < 1e-8


def test_a_wrong_gradient_is_found_at_its_worst_point():
    x = points(2, 300)
    error, point, coordinate = worst_gradient_error(landscape(slip), x)
    excess = np.maximum(x[1] - 2.0, 0.0) * 0.01 / np.linalg.norm(2.0 * x, axis=0)
    assert coordinate == 1
    np.testing.assert_array_equal(point, x[:, np.argmax(excess)])
    assert error == pytest.approx(excess.max(), rel=1e-9)


def test_a_gradient_that_is_no_number_is_infinitely_wrong():
    def gap(x, value, grad):
        for k in range(x.shape[1]):
            value[k] = x[0, k] + x[1, k]
            grad[0, k] = 1.0
            grad[1, k] = 1.0 if x[1, k] > -1.0 else math.nan

    worst = worst_gradient_error(landscape(gap), np.array([[0.0, 0.0], [0.0, -2.0]]))
    assert worst.error == math.inf
    assert worst.point.tolist() == [0.0, -2.0]
    assert worst.coordinate == 1


def test_a_wrong_sign_in_a_built_in_landscape_is_found():
    chosen = LANDSCAPES.choose("rosenbrock")
    right = chosen.component.kernel

    def wrong(x, value, grad, scale):
        right(x, value, grad, scale)
        for k in range(x.shape[1]):
            grad[1, k] = -grad[1, k]

    broken = Chosen(dataclasses.replace(chosen.component, kernel=wrong), chosen.values)
    worst = worst_gradient_error(broken, points(2, 50))
    assert worst.error > 0.1
    assert worst.coordinate == 1


def test_every_elementary_function_has_a_rule_or_is_made_of_such():
    parts = {maths.integer_to_float, maths.power_of_two}
    public = [f for name, f in vars(maths).items() if callable(f) and name[0] != "_"]
    for function in public:
        if function.__module__ == maths.__name__ and function not in {*RULES, *parts}:
            others = [2.0] * (function.__code__.co_argcount - 1)
            result = differentiated(function)(Dual(0.5, np.ones(1)), *others)
            assert isinstance(result, Dual), function.__name__
    assert bits.fma in RULES
