"""The study's quadratic: its weights, its targets, and the starts and targets of a run."""

import numpy as np
import pytest

from landscapes import LANDSCAPES
from landscapes.quadratic_study import QUADRATIC_STUDY, weights
from tests.kernels import evaluate


@pytest.mark.parametrize("condition", [1.0, 100.0, 1000.0])
def test_the_weights_are_the_studys(condition):
    found = weights({"dim": 15, "condition": condition})
    np.testing.assert_allclose(found, np.logspace(0.0, np.log10(condition), 15), rtol=1e-14)
    assert found[0] == 1.0
    assert found[-1] == condition


def test_the_targets_of_the_instance_are_the_minimiser():
    landscape = LANDSCAPES.choose("quadratic-study")
    targets = np.random.default_rng(0).standard_normal((15, 20))
    value, grad = evaluate(landscape, targets, instance=targets)
    assert (value == 0.0).all()
    assert (grad == 0.0).all()
    away = targets + 1.0
    value, _ = evaluate(landscape, away, instance=targets)
    np.testing.assert_allclose(value, weights(landscape.values).sum(), rtol=1e-14)


def test_L_and_mu_are_attained_along_the_last_and_the_first_axis():
    landscape = LANDSCAPES.choose("quadratic-study:dim=4,condition=50")
    facts = QUADRATIC_STUDY.facts(landscape.values)
    _, grad = evaluate(landscape, np.eye(4), instance=np.zeros((4, 4)))
    assert np.diag(grad).tolist()[-1] == facts.L == 100.0
    assert np.diag(grad).tolist()[0] == facts.mu == 2.0
