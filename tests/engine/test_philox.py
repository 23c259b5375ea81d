"""The generator: published vectors, and how counters, streams and lanes map to words."""

import numpy as np
import pytest

from lab.engine import philox
from lab.engine.maths import integer_to_float
from lab.engine.philox import fill_normals, fill_uniforms, philox4x32, unit_uniform
from tests.engine.test_box_muller import exact_pair
from tests.kernels import run_compiled, run_plain

#: Counter, key, output: Random123 1.14, examples/kat_vectors, philox4x32 with 10 rounds.
KNOWN = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000",
     "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff",
     "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0",
     "d16cfe09 94fdcceb 5001e420 24126ea1"),
]  # fmt: skip

SEED = 0x0123456789ABCDEF


def rounds(counter, key, out):
    for k in range(out.shape[1]):
        a, b, c, d = philox4x32(
            np.uint64(counter[0, k]), np.uint64(counter[1, k]),
            np.uint64(counter[2, k]), np.uint64(counter[3, k]),
            np.uint64(key[0, k]), np.uint64(key[1, k]),
        )  # fmt: skip
        out[0, k], out[1, k] = integer_to_float(a), integer_to_float(b)
        out[2, k], out[3, k] = integer_to_float(c), integer_to_float(d)


def reference(counter: tuple[int, ...], key: tuple[int, ...]) -> tuple[int, ...]:
    """Philox4x32-10 in whole numbers, from the paper's definition."""
    c, (k0, k1) = counter, key
    for _ in range(10):
        high0, low0 = divmod(0xD2511F53 * c[0], 2**32)
        high1, low1 = divmod(0xCD9E8D57 * c[2], 2**32)
        c = (high1 ^ c[1] ^ k0, low1, high0 ^ c[3] ^ k1, low0)
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return c


def words_at(seed: int, stream: int, lane: int, group: int) -> tuple[int, ...]:
    """The words that the documented layout of the counter gives."""
    counter = (group % 2**32, group >> 32 | stream << 24, lane % 2**32, lane >> 32)
    return reference(counter, (seed % 2**32, seed >> 32))


def hexadecimal(text: str) -> list[int]:
    return [int(word, 16) for word in text.split()]


@pytest.mark.parametrize("run", [run_plain, run_compiled])
def test_known_answers(run):
    counter, key, expected = (
        np.array([hexadecimal(case[i]) for case in KNOWN], dtype=np.float64).T for i in range(3)
    )
    out = run(rounds, {"counter": counter, "key": key, "out": np.zeros((4, len(KNOWN)))})["out"]
    np.testing.assert_array_equal(out, expected)


def test_reference_gives_the_known_answers():
    for counter, key, expected in KNOWN:
        found = reference(tuple(hexadecimal(counter)), tuple(hexadecimal(key)))
        assert list(found) == hexadecimal(expected)


@pytest.mark.parametrize("run", [run_plain, run_compiled])
@pytest.mark.parametrize(
    ("stream", "first", "lane"),
    [(philox.START, 0, 0), (philox.RESAMPLE, 2 * (2**32 - 1), 2**32 - 3), (5, 2**40 + 4, 2**40)],
)
def test_uniforms_come_from_the_documented_counter(run, stream, first, lane):
    lanes, numbers = 5, {"stream": stream, "first": first}
    found = run(fill_uniforms, {"out": np.zeros((4, lanes))}, numbers, lane=lane, seed=SEED)["out"]
    for k in range(lanes):
        for g in range(2):
            words = words_at(SEED, stream, lane + k, first // 2 + g)
            for i in range(2):
                exact = ((words[2 * i] << 32 | words[2 * i + 1]) >> 12) / 2**52
                assert found[2 * g + i, k] == exact


def test_normals_come_from_the_documented_counter():
    stream, first, lane = philox.VECTOR, 4 * (2**32 - 1), 77
    numbers = {"stream": stream, "first": first}
    found = run_compiled(fill_normals, {"out": np.zeros((8, 3))}, numbers, lane=lane, seed=SEED)[
        "out"
    ]
    for k in range(3):
        for g in range(2):
            a, b, c, d = words_at(SEED, stream, lane + k, first // 4 + g)
            for row, (radial, angular) in zip((0, 2), ((a, b), (c, d)), strict=True):
                expected = [float(z) for z in exact_pair(radial, angular)]
                pair = found[4 * g + row : 4 * g + row + 2, k]
                np.testing.assert_allclose(pair, expected, rtol=2e-15)


@pytest.mark.parametrize("fill", [fill_normals, fill_uniforms])
def test_compiled_is_plain_bit_for_bit(fill):
    fields, numbers = {"out": np.zeros((8, 130))}, {"stream": philox.VECTOR, "first": 24}
    compiled = run_compiled(fill, fields, numbers, lane=7, seed=SEED)["out"]
    with np.errstate(over="ignore"):  # unsigned integers wrap round on purpose
        plain = run_plain(fill, fields, numbers, lane=7, seed=SEED)["out"]
    np.testing.assert_array_equal(compiled, plain)


@pytest.mark.parametrize("fill", [fill_normals, fill_uniforms])
def test_numbers_do_not_depend_on_how_they_are_grouped(fill):
    def filled(rows, first, lane, lanes):
        numbers = {"stream": 3, "first": first}
        return run_compiled(fill, {"out": np.zeros((rows, lanes))}, numbers, lane=lane, seed=9)[
            "out"
        ]

    whole = filled(64, 128, 1000, 256)
    np.testing.assert_array_equal(
        whole, np.concatenate([filled(16, first, 1000, 256) for first in range(128, 192, 16)])
    )
    np.testing.assert_array_equal(whole[:, 37:150], filled(64, 128, 1037, 113))


def test_uniforms_reach_the_ends_of_their_interval():
    largest = np.uint64(2**32 - 1)
    assert unit_uniform(np.uint64(0), np.uint64(0)) == 0.0
    assert unit_uniform(largest, largest) == 1.0 - 2.0**-52


def test_streams_are_distinct_and_fit_their_byte():
    streams = {n: v for n, v in vars(philox).items() if n.isupper() and isinstance(v, int)}
    assert {"START", "SHAPE", "SCALAR", "VECTOR"} <= streams.keys()
    assert len(set(streams.values())) == len(streams)
    assert all(0 <= stream < 256 for stream in streams.values())
