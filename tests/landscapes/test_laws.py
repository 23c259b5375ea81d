"""What every landscape keeps: all that are registered, and some variants of them."""

import numpy as np
import pytest

from lab.component import Landscape
from lab.registry import Registry
from tests.kernels import evaluate, run_plain

LANDSCAPES = Registry("landscape", "landscapes", (Landscape,))
VARIANTS = [
    "rosenbrock:dim=5,scale=10",
    "rosenbrock:dim=3,scale=0.1",
    "rastrigin:dim=10,amplitude=20",
    "rastrigin:dim=1,amplitude=0.01",
    "quadratic:dim=15,L=2000,condition=1000",
    "quadratic:dim=1,L=0.5,condition=1",
]


@pytest.fixture(params=[*LANDSCAPES.all(), *VARIANTS])
def landscape(request):
    return LANDSCAPES.choose(request.param)


def points(dim, lanes, seed=0):
    return np.random.default_rng(seed).standard_normal((dim, lanes))


def facts_of(landscape):
    return landscape.component.facts(landscape.values)


def test_compiled_and_plain_kernels_agree_to_the_last_bit(landscape):
    x = 2.0 * points(facts_of(landscape).dim, 9)
    compiled = evaluate(landscape, x)
    plain = evaluate(landscape, x, run_plain)
    np.testing.assert_array_equal(compiled[0], plain[0])
    np.testing.assert_array_equal(compiled[1], plain[1])


def test_the_minimiser_has_the_minimum_and_no_slope(landscape):
    facts = facts_of(landscape)
    if facts.minimiser is None:
        pytest.skip("no minimiser is known")
    value, grad = evaluate(landscape, facts.minimiser[:, None])
    assert value[0] == pytest.approx(facts.minimum, rel=1e-15, abs=1e-15)
    assert np.abs(grad).max() <= 1e-12


def test_nothing_lies_below_the_minimum(landscape):
    facts = facts_of(landscape)
    if facts.minimum is None:
        pytest.skip("no minimum is known")
    for spread in (1e-8, 1e-3, 1.0, 100.0):
        around = 0.0 if facts.minimiser is None else facts.minimiser[:, None]
        value, _ = evaluate(landscape, around + spread * points(facts.dim, 1000))
        assert value.min() >= facts.minimum


def test_the_gradient_is_that_of_the_value(landscape):
    """Central differences of the kernel's own value; the exact test is in test_gradients."""
    x = points(facts_of(landscape).dim, 50)
    _, grad = evaluate(landscape, x)
    h = 1e-5
    slopes = np.empty_like(grad)
    for i in range(len(x)):
        shift = np.zeros_like(x)
        shift[i] = h
        slopes[i] = (evaluate(landscape, x + shift)[0] - evaluate(landscape, x - shift)[0]) / (
            2 * h
        )
    error = np.linalg.norm(slopes - grad, axis=0)
    assert (error <= 1e-5 * np.linalg.norm(grad, axis=0)).all()


def test_gradients_change_at_most_by_L_times_the_distance_and_at_least_by_mu(landscape):
    facts = facts_of(landscape)
    assert (facts.L is not None and facts.mu is not None) or facts.reason
    n = 10_000
    a = 3.0 * points(facts.dim, n, 1)
    # Segments of all lengths, from 1e-4 on: shorter ones would measure rounding.
    b = a + points(facts.dim, n, 2) * 10.0 ** np.random.default_rng(3).uniform(-4, 1, n)
    difference = evaluate(landscape, b)[1] - evaluate(landscape, a)[1]
    distance = np.linalg.norm(b - a, axis=0)
    if facts.L is not None:
        assert (np.linalg.norm(difference, axis=0) <= facts.L * distance * (1 + 1e-9)).all()
    if facts.mu is not None:
        inner = np.sum(difference * (b - a), axis=0)
        assert (inner >= facts.mu * distance**2 * (1 - 1e-9)).all()


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_descent_at_the_base_rate_is_stable_from_the_start_distribution(landscape, momentum):
    facts = facts_of(landscape)
    x = points(facts.dim, 2048, 4)
    first, grad = evaluate(landscape, x)
    velocity = np.zeros_like(x)
    for _ in range(100):
        velocity = momentum * velocity + grad
        x = x - facts.base_lr * velocity
        last, grad = evaluate(landscape, x)
    assert np.isfinite(last).all()
    if momentum == 0.0:
        assert np.mean(last < first) >= 0.999
    assert np.median(last) < np.median(first)


def test_a_landscape_says_what_it_is(landscape):
    component, facts = landscape.component, facts_of(landscape)
    assert component.formula
    assert component.source
    assert component.summary
    assert facts.base_lr > 0.0
    assert facts.domain[0] < facts.domain[1]
    assert facts.minimiser is None or facts.minimiser.shape == (facts.dim,)
