"""Elementary functions against 50-digit arithmetic, and compiled against plain Python."""

import math

import mpmath
import numpy as np
import pytest

from lab.engine.maths import (
    folded_sine_cosine,
    integer_to_float,
    log,
    sine_cosine_of_turn,
    square_root,
)
from tests.kernels import run_compiled, run_plain

mpmath.mp.dps = 50


def logarithms(x, out):
    for k in range(out.shape[0]):
        out[k] = log(x[k])


def waves(x, sine, cosine):
    for k in range(x.shape[0]):
        sine[k], cosine[k] = sine_cosine_of_turn(x[k])


def folded_waves(x, sine, cosine):
    for k in range(x.shape[0]):
        sine[k], cosine[k] = folded_sine_cosine(x[k])


def roots(x, out):
    for k in range(out.shape[0]):
        out[k] = square_root(x[k])


def positive_points() -> np.ndarray:
    """Uniform, over all binades, and where the reduction changes or the result is near 0."""
    generator = np.random.default_rng(2)
    spread = np.ldexp(generator.uniform(1.0, 2.0, 1500), generator.integers(-1022, 1024, 1500))
    near_one = 1.0 + generator.uniform(-1.0, 1.0, 800) * 10.0 ** -generator.uniform(0.5, 15.0, 800)
    edges = [
        1.0, math.nextafter(1.0, 0.0), math.nextafter(1.0, 2.0), 2.0, 0.5, math.e,
        math.sqrt(0.5), math.nextafter(math.sqrt(0.5), 0.0), math.sqrt(2.0),
        math.nextafter(math.sqrt(2.0), 2.0), 2.0**-1022, float(np.finfo(np.float64).max),
        2.0**-33, 1.0 - 2.0**-33,
    ]  # fmt: skip
    words = (generator.integers(0, 2**32, 1500) + 0.5) * 2.0**-32
    return np.concatenate([spread, near_one, words, edges])


def turns() -> np.ndarray:
    """Fractions of a turn as the generator makes them, larger angles, and next to every eighth."""
    generator = np.random.default_rng(3)
    words = generator.integers(0, 2**32, 1500) * 2.0**-32
    wide = generator.uniform(-1.0, 1.0, 800) * 2.0 ** generator.uniform(-60.0, 49.0, 800)
    eighths = np.arange(-16, 17) / 8.0
    # Beside 0 lie subnormal turns, of which no relative error can be asked.
    beside = [np.nextafter(eighths[eighths != 0.0], sign * math.inf) for sign in (-1, 1)]
    return np.concatenate([words, wide, eighths, *beside])


def exact_turn(v: float) -> tuple[mpmath.mpf, mpmath.mpf]:
    """Sine and cosine of 2 pi v; exact reduction first, so that 50 digits suffice."""
    angle = 2 * mpmath.pi * (mpmath.mpf(v) - mpmath.nint(mpmath.mpf(v)))
    return mpmath.sin(angle), mpmath.cos(angle)


def test_log_is_within_one_ulp():
    x = positive_points()
    found = run_compiled(logarithms, {"x": x, "out": np.zeros(len(x))})["out"]
    for point, value in zip(x.tolist(), found.tolist(), strict=True):
        exact = mpmath.log(point)
        if exact == 0:
            assert value == 0.0
        else:
            assert abs(value - exact) < math.ulp(float(exact)), f"log({point!r}) = {value!r}"


def test_sine_and_cosine_of_a_turn_have_the_stated_error():
    v = turns()
    found = run_compiled(waves, {"x": v, "sine": np.zeros(len(v)), "cosine": np.zeros(len(v))})
    for i, turn in enumerate(v.tolist()):
        for name, exact in zip(("sine", "cosine"), exact_turn(turn), strict=True):
            value = float(found[name][i])
            # At a quarter of a turn 50 digits of pi leave 1e-50 of what is exactly 0.
            if abs(exact) < 1e-40:
                assert value == 0.0, f"{name} of {turn!r} turns is {value!r}, not 0"
            else:
                assert abs(value - exact) < 2.5e-16 * abs(exact), f"{name} of {turn!r} turns"


def test_folded_sine_and_cosine_have_the_stated_error():
    x = np.concatenate([2.0 * turns()[:2300], np.arange(-9, 10) / 2.0])
    found = run_compiled(
        folded_waves, {"x": x, "sine": np.zeros(len(x)), "cosine": np.zeros(len(x))}
    )
    for i, point in enumerate(x.tolist()):
        exact = [mpmath.sinpi(point), mpmath.cospi(point)]
        if exact[1] < 0 or (exact[1] == 0 and float(found["sine"][i]) * exact[0] < 0):
            exact = [-z for z in exact]
        for name, z in zip(("sine", "cosine"), exact, strict=True):
            assert abs(float(found[name][i]) - z) <= 4e-16 * abs(z), f"{name} of {point!r}"


def test_square_root_is_within_one_ulp():
    x = np.concatenate([[0.0], positive_points()])
    found = run_compiled(roots, {"x": x, "out": np.zeros(len(x))})["out"]
    for point, value in zip(x.tolist(), found.tolist(), strict=True):
        exact = mpmath.sqrt(point)
        assert abs(value - exact) <= math.ulp(float(exact)) * (point > 0.0), f"sqrt({point!r})"


@pytest.mark.parametrize(
    ("kernel", "outputs", "points"),
    [
        (logarithms, ("out",), positive_points),
        (waves, ("sine", "cosine"), turns),
        (folded_waves, ("sine", "cosine"), turns),
        (roots, ("out",), positive_points),
    ],
)
def test_compiled_is_plain_bit_for_bit(kernel, outputs, points):
    x = points()[::5]
    fields = {"x": x, **{name: np.zeros(len(x)) for name in outputs}}
    compiled = run_compiled(kernel, fields)
    with np.errstate(over="ignore"):  # unsigned integers wrap round on purpose
        plain = run_plain(kernel, fields)
    for name in outputs:
        np.testing.assert_array_equal(compiled[name].view(np.uint64), plain[name].view(np.uint64))


def test_integers_convert_exactly():
    for n in (0, 1, 2, 2**31, 2**32 - 1, 2**51 + 1, 2**52 - 1):
        assert integer_to_float(np.uint64(n)) == n
