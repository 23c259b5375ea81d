"""Words to normals: against 50-digit arithmetic, at the ends of the words, in every octant."""

import mpmath
import numpy as np

from lab.engine.bits import to_bits
from lab.engine.box_muller import normal_pair
from tests.kernels import run_compiled, run_plain

mpmath.mp.dps = 50

EDGES = [0, 1, 2, 2**29 - 1, 2**29, 2**30 - 1, 2**30, 2**31 - 1, 2**31, 3 * 2**30, 2**32 - 1]
#: Beside sqrt(1/2): where the mantissa of the logarithm's argument is taken from another binade.
SEAM = [int(2**32 * 0.5**0.5) + i for i in range(-2, 3)]


def pairs(words, out):
    for k in range(out.shape[1]):
        out[0, k], out[1, k] = normal_pair(to_bits(words[0, k]), to_bits(words[1, k]))


def exact_pair(a: int, b: int) -> tuple[mpmath.mpf, mpmath.mpf]:
    """The definition: two normals from two words."""
    radius = mpmath.sqrt(-2 * mpmath.log((a + mpmath.mpf(1) / 2) / 2**32))
    fraction = b % 2**30 + mpmath.mpf(1) / 2 - 2**29
    angle = fraction / 2**30 * mpmath.pi / 2
    cosine = mpmath.cos(angle) * (-1 if b >> 31 else 1)
    sine = mpmath.sin(angle)
    pair = (sine, cosine) if b >> 30 & 1 else (cosine, sine)
    return radius * pair[0], radius * pair[1]


def sample() -> np.ndarray:
    """Pairs of words, shape (2, lanes)."""
    generator = np.random.default_rng(5)
    words = generator.integers(0, 2**32, (2, 2000), dtype=np.uint64)
    edges = np.array([(a, b) for a in EDGES + SEAM for b in EDGES], dtype=np.uint64).T
    return np.concatenate([words, edges], axis=1)


def test_normals_are_those_of_the_definition():
    words = sample()
    fields = {"words": words.view(np.float64), "out": np.zeros(words.shape)}
    found = run_compiled(pairs, fields)["out"]
    for k, (a, b) in enumerate(words.T.tolist()):
        for value, exact in zip(found[:, k].tolist(), exact_pair(a, b), strict=True):
            assert abs(value - exact) < 1.2e-15 * abs(exact), f"words {a}, {b}: {value!r}"


def test_compiled_is_plain_bit_for_bit():
    words = sample()[:, ::7]
    fields = {"words": words.view(np.float64), "out": np.zeros(words.shape)}
    compiled = run_compiled(pairs, fields)["out"]
    with np.errstate(over="ignore"):  # unsigned integers wrap round on purpose
        plain = run_plain(pairs, fields)["out"]
    np.testing.assert_array_equal(compiled.view(np.uint64), plain.view(np.uint64))


def test_normals_are_bounded_as_stated():
    with np.errstate(over="ignore"):
        size = max(abs(z) for z in normal_pair(np.uint64(0), np.uint64(2**29)))
    assert 6.76 < size < 6.77


def test_every_octant_is_met_by_as_many_words():
    """Words in equal steps: as often either sign of either normal, and either one the larger."""
    b = np.arange(2**22, 2**32, 2**23, dtype=np.uint64)
    words = np.array([np.full(b.shape, 2**31, dtype=np.uint64), b])
    first, second = run_compiled(
        pairs, {"words": words.view(np.float64), "out": np.zeros(words.shape)}
    )["out"]
    octant = (first < 0.0) * 1 + (second < 0.0) * 2 + (np.abs(first) < np.abs(second)) * 4
    assert np.bincount(octant).tolist() == [len(b) // 8] * 8
