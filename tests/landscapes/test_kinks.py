"""What the kernels return where the gradient does not exist, and steps of a fixed size there."""

import numpy as np
import pytest

from landscapes import LANDSCAPES
from landscapes.hinge import problem as classifier
from landscapes.lasso import problem as regression
from landscapes.max_affine import constants
from tests.kernels import evaluate


def at(text, *point):
    value, grad = evaluate(LANDSCAPES.choose(text), np.array(point)[:, None])
    return value[0], grad[:, 0].tolist()


def test_an_absolute_value_has_no_slope_at_0():
    assert at("absolute:dim=3", 0.0, -2.0, 5.0) == (7.0, [0.0, -1.0, 1.0])


def test_on_the_ridge_only_the_slope_along_it_is_left():
    assert at("sharp-ridge:dim=3", -3.0, 0.0, 0.0) == (9.0, [-6.0, 0.0, 0.0])
    value, grad = at("sharp-ridge:dim=3", 0.0, 3.0, -4.0)
    assert value == 500.0
    np.testing.assert_allclose(grad, [0.0, 60.0, -80.0], rtol=1e-15)


@pytest.mark.parametrize("text", ["different-powers:dim=3", "schaffers-f7:dim=3"])
def test_at_the_minimiser_0_is_returned(text):
    assert at(text, 0.0, 0.0, 0.0) == (0.0, [0.0, 0.0, 0.0])


def test_near_its_minimum_the_root_of_different_powers_is_a_cone_along_the_first_axis():
    value, grad = at("different-powers:dim=3", 1e-5, 0.0, 0.0)
    assert value == pytest.approx(1e-5, rel=1e-14)
    np.testing.assert_allclose(grad, [1.0, 0.0, 0.0], rtol=1e-14)


def test_a_pair_of_zeros_adds_no_slope_to_schaffers_function():
    _, grad = at("schaffers-f7:dim=4", 0.0, 0.0, 0.0, 2.0)
    assert grad[:2] == [0.0, 0.0]
    assert np.isfinite(grad).all()


def test_of_pieces_that_tie_the_first_counts():
    text = "max-affine:dim=2,pieces=5"
    normals = constants(LANDSCAPES.choose(text).values)["pieces"]
    value, grad = at(text, 0.0, 0.0)
    assert value == 0.0
    assert grad == normals[0].tolist()
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1.0, rtol=1e-14)


@pytest.mark.parametrize("penalty", [0.0, 0.2, 1.0, 50.0])
def test_the_lasso_is_solved(penalty):
    """Where x_i is 0 the smooth slope is within the penalty; elsewhere it balances its sign."""
    data = regression(10, penalty)
    smooth = data.hessian @ (data.minimiser - data.smooth_minimiser)
    on = data.minimiser != 0.0
    np.testing.assert_allclose(smooth[on], -penalty * np.sign(data.minimiser[on]), atol=1e-14)
    assert (np.abs(smooth[~on]) <= penalty).all()
    assert on.sum() == {0.0: 10, 50.0: 0}.get(penalty, on.sum())
    if penalty == 0.2:
        assert 0 < on.sum() < 10


@pytest.mark.parametrize("ridge", [0.01, 0.1, 1.0, 100.0])
def test_the_classifier_is_solved(ridge):
    """0 is a subgradient: ridge x is a mean of examples with weights that fit their margins."""
    data = classifier(ridge)
    margins = data.examples @ data.minimiser
    sure, wrong = margins > 1.0 + 1e-9, margins < 1.0 - 1e-9
    on = ~sure & ~wrong
    rest = len(margins) * ridge * data.minimiser - data.examples[wrong].sum(axis=0)
    weights, *_ = np.linalg.lstsq(data.examples[on].T, rest)
    np.testing.assert_allclose(data.examples[on].T @ weights, rest, atol=1e-9)
    assert (weights >= -1e-9).all()
    assert (weights <= 1.0 + 1e-9).all()


def test_a_fixed_step_jumps_about_the_kink():
    x = np.array([[0.3]])
    landscape = LANDSCAPES.choose("absolute:dim=1")
    for _ in range(100):
        x = x - 0.4 * evaluate(landscape, x)[1]
    assert 0.0 < abs(x[0, 0]) <= 0.4
