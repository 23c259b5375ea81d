"""Rastrigin's function: curvature, accuracy near the minimum and far away, local minima."""

import math

import mpmath
import numpy as np
import pytest

from lab.component import Chosen
from landscapes.rastrigin import RASTRIGIN
from tests.kernels import evaluate


def rastrigin(**given):
    return Chosen(RASTRIGIN, {"dim": 1, "amplitude": 10.0, **given})


def facts(landscape):
    return landscape.component.facts(landscape.values)


@pytest.mark.parametrize("amplitude", [0.0, 0.02, 10.0])
def test_L_is_the_curvature_at_the_minimum_and_the_smallest_one_is_half_a_period_away(amplitude):
    landscape = rastrigin(amplitude=amplitude)
    h = 1e-5
    _, grad = evaluate(landscape, np.array([[-h, h, 0.5 - h, 0.5 + h]]))
    largest = (grad[0, 1] - grad[0, 0]) / (2 * h)
    smallest = (grad[0, 3] - grad[0, 2]) / (2 * h)
    known = facts(landscape)
    assert abs(known.L / largest - 1) <= 1e-7
    assert smallest == pytest.approx(2 - 4 * math.pi**2 * amplitude, rel=1e-6)
    if smallest < 0:
        assert known.mu is None
    else:
        assert known.mu == pytest.approx(smallest, rel=1e-6)


def test_the_value_keeps_its_relative_accuracy_down_to_the_minimum():
    # The difference A - A cos would be 0 below 1e-9; f is (1 + 2 pi^2 A) x^2 there.
    x = np.array([[1e-4, -1e-8, 1e-20, -1e-100]])
    value, grad = evaluate(rastrigin(), x)
    for k, a in enumerate(x[0]):
        with mpmath.workdps(250):
            exact = mpmath.mpf(a) ** 2 + 20 * mpmath.sinpi(mpmath.mpf(a)) ** 2
            slope = 2 * mpmath.mpf(a) + 20 * mpmath.pi * mpmath.sinpi(2 * mpmath.mpf(a))
            assert abs(value[k] / exact - 1) < 1e-15
            assert abs(grad[0, k] / slope - 1) < 1e-15


def test_far_away_the_angle_is_still_exact():
    x = np.array([[1234567.25, -(2.0**40) + 0.125, 2.0**49 + 0.0625]])
    value, grad = evaluate(rastrigin(amplitude=1e6), x)
    for k, a in enumerate(x[0]):
        with mpmath.workdps(100):
            ripple = 1e6 * (1 - mpmath.cospi(2 * mpmath.mpf(a)))
            swing = 2e6 * mpmath.pi * mpmath.sinpi(2 * mpmath.mpf(a))
            assert abs(value[k] / (mpmath.mpf(a) ** 2 + ripple) - 1) < 4e-16
            # Relative to the size of its two terms, which may cancel.
            assert abs(grad[0, k] - (2 * mpmath.mpf(a) + swing)) < 1e-15 * (2 * abs(a) + 7e6)


def test_out_of_the_range_of_the_angle_the_bowl_is_left():
    x = np.array([[2.0**50 + 0.25, -1e70]])
    value, grad = evaluate(rastrigin(), x)
    np.testing.assert_array_equal(value, x[0] ** 2)
    np.testing.assert_array_equal(grad, 2 * x)


def test_local_minima_lie_near_integers_up_to_pi_times_the_amplitude():
    x = np.arange(0.5, 41.0, 0.001)[None, :]
    _, grad = evaluate(rastrigin(), x)
    rising = (grad[0, :-1] < 0) & (grad[0, 1:] >= 0)
    minima = x[0, 1:][rising]
    np.testing.assert_array_equal(np.round(minima), np.arange(1, math.floor(10 * math.pi) + 1))
