"""Channels: the table of the design, row by row, with its bases."""

import inspect
import math

import numpy as np
import pytest

from lab.component import Channel
from lab.engine.philox import VECTOR, fill_normals
from lab.registry import Registry
from tests.kernels import run_compiled, run_plain

CHANNELS = Registry("channel", "noise.channels", (Channel,))
FIELDS = ["value", "observed", "term", "grad", "x", "shock", "size", "direction", "metric_base",
          "vector_base"]  # fmt: skip
DIM, LANES = 3, 11


def step(name, given, proportional, run=run_plain):
    return run(CHANNELS.find(name).kernel, given, {"proportional": proportional})


def draw(seed=0, dim=DIM):
    """All fields, filled at random; outputs hold nonsense that a kernel must overwrite."""
    rng = np.random.default_rng(seed)
    fields = {
        name: rng.standard_normal((dim, LANES) if name in ("grad", "x", "direction") else LANES)
        for name in FIELDS
    }
    for name in ("metric_base", "vector_base"):
        fields[name] = np.abs(fields[name])
    fields["observed"][:] = fields["term"][:] = 99.0
    return fields


def vector(given):
    return given["vector_base"] * given["size"] * given["direction"] / math.sqrt(len(given["x"]))


def term(given):
    return given["metric_base"] * given["shock"]


def norm(rows):
    return np.linalg.norm(rows, axis=0)


# What each channel leaves behind: observed, term, grad, x, and the bases of a proportional model.
TABLE = {
    "published": {
        "observed": lambda g: g["value"],
        "term": term,
        "metric_base": lambda g: g["value"],
    },
    "metric": {
        "observed": lambda g: g["value"] + term(g),
        "term": term,
        "metric_base": lambda g: abs(g["value"]),
    },
    "gradient": {
        "observed": lambda g: g["value"],
        "term": lambda g: 0.0 * g["value"],
        "grad": lambda g: g["grad"] + vector(g),
        "vector_base": lambda g: norm(g["grad"]),
    },
    "batch": {
        "observed": lambda g: g["value"] + term(g),
        "term": term,
        "grad": lambda g: g["grad"] + vector(g),
        "metric_base": lambda g: abs(g["value"]),
        "vector_base": lambda g: norm(g["grad"]),
    },
    "parameters": {
        "observed": lambda g: g["value"],
        "term": lambda g: 0.0 * g["value"],
        "x": lambda g: g["x"] + vector(g),
        "vector_base": lambda g: norm(g["x"]),
    },
}


@pytest.mark.parametrize("run", [run_plain, run_compiled])
@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("dim", [1, DIM])
def test_a_proportional_model(name, dim, run):
    given = draw(dim=dim)
    after = step(name, given, True, run)
    for field in FIELDS:
        expected = TABLE[name][field](given) if field in TABLE[name] else given[field]
        # The vector and the norm are sums and products: rounded, not exact.
        np.testing.assert_allclose(after[field], expected, rtol=1e-14, atol=1e-15, err_msg=field)


@pytest.mark.parametrize("name", TABLE)
def test_losses_and_terms_are_exact(name):
    given = draw()
    after = step(name, given, True, run_compiled)
    for field in ("observed", "term", "metric_base"):
        if field in TABLE[name]:
            np.testing.assert_array_equal(after[field], TABLE[name][field](given), err_msg=field)


@pytest.mark.parametrize("run", [run_plain, run_compiled])
@pytest.mark.parametrize("name", TABLE)
def test_a_model_that_is_not_proportional_keeps_base_one(name, run):
    given = {**draw(), "metric_base": np.ones(LANES), "vector_base": np.ones(LANES)}
    after = step(name, given, False, run)
    for field in FIELDS:
        kept = field.endswith("base") or field not in TABLE[name]
        expected = given[field] if kept else TABLE[name][field](given)
        np.testing.assert_allclose(after[field], expected, rtol=1e-14, atol=1e-15, err_msg=field)


@pytest.mark.parametrize("name", TABLE)
def test_compiled_and_plain_kernels_agree_to_the_last_bit(name):
    for proportional in (False, True):
        plain = step(name, draw(1), proportional)
        compiled = step(name, draw(1), proportional, run_compiled)
        for field in FIELDS:
            np.testing.assert_array_equal(plain[field], compiled[field], err_msg=field)


@pytest.mark.parametrize("name", TABLE)
def test_the_base_is_the_clean_size_of_the_step_before(name):
    """Over three steps: 1 at first, then what the channel corrupts, before it was corrupted."""
    bases = {"metric_base": np.ones(LANES), "vector_base": np.ones(LANES)}
    for t in range(3):
        given = {**draw(10 + t), **bases}
        after = step(name, given, True)
        for field in bases:
            bases[field] = after[field]
            if field in TABLE[name]:
                np.testing.assert_allclose(after[field], TABLE[name][field](given), rtol=1e-14)
            else:
                assert (after[field] == 1.0).all()


@pytest.mark.parametrize("name", TABLE)
def test_flags_say_what_the_kernel_does(name):
    channel = CHANNELS.find(name)
    given = draw()
    after = step(name, given, True)
    moved = any((after[field] != given[field]).any() for field in ("grad", "x"))
    assert channel.acts_on_metric == (after["observed"] != given["value"]).any()
    assert channel.acts_on_steps == moved
    asks_for = inspect.signature(channel.kernel).parameters
    assert channel.scalar == ("shock" in asks_for)
    assert channel.vector == ("direction" in asks_for)


@pytest.mark.parametrize("name", TABLE)
def test_no_size_is_no_noise_to_the_last_bit(name):
    given = {**draw(), "size": np.zeros(LANES), "shock": np.zeros(LANES)}
    after = step(name, given, True, run_compiled)
    np.testing.assert_array_equal(after["observed"], given["value"])
    np.testing.assert_array_equal(after["grad"], given["grad"])
    np.testing.assert_array_equal(after["x"], given["x"])


@pytest.mark.parametrize("name", TABLE)
def test_there_are_the_five_channels(name):
    assert set(TABLE) <= set(CHANNELS.all())
    assert "sign" in CHANNELS.find(name).notes or not CHANNELS.find(name).vector


@pytest.mark.parametrize("dim", [1, 2, 10])
def test_the_vector_has_the_root_mean_square_norm_of_the_term(dim):
    """|v|^2 = (base * size)^2 chi2(d)/d has mean 1 and variance 2/d in that unit; 5 sigma."""
    n = 2**15
    rows = -(-dim // 4) * 4
    draws = {"out": np.empty((rows, n))}
    z = run_compiled(fill_normals, draws, {"first": 0, "stream": VECTOR}, seed=3)["out"][:dim]
    given = {
        **{name: np.zeros(n) for name in ("value", "observed", "term")},
        "grad": np.zeros((dim, n)), "direction": z,
        "size": np.full(n, 0.5), "vector_base": np.full(n, 3.0),
    }  # fmt: skip
    after = step("gradient", given, True, run_compiled)
    square = norm(after["grad"]) ** 2 / 1.5**2
    assert abs(square.mean() - 1.0) <= 5 * math.sqrt(2 / dim / n)
    assert np.abs(after["grad"].mean(axis=1)).max() <= 5 * 1.5 / math.sqrt(dim * n)
