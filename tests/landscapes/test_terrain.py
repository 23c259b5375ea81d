"""Saddles, the winding valley, and the cliff: the features they are made for."""

import math

import numpy as np
import pytest

from lab.component import Chosen
from landscapes import LANDSCAPES
from landscapes.cliff import steepest
from tests.kernels import evaluate, run_plain


def curvatures(text, at):
    """Eigenvalues of the second derivatives at a point of the plane, ascending."""
    h = 1e-5
    steps = np.array(at)[:, None] + h * np.concatenate([np.eye(2), -np.eye(2)], axis=1)
    _, grad = evaluate(LANDSCAPES.choose(text), steps)
    return np.linalg.eigvalsh((grad[:, :2] - grad[:, 2:]) / (2 * h))


@pytest.mark.parametrize(
    ("kind", "expected", "minima"),
    [
        ("strict", [-1.0, 1.0], [(0.0, 1.0), (0.0, -1.0)]),
        ("degenerate", [0.0, 1.0], [(0.0, 1.0), (0.0, -1.0)]),
        ("monkey", [0.0, 0.0], [(-1.0, 0.0), (0.5, 0.75**0.5), (0.5, -(0.75**0.5))]),
    ],
)
def test_saddles_have_their_curvatures_and_minima(kind, expected, minima):
    text = f"saddle:kind={kind}"
    value, grad = evaluate(LANDSCAPES.choose(text), np.zeros((2, 1)))
    assert value[0] > 0.05
    assert (grad == 0.0).all()
    np.testing.assert_allclose(curvatures(text, (0.0, 0.0)), expected, atol=1e-4)
    value, grad = evaluate(LANDSCAPES.choose(text), np.array(minima).T)
    np.testing.assert_allclose(value, 0.0, atol=1e-30)
    np.testing.assert_allclose(grad, 0.0, atol=1e-15)
    for place in minima:
        assert curvatures(text, place)[0] > 0.5


def test_a_saddle_is_left_the_later_the_nearer_one_starts():
    landscape = LANDSCAPES.choose("saddle")
    for small, steps in ((1e-2, 0), (1e-8, 1)):
        x = np.array([[0.3], [small]])
        count = 0
        while x[1, 0] < 0.5:
            x = x - 0.1 * evaluate(landscape, x)[1]
            count += 1
        # y grows by 1.1 a step.
        assert count == pytest.approx(math.log(0.5 / small) / math.log(1.1), rel=0.1), steps


def test_the_start_gathers_around_the_saddle():
    chosen = LANDSCAPES.choose("saddle:spread=0.25")
    start = np.random.default_rng(0).standard_normal((2, 8))
    moved = run_plain(chosen.component.start, {"start": start}, {"spread": 0.25})["start"]
    np.testing.assert_array_equal(moved, 0.25 * start)


def test_the_valley_has_its_walls_and_its_floor():
    low, high = curvatures("valley:width=0.1", (0.0, 0.0))
    assert high == pytest.approx(200.0, rel=1e-3)
    assert low == pytest.approx(0.05, rel=1e-3)  # 1/10 along (1, 1)/sqrt(2)
    x = np.linspace(-6.0, 6.0, 50)
    value, _ = evaluate(LANDSCAPES.choose("valley"), np.array([x, np.sin(x)]))
    np.testing.assert_allclose(value, x**2 / 20, rtol=1e-12)


def test_the_cliff_stands_between_plateau_and_bowl():
    radii = np.array([0.0, 0.5, 1.0, 1.5, 3.0])
    value, grad = evaluate(LANDSCAPES.choose("cliff"), np.array([radii, np.zeros(5)]))
    bowl = radii**2 / 200
    np.testing.assert_allclose(value - bowl, [0.0, 3.06e-7, 0.5, 1.0, 1.0], atol=1e-7)
    assert grad[0, 2] == pytest.approx(1.0 / (2 * 0.05) + 0.01, rel=1e-12)
    assert grad[0, 4] == pytest.approx(0.03, rel=1e-12)


@pytest.mark.parametrize("width", [0.002, 0.05, 0.3, 1.0])
def test_the_cliffs_L_is_its_largest_curvature_to_six_digits(width):
    from landscapes.cliff import CLIFF

    cliff = Chosen(CLIFF, {"dim": 1, "width": width})
    radius = np.sqrt(np.linspace(max(0.0, 1.0 - 30 * width), 1.0 + 30 * width, 300_001))[None, :]
    _, grad = evaluate(cliff, radius)
    largest = np.abs(np.diff(grad[0]) / np.diff(radius[0])).max()
    assert largest <= steepest(width) * (1.0 + 1e-6)
    if width < 1.0:
        assert largest >= steepest(width) * (1.0 - 1e-3)
