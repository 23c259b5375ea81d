"""Ackley's function: its kink, its ripple, its accuracy near the minimum and its plain."""

import math

import mpmath
import numpy as np
import pytest

from landscapes import LANDSCAPES
from landscapes.ackley import ACKLEY
from tests.kernels import evaluate


@pytest.mark.parametrize("dim", [1, 2, 8])
def test_the_gradient_at_the_kink_is_zero_and_beside_it_is_not(dim):
    landscape = LANDSCAPES.choose(f"ackley:dim={dim}")
    value, grad = evaluate(landscape, np.zeros((dim, 1)))
    assert value[0] == 0.0
    assert (grad == 0.0).all()
    for size in (1e-150, 1e-9):
        _, grad = evaluate(landscape, np.full((dim, 1), size))
        assert np.linalg.norm(grad) == pytest.approx(4.0 / math.sqrt(dim), rel=1e-6)


def test_the_value_keeps_its_relative_accuracy_down_to_the_minimum():
    x = np.array([[1e-3, -1e-8, 1e-20], [2e-4, 1e-9, -3e-20]])
    value, _ = evaluate(LANDSCAPES.choose("ackley"), x)
    for k in range(3):
        with mpmath.workdps(80):
            a, b = (mpmath.mpf(c) for c in x[:, k])
            radius = mpmath.sqrt((a * a + b * b) / 2)
            ripple = (mpmath.cospi(2 * a) + mpmath.cospi(2 * b)) / 2
            exact = 20 - 20 * mpmath.exp(-radius / 5) + mpmath.e - mpmath.exp(ripple)
            assert abs(value[k] / exact - 1) < 1e-15


def test_the_base_rate_is_one_over_the_largest_curvature_of_the_ripple():
    # Far out the funnel is flat; on the grid points the ripple is steepest bent.
    landscape = LANDSCAPES.choose("ackley:dim=8")
    h = 1e-5
    x = np.full((8, 2), 200.0)
    x[0] += (-h, h)
    _, grad = evaluate(landscape, x)
    curvature = (grad[0, 1] - grad[0, 0]) / (2 * h)
    assert ACKLEY.facts({"dim": 8}).base_lr == pytest.approx(1.0 / curvature, rel=1e-6)


def test_far_away_there_is_a_plain_of_the_height_of_the_funnel():
    value, grad = evaluate(LANDSCAPES.choose("ackley"), np.array([[1e9, 2.0**51, 1e200]] * 2))
    np.testing.assert_allclose(value, 20.0, rtol=1e-15)
    assert np.abs(grad).max() == 0.0
