"""Exponentials and their relatives against 50-digit arithmetic, and compiled against plain."""

import math

import mpmath
import numpy as np
import pytest

from lab.engine.maths import exp, expm1, log1p, power, tanh
from tests.kernels import run_compiled, run_plain


def exponentials(x, out):
    for k in range(out.shape[0]):
        out[k] = exp(x[k])


def exponentials_less_one(x, out):
    for k in range(out.shape[0]):
        out[k] = expm1(x[k])


def logarithms(x, out):
    for k in range(out.shape[0]):
        out[k] = log1p(x[k])


def tangents(x, out):
    for k in range(out.shape[0]):
        out[k] = tanh(x[k])


def powers(x, p, out):
    for k in range(out.shape[0]):
        out[k] = power(x[k], p[k])


def spread(low, high, wide=True):
    """Uniform between the ends, over the binades beside 0, and next to multiples of ln(2) / 2."""
    generator = np.random.default_rng(8)
    uniform = generator.uniform(low, high, 1200)
    small = generator.uniform(-1.0, 1.0, 800) * 10.0 ** -generator.uniform(0.0, 16.0, 800)
    halves = np.arange(-9, 10) * math.log(2.0) / 2.0
    edges = np.concatenate([halves, np.nextafter(halves, -9.0), np.nextafter(halves, 9.0)])
    x = np.concatenate([uniform, small, edges, [0.0, 1.0, -0.5]])
    return x[(x >= low) & (x <= high) & ((x >= 0.0) | wide)]


#: Kernel, exact function, range, error in units of the last place of the exact result.
CASES = {
    "exp": (exponentials, mpmath.exp, (-708.0, 709.78), 1.0),
    "expm1": (exponentials_less_one, mpmath.expm1, (-745.0, 709.0), 2.0),
    "log1p": (logarithms, mpmath.log1p, (-0.999999, 1e3), 2.0),
    "tanh": (tangents, mpmath.tanh, (-25.0, 25.0), 4.0),
}


@pytest.mark.parametrize("name", CASES)
def test_errors_are_those_stated(name):
    kernel, exact, interval, bound = CASES[name]
    x = spread(*interval)
    found = run_compiled(kernel, {"x": x, "out": np.zeros(len(x))})["out"]
    with mpmath.workdps(50):
        for point, value in zip(x.tolist(), found.tolist(), strict=True):
            true = exact(mpmath.mpf(point))
            error = abs(value - true) / math.ulp(float(true))
            assert error <= bound, f"{name}({point!r}) = {value!r} is off by {error} ulp"


def test_powers_have_the_stated_relative_error():
    generator = np.random.default_rng(9)
    x = 10.0 ** generator.uniform(-30.0, 30.0, 1000)
    p = generator.uniform(-4.0, 9.0, 1000)
    found = run_compiled(powers, {"x": x, "p": p, "out": np.zeros(1000)})["out"]
    with mpmath.workdps(50):
        for base, exponent, value in zip(x.tolist(), p.tolist(), found.tolist(), strict=True):
            true = mpmath.mpf(base) ** mpmath.mpf(exponent)
            bound = (1.0 + abs(exponent * math.log(base))) * 3e-16
            assert abs(value / true - 1) <= bound, f"{base!r} ^ {exponent!r} = {value!r}"


def test_out_of_range_there_are_infinity_zero_and_the_limits():
    x = np.array([709.79, 1e6, math.inf, -745.2, -1e6, -math.inf])
    found = run_compiled(exponentials, {"x": x, "out": np.zeros(6)})["out"]
    assert found.tolist() == [math.inf] * 3 + [0.0] * 3
    found = run_compiled(exponentials_less_one, {"x": x[3:], "out": np.zeros(3)})["out"]
    assert found.tolist() == [-1.0] * 3
    x = np.array([30.0, 1e300, -30.0, -math.inf])
    found = run_compiled(tangents, {"x": x, "out": np.zeros(4)})["out"]
    assert found.tolist() == [1.0, 1.0, -1.0, -1.0]


def test_results_below_the_normal_range_lose_their_bits_and_not_their_size():
    x = np.linspace(-745.0, -708.4, 60)
    found = run_compiled(exponentials, {"x": x, "out": np.zeros(60)})["out"]
    with mpmath.workdps(50):
        for point, value in zip(x.tolist(), found.tolist(), strict=True):
            assert abs(value - mpmath.exp(point)) <= 2.0**-1074


def test_nothing_is_made_of_what_is_no_number():
    for kernel in (exponentials, exponentials_less_one, tangents):
        found = run_compiled(kernel, {"x": np.array([math.nan]), "out": np.zeros(1)})["out"]
        assert math.isnan(found[0])


@pytest.mark.parametrize("name", CASES)
def test_compiled_is_plain_bit_for_bit(name):
    kernel, _, interval, _ = CASES[name]
    fields = {"x": spread(*interval)[::8]}
    fields["out"] = np.zeros(len(fields["x"]))
    with np.errstate(over="ignore"):  # unsigned integers wrap round on purpose
        plain = run_plain(kernel, fields)["out"]
    compiled = run_compiled(kernel, fields)["out"]
    np.testing.assert_array_equal(compiled.view(np.uint64), plain.view(np.uint64))
