"""Fused multiply-add and the bits of a float, compiled and as plain Python."""

import math
from fractions import Fraction

import numpy as np
import pytest

from lab.engine.bits import fma, from_bits, to_bits
from tests.kernels import run_compiled, run_plain

LARGEST = float(np.finfo(np.float64).max)
TINY = 5e-324


def multiply_add(a, b, c, out):
    for k in range(out.shape[0]):
        out[k] = fma(a[k], b[k], c[k])


def round_trip(x, out):
    for k in range(out.shape[0]):
        out[k] = from_bits(to_bits(x[k]))


def evaluate(run, a, b, c):
    fields = {"a": a, "b": b, "c": c, "out": np.zeros(len(a))}
    return run(multiply_add, fields)["out"]


def is_nearest(found: float, exact: Fraction) -> bool:
    """Whether a float is the one nearest to an exact number, ties to the even one."""
    if abs(exact) >= Fraction(2) ** 1024 - Fraction(2) ** 970:
        return math.isinf(found) and (found > 0) == (exact > 0)
    error = abs(Fraction(found) - exact)
    for neighbour in (math.nextafter(found, -math.inf), math.nextafter(found, math.inf)):
        if math.isinf(neighbour):
            continue
        other = abs(Fraction(neighbour) - exact)
        if other < error or (other == error and int(to_bits(found)) % 2 == 1):
            return False
    return True


def finite_triples() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Products that nearly cancel, ties, subnormals, overflows, and ordinary numbers."""
    generator = np.random.default_rng(1)
    n = 1500
    a, b = generator.standard_normal((2, n))
    c = generator.standard_normal(n)
    c[:400] = -(a[:400] * b[:400])  # what rounding the product would lose
    c[400:600] = np.ldexp(c[400:600], generator.integers(-80, 80, 200))
    a[600:900] = np.ldexp(a[600:900], generator.integers(-600, -400, 300))
    b[600:900] = np.ldexp(b[600:900], generator.integers(-660, -400, 300))
    c[600:900] = np.ldexp(c[600:900], -1060)
    a[900:1100] = np.ldexp(a[900:1100], generator.integers(480, 560, 200))
    b[900:1100] = np.ldexp(b[900:1100], generator.integers(470, 510, 200))
    c[900:1100] *= 1e307
    half = 2.0**-53
    edges = [
        (1.0 + 2 * half, 1.0, half), (1.0, 1.0, half), (1.0, 1.0, -half / 2), (1.0, -1.0, 1.0),
        (LARGEST, 1.0, 2.0**969), (LARGEST, 1.0, 2.0**970), (LARGEST, 2.0, -LARGEST),
        (TINY, 0.5, 0.0), (TINY, 0.5, TINY), (TINY, -0.5, 0.0), (TINY, TINY, TINY),
    ]  # fmt: skip
    return tuple(np.concatenate(parts) for parts in zip((a, b, c), np.array(edges).T, strict=True))


@pytest.mark.parametrize("run", [run_plain, run_compiled])
def test_fma_rounds_the_exact_result_once(run):
    a, b, c = finite_triples()
    found = evaluate(run, a, b, c)
    for x, y, z, value in zip(a.tolist(), b.tolist(), c.tolist(), found.tolist(), strict=True):
        exact = Fraction(x) * Fraction(y) + Fraction(z)
        assert is_nearest(value, exact), f"fma({x!r}, {y!r}, {z!r}) gave {value!r}"


def test_triples_hold_what_they_should():
    a, b, c = finite_triples()
    with np.errstate(all="ignore"):
        twice = a * b + c
        found = evaluate(run_compiled, a, b, c)
    assert np.sum(found != twice) > 400
    assert np.sum(np.abs(found) < 2.3e-308) > 50
    assert 10 < np.sum(np.isinf(found)) < 150


@pytest.mark.parametrize("run", [run_plain, run_compiled])
def test_fma_of_infinities_zeros_and_nan(run):
    inf, nan = math.inf, math.nan
    cases = [
        (inf, 1.0, 1.0, inf), (-inf, 2.0, 1.0, -inf), (inf, 0.0, 1.0, nan), (0.0, -inf, 1.0, nan),
        (inf, 1.0, -inf, nan), (1.0, 1.0, -inf, -inf), (nan, 1.0, 1.0, nan), (1.0, 1.0, nan, nan),
        (1e200, 1e200, -inf, -inf), (-1e200, 1e200, inf, inf), (1e200, 1e200, nan, nan),
        (0.0, 1.0, 0.0, 0.0), (-0.0, 1.0, -0.0, -0.0), (-0.0, 1.0, 0.0, 0.0), (1.0, 1.0, -1.0, 0.0),
        (1e200, 1e200, -1e300, inf), (-1e-300, 1e-300, 0.0, -0.0),
    ]  # fmt: skip
    a, b, c, expected = np.array(cases).T
    found = evaluate(run, a, b, c)
    np.testing.assert_array_equal(found, expected)
    zero = expected == 0.0
    np.testing.assert_array_equal(np.signbit(found[zero]), np.signbit(expected[zero]))


def test_compiled_fma_is_the_plain_one():
    a, b, c = finite_triples()
    plain, compiled = evaluate(run_plain, a, b, c), evaluate(run_compiled, a, b, c)
    np.testing.assert_array_equal(plain.view(np.uint64), compiled.view(np.uint64))


@pytest.mark.parametrize("run", [run_plain, run_compiled])
def test_bits_go_there_and_back(run):
    x = np.array([0.0, -0.0, 1.0, -TINY, LARGEST, math.inf, -math.inf, math.nan])
    found = run(round_trip, {"x": x, "out": np.zeros(len(x))})["out"]
    np.testing.assert_array_equal(found.view(np.uint64), x.view(np.uint64))


def test_bits_are_those_of_ieee_754():
    assert int(to_bits(1.0)) == 0x3FF0000000000000
    assert int(to_bits(-2.0)) == 0xC000000000000000
    assert from_bits(np.uint64(1)) == TINY
