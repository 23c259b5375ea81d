"""What every landscape keeps: all that are registered, and some variants of them."""

import numpy as np
import pytest

from landscapes import LANDSCAPES
from tests.kernels import evaluate, run_plain
from tests.landscapes.formulas import FORMULAS
from tests.landscapes.table import CANCELLING, EXACT, KINKED, TABLE


@pytest.fixture(params=TABLE)
def any_landscape(request):
    return LANDSCAPES.choose(request.param)


@pytest.fixture(params=EXACT)
def landscape(request):
    """One whose gradient is that of the value: no step sees a sample."""
    return LANDSCAPES.choose(request.param)


def points(dim, lanes, seed=0):
    return np.random.default_rng(seed).standard_normal((dim, lanes))


def starts(landscape, lanes):
    """Start points (dim, lanes) of the landscape's own distribution."""
    component, values = landscape.component, landscape.values
    x = points(component.facts(values).dim, lanes, 4)
    if component.start is None:
        return x
    numbers = {**component.kernel_values(values), **component.constants(values)}
    return run_plain(component.start, {"start": x}, numbers)["start"]


def facts_of(landscape):
    return landscape.component.facts(landscape.values)


def test_compiled_and_plain_kernels_agree_to_the_last_bit(any_landscape):
    x = 2.0 * points(facts_of(any_landscape).dim, 9)
    compiled = evaluate(any_landscape, x)
    with np.errstate(over="ignore"):  # unsigned integers wrap round on purpose
        plain = evaluate(any_landscape, x, run_plain)
    np.testing.assert_array_equal(compiled[0], plain[0])
    np.testing.assert_array_equal(compiled[1], plain[1])


def rounding_of(landscape):
    """What the rounding of its terms may leave in a value."""
    minimum = facts_of(landscape).minimum or 0.0
    return 1e-15 * (1.0 + abs(minimum) + CANCELLING.get(landscape.component.name, 0.0))


def test_the_minimiser_has_the_minimum(any_landscape):
    facts = facts_of(any_landscape)
    if facts.minimiser is None:
        pytest.skip("no minimiser is known")
    value, _ = evaluate(any_landscape, facts.minimiser[:, None])
    assert abs(value[0] - facts.minimum) <= rounding_of(any_landscape)


def test_there_is_no_slope_at_the_minimiser(landscape):
    """As far as the rounding of the minimiser allows, against the slopes at a distance of 1e-4."""
    facts = facts_of(landscape)
    if facts.minimiser is None or any(name in str(landscape.text) for name in KINKED):
        pytest.skip("no minimiser is known, or there is a kink")
    x = facts.minimiser[:, None] + np.concatenate(
        [np.zeros((facts.dim, 1)), 1e-4 * points(facts.dim, 20)], axis=1
    )
    _, grad = evaluate(landscape, x)
    length = np.linalg.norm(grad, axis=0)
    assert length[0] <= 1e-8 * length.max()


def test_nothing_lies_below_the_minimum(any_landscape):
    facts = facts_of(any_landscape)
    if facts.minimum is None:
        pytest.skip("no minimum is known")
    for spread in (1e-8, 1e-3, 1.0, 100.0):
        around = 0.0 if facts.minimiser is None else facts.minimiser[:, None]
        value, _ = evaluate(any_landscape, around + spread * points(facts.dim, 1000))
        assert value.min() >= facts.minimum - rounding_of(any_landscape)


def segments(dim, n=10_000):
    """Ends (dim, n) of segments of all lengths from 1e-4 on: shorter ones would show rounding."""
    a = 3.0 * points(dim, n, 1)
    return a, a + points(dim, n, 2) * 10.0 ** np.random.default_rng(3).uniform(-4, 1, n)


def test_gradients_change_at_most_by_L_times_the_distance(landscape):
    facts = facts_of(landscape)
    if facts.L is None:
        assert "L:" in facts.reason
        return
    a, b = segments(facts.dim)
    ends = [evaluate(landscape, end)[1] for end in (a, b)]
    change = np.linalg.norm(ends[1] - ends[0], axis=0)
    rounding = 1e-15 * sum(np.linalg.norm(g, axis=0) for g in (*ends, facts.L * a, facts.L * b))
    distance = np.linalg.norm(b - a, axis=0)
    assert (change <= facts.L * distance * (1 + 1e-9) + rounding).all()


def test_gradients_are_subgradients_of_a_function_as_convex_as_mu(landscape):
    """f(b) >= f(a) + g(a).(b - a) + mu/2 |b - a|^2, also for an a on a kink."""
    facts = facts_of(landscape)
    if facts.mu is None:
        assert "mu:" in facts.reason
        return
    a, b = segments(facts.dim)
    a[:, :100] = 0.0
    a[: facts.dim // 2, 100:200] = 0.0
    if facts.minimiser is not None:
        a[:, 200:300] = facts.minimiser[:, None]
    low, slope = evaluate(landscape, a)
    high, _ = evaluate(landscape, b)
    away = b - a
    along = np.sum(slope * away, axis=0)
    square = np.sum(away**2, axis=0)
    rounding = 1e-14 * (abs(low) + abs(high) + abs(along) + facts.mu * square)
    assert (high - low - along - 0.5 * facts.mu * square >= -rounding).all()


def test_L_is_attained_where_it_is_not_called_a_bound(landscape):
    """By the curvatures at 0 and at the minimiser, and along the first axis."""
    facts = facts_of(landscape)
    if facts.L is None or "L: a bound" in facts.reason or "L and mu: bounds" in facts.reason:
        return
    h = 1e-4
    places = [np.zeros(facts.dim)] + ([] if facts.minimiser is None else [facts.minimiser])
    largest = 0.0
    for place in places:
        ends = [
            evaluate(landscape, place[:, None] + side * h * np.eye(facts.dim))[1] / (2 * h)
            for side in (1.0, -1.0)
        ]
        largest = max(largest, np.abs(np.linalg.eigvalsh(ends[0] - ends[1])).max())
    axis = np.zeros((facts.dim, 4001))
    axis[0] = np.linspace(-2.0, 2.0, 4001)
    slopes = evaluate(landscape, axis)[1][0]
    largest = max(largest, np.abs(np.diff(slopes)).max() / 1e-3)
    assert largest >= 0.999 * facts.L


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_descent_at_the_base_rate_is_stable_from_the_start_distribution(landscape, momentum):
    facts = facts_of(landscape)
    x = starts(landscape, 2048)
    first, grad = evaluate(landscape, x)
    velocity = np.zeros_like(x)
    for _ in range(100):
        velocity = momentum * velocity + grad
        x = x - facts.base_lr * velocity
        last, grad = evaluate(landscape, x)
    assert np.isfinite(last).all()
    if momentum == 0.0:
        # Where there is no L a fixed rate may end by jumping about a kink or a steep valley.
        assert np.mean(last < first) >= (0.95 if facts.L is None else 0.999)
    assert np.median(last) < np.median(first)


def test_values_and_gradients_are_finite_on_the_start_distribution(any_landscape):
    value, grad = evaluate(any_landscape, starts(any_landscape, 4096))
    assert np.isfinite(value).all()
    assert np.isfinite(grad).all()


def test_every_landscape_has_a_formula_in_the_tests():
    assert set(FORMULAS) == set(LANDSCAPES.all())


def test_a_landscape_says_what_it_is(any_landscape):
    component, facts = any_landscape.component, facts_of(any_landscape)
    assert component.formula
    assert component.source
    assert component.summary
    assert facts.base_lr > 0.0
    assert facts.domain[0] < facts.domain[1]
    assert facts.minimiser is None or facts.minimiser.shape == (facts.dim,)
