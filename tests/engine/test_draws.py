"""Draws look like what they claim to be. Bounds are 5 sigma: chance of a false alarm 6e-7 each."""

import numpy as np
import pytest
from scipy import stats

from lab.engine import philox
from lab.engine.philox import fill_normals, fill_uniforms
from tests.kernels import run_compiled

ROWS, LANES = 256, 2048
FIVE_SIGMA = 5.733e-7


def draw(fill, stream=philox.VECTOR, lane=0, seed=1, rows=ROWS, lanes=LANES) -> np.ndarray:
    numbers = {"stream": stream, "first": 0}
    return run_compiled(fill, {"out": np.zeros((rows, lanes))}, numbers, lane=lane, seed=seed)[
        "out"
    ]


@pytest.fixture(scope="module")
def normals() -> np.ndarray:
    return draw(fill_normals)


@pytest.fixture(scope="module")
def uniforms() -> np.ndarray:
    return draw(fill_uniforms)


def standardised(x: np.ndarray) -> np.ndarray:
    """Mean 0 and variance 1 by theory, for either distribution."""
    return x if x.min() < 0.0 else (x - 0.5) * np.sqrt(12.0)


def correlated(a: np.ndarray, b: np.ndarray) -> float:
    """The correlation of two samples of known moments, in standard errors."""
    return float(np.sum(a * b) / np.sqrt(a.size))


@pytest.mark.parametrize(("power", "moment"), [(1, 0), (2, 1), (3, 0), (4, 3), (5, 0), (6, 15)])
def test_moments_of_the_normals(normals, power, moment):
    variance = {1: 1, 2: 2, 3: 15, 4: 96, 5: 945, 6: 10170}[power]  # E z^2p - (E z^p)^2
    error = np.mean(normals**power) - moment
    assert abs(error) < 5.0 * np.sqrt(variance / normals.size)


@pytest.mark.parametrize("power", [1, 2, 3, 4])
def test_moments_of_the_uniforms(uniforms, power):
    mean, variance = 1 / (power + 1), 1 / (2 * power + 1) - 1 / (power + 1) ** 2
    error = np.mean(uniforms**power) - mean
    assert abs(error) < 5.0 * np.sqrt(variance / uniforms.size)


def test_distributions(normals, uniforms):
    assert stats.kstest(normals.ravel(), "norm").pvalue > FIVE_SIGMA
    assert stats.kstest(uniforms.ravel(), "uniform").pvalue > FIVE_SIGMA


def test_tails_of_the_normals(normals):
    for bound in (2.0, 3.0, 4.0):
        expected = normals.size * 2.0 * stats.norm.sf(bound)
        assert abs(np.sum(np.abs(normals) > bound) - expected) < 5.0 * np.sqrt(expected)


@pytest.mark.parametrize("kind", ["normals", "uniforms"])
@pytest.mark.parametrize("distance", [1, 2, 3, 4, 5, 8, 64, 128])
def test_steps_and_lanes_are_uncorrelated(kind, distance, request):
    x = standardised(request.getfixturevalue(kind))
    assert abs(correlated(x[:-distance], x[distance:])) < 5.0
    assert abs(correlated(x[:, :-distance], x[:, distance:])) < 5.0


@pytest.mark.parametrize("fill", [fill_normals, fill_uniforms])
def test_streams_and_seeds_are_uncorrelated(fill):
    base = standardised(draw(fill, rows=64))
    others = [draw(fill, stream=stream, rows=64) for stream in (philox.SCALAR, philox.START)]
    others += [draw(fill, seed=seed, rows=64) for seed in (0, 2, 1 + 2**32, 2**63)]
    others.append(draw(fill, lane=2**32, rows=64))
    for other in others:
        assert abs(correlated(base, standardised(other))) < 5.0


def test_sizes_of_normals_are_uncorrelated(normals):
    size = (normals**2 - 1.0) / np.sqrt(2.0)
    for distance in (1, 2, 3, 4):
        assert abs(correlated(size[:-distance], size[distance:])) < 5.0


def test_lanes_are_uncorrelated_each_with_each(normals):
    x = normals[:, :128]
    r = x.T @ x / np.sqrt(len(x))
    off_diagonal = np.abs(r[np.triu_indices(128, 1)])
    # The largest of 8,128 correlations; 5.9 sigma has the chance 3e-5 of one being beyond.
    assert off_diagonal.max() < 5.9
