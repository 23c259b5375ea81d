"""Sine and cosine of radians against 50-digit arithmetic, and compiled against plain."""

import math

import mpmath
import numpy as np

from lab.engine.maths import sine_cosine
from tests.kernels import run_compiled, run_plain


def waves(x, sine, cosine):
    for k in range(x.shape[0]):
        sine[k], cosine[k] = sine_cosine(x[k])


def angles():
    """All sizes up to the limit, and next to the multiples of an eighth of a turn."""
    generator = np.random.default_rng(4)
    wide = generator.uniform(-1.0, 1.0, 1500) * 2.0 ** generator.uniform(-60.0, 30.0, 1500)
    near = generator.uniform(-20.0, 20.0, 800)
    eighths = np.arange(-40, 41) * math.pi / 4.0
    beside = [np.nextafter(eighths, sign * math.inf) for sign in (-1, 1)]
    x = np.concatenate([wide, near, eighths, *beside, [2.0**30, -(2.0**30)]])
    return x[np.abs(x) > 1e-300]


def field(x):
    return {"x": x, "sine": np.zeros(len(x)), "cosine": np.zeros(len(x))}


def test_errors_are_those_stated():
    x = angles()
    found = run_compiled(waves, field(x))
    with mpmath.workdps(60):
        for i, angle in enumerate(x.tolist()):
            for name, exact in (("sine", mpmath.sin(angle)), ("cosine", mpmath.cos(angle))):
                error = abs(float(found[name][i]) - exact)
                assert error <= 1.3e-16, f"{name} of {angle!r}"
                if abs(exact) > 1e-10:
                    assert error <= 3e-16 * abs(exact), f"{name} of {angle!r}"


def test_compiled_is_plain_bit_for_bit():
    fields = field(angles()[::6])
    compiled = run_compiled(waves, fields)
    with np.errstate(over="ignore"):  # unsigned integers wrap round on purpose
        plain = run_plain(waves, fields)
    for name in ("sine", "cosine"):
        np.testing.assert_array_equal(compiled[name].view(np.uint64), plain[name].view(np.uint64))
