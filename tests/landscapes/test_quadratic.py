"""The spectrum of the quadratic, and the one rule between its parameters."""

import numpy as np
import pytest

from lab.component import Chosen
from lab.errors import RequestError
from lab.spec import parse
from landscapes.quadratic import QUADRATIC, spectrum
from tests.kernels import evaluate


def values(dim, L, condition):
    return {"dim": dim, "L": L, "condition": condition, "spectrum": "log-spaced"}


def test_the_spectrum_is_log_spaced_between_its_ends():
    # The study's very ill-conditioned quadratic: a from 1 to 1000 and no factor 1/2.
    eigenvalues = spectrum(values(15, 2000.0, 1000.0))
    assert eigenvalues[0] == pytest.approx(2.0, rel=1e-15)
    assert eigenvalues[-1] == 2000.0
    ratios = eigenvalues[1:] / eigenvalues[:-1]
    np.testing.assert_allclose(ratios, 1000 ** (1 / 14), rtol=1e-14)


def test_L_and_mu_are_attained_along_the_last_and_the_first_axis():
    chosen = values(5, 7.0, 40.0)
    facts = QUADRATIC.facts(chosen)
    _, grad = evaluate(Chosen(QUADRATIC, chosen), np.eye(5))
    curvatures = np.diag(grad)
    assert curvatures.max() == curvatures[-1] == facts.L == 7.0
    assert curvatures.min() == curvatures[0] == facts.mu == pytest.approx(7.0 / 40.0, rel=1e-15)
    np.testing.assert_array_equal(grad - np.diag(curvatures), 0.0)


def test_a_power_of_two_as_factor_of_L_changes_exponents_only():
    small, large = values(9, 3.0, 170.0), values(9, 3.0 * 2**20, 170.0)
    np.testing.assert_array_equal(spectrum(large), 2.0**20 * spectrum(small))


def test_one_step_at_the_base_rate_removes_the_steepest_coordinate():
    chosen = values(3, 8.0, 10.0)
    x = np.array([[1.0], [1.0], [1.0]])
    _, grad = evaluate(Chosen(QUADRATIC, chosen), x)
    assert (x - QUADRATIC.facts(chosen).base_lr * grad)[-1, 0] == 0.0


def test_a_single_eigenvalue_has_no_condition():
    one = QUADRATIC.read(parse("quadratic:dim=1,condition=1,L=3"))
    assert spectrum(QUADRATIC.resolve(one, lr=0.1, steps=10)).tolist() == [3.0]
    with pytest.raises(RequestError, match="condition=100 needs dim of at least 2"):
        QUADRATIC.resolve(QUADRATIC.read(parse("quadratic:dim=1")), lr=0.1, steps=10)
