"""Problems with data or hidden structure: solutions, symmetries, batches."""

import numpy as np
import pytest

from lab.oracle import fields_at
from landscapes import LANDSCAPES, hinge, network
from landscapes.logistic import problem
from tests.kernels import evaluate, run_compiled


def points(dim, lanes, seed=0):
    return np.random.default_rng(seed).standard_normal((dim, lanes))


def facts_of(text):
    landscape = LANDSCAPES.choose(text)
    return landscape.component.facts(landscape.values)


def test_the_data_are_those_that_the_docstrings_describe():
    generator = np.random.default_rng(77)
    features = generator.standard_normal((80, 5)) / 10.0 ** (np.arange(5) / 4)
    chance = 1.0 / (1.0 + np.exp(-2.0 * features @ generator.standard_normal(5)))
    signs = np.where(generator.random(80) < chance, 1.0, -1.0)
    np.testing.assert_allclose(problem(0.5).examples, signs[:, None] * features, rtol=1e-14)

    generator = np.random.default_rng(55)
    features = generator.standard_normal((40, 5))
    features[:, 0] = 1.0
    signs = np.sign(features @ generator.standard_normal(5))
    signs[generator.random(40) < 0.1] *= -1.0
    np.testing.assert_array_equal(hinge.problem(0.5).examples, signs[:, None] * features)

    generator = np.random.default_rng(202)
    inputs, targets, teacher = network.data(3)
    np.testing.assert_array_equal(inputs, 1.5 * generator.standard_normal((32, 2)))
    np.testing.assert_array_equal(teacher, generator.standard_normal(13))
    units = np.tanh(inputs @ teacher[:6].reshape(3, 2).T + teacher[6:9])
    np.testing.assert_allclose(targets, units @ teacher[9:12] + teacher[12], rtol=1e-14)


@pytest.mark.parametrize("ridge", [1e-6, 0.01, 100.0])
def test_logistic_regression_is_solved_and_its_constants_are_those_of_its_terms(ridge):
    data = problem(ridge)
    x = data.minimiser
    chance = 1.0 / (1.0 + np.exp(data.examples @ x))
    slopes = ridge * x - chance[:, None] * data.examples
    assert np.abs(slopes.mean(axis=0)).max() < 1e-13
    assert data.sigma == pytest.approx(np.mean(np.sum(slopes**2, axis=1)), rel=1e-12)
    lengths = np.sum(data.examples**2, axis=1)
    assert data.L_max == pytest.approx(ridge + lengths.max() / 4, rel=1e-14)
    hessian = data.examples.T @ data.examples / 4 / len(lengths) + ridge * np.eye(5)
    assert pytest.approx(np.linalg.eigvalsh(hessian)[-1], rel=1e-13) == data.L
    assert data.L_max >= data.L


def logistic(batch, x, **draws):
    chosen = LANDSCAPES.choose(f"logistic:batch={batch}")
    component, values = chosen.component, chosen.values
    numbers = {**component.kernel_values(values), **component.constants(values)}
    return run_compiled(component.kernel, {**fields_at(chosen, x), **draws}, numbers)


def test_a_batch_sees_the_terms_that_the_draws_pick():
    x = points(5, 30)
    draws = np.random.default_rng(1).random((4, 30))
    found = logistic(4, x, step_uniform=draws)
    whole = logistic(0, x)
    np.testing.assert_array_equal(found["value"], whole["value"])
    examples = problem(0.01).examples
    for k in range(30):
        drawn = examples[(draws[:, k] * 80).astype(int)]
        margins = drawn @ x[:, k]
        ridge = 0.005 * x[:, k] @ x[:, k]
        assert found["seen"][k] == pytest.approx(
            np.log1p(np.exp(-margins)).mean() + ridge, rel=1e-13
        )
        slope = 0.01 * x[:, k] - (drawn / (1.0 + np.exp(margins))[:, None]).mean(axis=0)
        np.testing.assert_allclose(found["grad"][:, k], slope, rtol=1e-12, atol=1e-15)


def test_each_term_once_makes_the_whole():
    x = points(5, 3)
    draws = np.repeat(((np.arange(80) + 0.5) / 80)[:, None], 3, axis=1)
    found, whole = logistic(80, x, step_uniform=draws), logistic(0, x)
    np.testing.assert_allclose(found["seen"], whole["value"], rtol=1e-13)
    np.testing.assert_allclose(found["grad"], whole["grad"], rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(whole["seen"], whole["value"])


def test_factors_may_be_exchanged_for_others_of_the_same_product():
    text = "matrix-factorisation:rows=4,columns=3,rank=2"
    landscape = LANDSCAPES.choose(text)
    x = points(14, 20)
    turn = np.array([[1.5, 0.4], [-0.3, 2.0]])
    left, right = x[:8].T.reshape(20, 4, 2), x[8:].T.reshape(20, 3, 2)
    moved = np.concatenate(
        [
            (left @ turn).reshape(20, 8).T,
            (right @ np.linalg.inv(turn).T).reshape(20, 6).T,
        ]
    )
    np.testing.assert_allclose(evaluate(landscape, x)[0], evaluate(landscape, moved)[0], rtol=1e-12)
    assert (evaluate(landscape, np.zeros((14, 1)))[1] == 0.0).all()


def test_hidden_units_may_be_exchanged_and_change_both_signs():
    landscape = LANDSCAPES.choose("network:hidden=3")
    x = points(13, 20)
    swapped = x[[2, 3, 0, 1, 4, 5, 7, 6, 8, 10, 9, 11, 12]]
    turned = x.copy()
    turned[[0, 1, 6, 9]] *= -1.0
    value, _ = evaluate(landscape, x)
    np.testing.assert_allclose(evaluate(landscape, swapped)[0], value, rtol=1e-13)
    np.testing.assert_allclose(evaluate(landscape, turned)[0], value, rtol=1e-13)
    assert facts_of("network").dim == 25


def test_descent_learns_what_the_teacher_knows():
    """From beside the teacher's weights gradient descent returns to a value of almost 0."""
    landscape = LANDSCAPES.choose("network:hidden=2")
    x = facts_of("network:hidden=2").minimiser[:, None] + 0.05 * points(9, 10)
    first, grad = evaluate(landscape, x)
    for _ in range(3000):
        x = x - 0.3 * grad
        last, grad = evaluate(landscape, x)
    assert (last < 1e-3 * first).all()
