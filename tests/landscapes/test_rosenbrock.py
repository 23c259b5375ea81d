"""Published values of Rosenbrock's function, its scale and its curvature."""

import numpy as np
import pytest

from lab.component import Chosen
from landscapes.rosenbrock import ROSENBROCK
from tests.kernels import evaluate


def rosenbrock(**given):
    return Chosen(ROSENBROCK, {"dim": 2, "scale": 1.0, **given})


def test_the_classical_start_has_the_value_of_the_paper():
    # Rosenbrock 1960: f(-1.2, 1) = 24.2; the gradient there is (-215.6, -88).
    value, grad = evaluate(rosenbrock(), np.array([[-1.2], [1.0]]))
    assert value[0] == pytest.approx(24.2, rel=1e-14)
    np.testing.assert_allclose(grad[:, 0], [-215.6, -88.0], rtol=1e-14)


def test_a_power_of_two_as_scale_changes_the_exponent_only():
    x = np.random.default_rng(0).standard_normal((5, 40))
    value, grad = evaluate(rosenbrock(dim=5), x)
    scaled_value, scaled_grad = evaluate(rosenbrock(dim=5, scale=8.0), x)
    np.testing.assert_array_equal(scaled_value, 8.0 * value)
    np.testing.assert_array_equal(scaled_grad, 8.0 * grad)


def test_more_dimensions_chain_the_plane_function():
    x = np.random.default_rng(1).standard_normal((4, 20))
    links = sum(evaluate(rosenbrock(), x[i : i + 2])[0] for i in range(3))
    np.testing.assert_allclose(evaluate(rosenbrock(dim=4), x)[0], links, rtol=1e-14)


def test_the_reason_for_no_mu_and_no_L_is_true():
    def curvature(x1, x2):
        h = 1e-4
        _, grad = evaluate(rosenbrock(), np.array([[x1 - h, x1 + h], [x2, x2]]))
        return (grad[0, 1] - grad[0, 0]) / (2 * h)

    for x1, x2 in ((0.0, 1.0), (1.0, 3.0 + 1e-2), (100.0, 0.0)):
        assert curvature(x1, x2) == pytest.approx(1200 * x1**2 - 400 * x2 + 2, rel=1e-6, abs=1e-4)
    assert curvature(1.0, 3.0 + 0.005 + 1e-3) < 0.0 < curvature(1.0, 3.0 + 0.005 - 1e-3)
