"""Landscapes that draw in every step: the numbers of the theory page, and an unbiased oracle."""

import numpy as np
import pytest

from experiments.components import LANDSCAPES
from experiments.request import make_request
from lab.engine import philox
from lab.simulation import Keep, simulate
from landscapes.least_squares import TERMS, problem
from tests.kernels import run_compiled, run_plain

#: Uniforms that pick each of the terms once.
EACH = {
    "least-squares": (np.arange(TERMS) + 0.5) / TERMS,
    "least-squares:problem=P2": (np.arange(TERMS) + 0.5) / TERMS,
    "least-squares:problem=P5": (np.arange(TERMS) + 0.5) / TERMS,
    "sample-bias": (np.arange(10) + 0.5) / 10,
    "nonconvex-sum": np.array([0.25, 0.75]),
}


def oracle(text, x, run=run_compiled, **draws):
    """value, seen (lanes,) and grad (dim, lanes) at x (dim, lanes)."""
    chosen = LANDSCAPES.choose(text)
    component, values = chosen.component, chosen.values
    lanes = x.shape[1]
    fields = {"x": x, "grad": np.full(x.shape, np.nan), **draws}
    for name in ("value", "seen"):
        fields[name] = np.full(lanes, np.nan)
    for name, rows in component.workspace(values).items():
        fields[name] = np.full((rows, lanes), np.nan)
    numbers = {**component.kernel_values(values), **component.constants(values)}
    return run(component.kernel, fields, numbers)


def points(dim, lanes, seed=0):
    return np.random.default_rng(seed).standard_normal((dim, lanes))


def dim_of(text):
    chosen = LANDSCAPES.choose(text)
    return chosen.component.facts(chosen.values).dim


@pytest.mark.parametrize(
    ("name", "minimum", "sigma", "r2"),
    [("P1", 0.118438, 0.584868, 9.572662), ("P2", 0.0, 0.0, None), ("P5", None, None, None)],
)
def test_the_numbers_of_the_theory_page(name, minimum, sigma, r2):
    data = problem(name)
    assert data.L_max == pytest.approx(9.328702, abs=5e-7)
    if minimum is not None:
        assert data.minimum == pytest.approx(minimum, abs=5e-7)
        assert data.sigma == pytest.approx(sigma, abs=5e-7)
    if r2 is not None:
        assert data.minimiser @ data.minimiser == pytest.approx(r2, abs=5e-7)


def test_without_errors_the_minimum_is_exactly_zero():
    assert (problem("P2").minimum, problem("P2").sigma) == (0.0, 0.0)


def test_the_skewed_errors_have_mean_about_zero_and_a_long_tail():
    errors = problem("P5").targets - problem("P2").targets
    centred = errors - errors.mean()
    assert abs(errors.mean()) < 4.0 * errors.std() / np.sqrt(TERMS)
    assert np.mean(centred**3) / errors.std() ** 3 > 1.0


@pytest.mark.parametrize("name", ["P1", "P2", "P5"])
def test_each_term_is_half_a_squared_residual(name):
    data = problem(name)
    x = np.repeat(points(10, 1), TERMS, axis=1)
    text = f"least-squares:problem={name}"
    found = oracle(text, x, step_uniform=EACH[text if name != "P1" else "least-squares"][None])
    residuals = data.features @ x[:, 0] - data.targets
    np.testing.assert_allclose(found["seen"], 0.5 * residuals**2, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(
        found["grad"], (residuals[:, None] * data.features).T, rtol=1e-12, atol=1e-14
    )


@pytest.mark.parametrize("text", EACH)
def test_f_and_its_gradient_are_the_means_over_the_terms(text):
    """f in closed form against the sum; central differences of f against the mean gradient."""
    uniforms = EACH[text]
    for x in 3.0 * points(dim_of(text), 3, seed=1).T:
        column = np.repeat(x[:, None], len(uniforms), axis=1)
        found = oracle(text, column, step_uniform=uniforms[None])
        np.testing.assert_allclose(found["value"], found["seen"].mean(), rtol=1e-12)
        h = 1e-5
        shifts = np.concatenate([h * np.eye(len(x)), -h * np.eye(len(x))], axis=1)
        ends = oracle(
            text, x[:, None] + shifts, step_uniform=np.zeros((1, 2 * len(x)))
        )["value"]  # fmt: skip
        slope = (ends[: len(x)] - ends[len(x) :]) / (2.0 * h)
        np.testing.assert_allclose(found["grad"].mean(axis=1), slope, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("text", EACH)
def test_compiled_and_plain_kernels_agree_to_the_last_bit(text):
    x = 2.0 * points(dim_of(text), 9, seed=2)
    uniform = np.random.default_rng(3).random((1, 9))
    compiled = oracle(text, x, step_uniform=uniform)
    plain = oracle(text, x, run_plain, step_uniform=uniform)
    for name in ("value", "seen", "grad"):
        np.testing.assert_array_equal(compiled[name], plain[name], err_msg=name)


@pytest.mark.parametrize("text", EACH)
def test_the_minimiser_has_the_minimum(text):
    chosen = LANDSCAPES.choose(text)
    facts = chosen.component.facts(chosen.values)
    x = facts.minimiser[:, None] + 1e-3 * np.eye(facts.dim, facts.dim + 1)
    value = oracle(text, x, step_uniform=np.zeros((1, facts.dim + 1)))["value"]
    assert value[-1] == facts.minimum
    assert (value[:-1] > facts.minimum).all()


def test_a_batch_is_the_mean_of_its_terms():
    uniforms = np.array([[0.1], [0.1], [0.7]])
    x = points(10, 1)
    one = [oracle("least-squares", x, step_uniform=row[None]) for row in uniforms]
    batch = oracle("least-squares:batch=3", x, step_uniform=uniforms)
    for name in ("seen", "grad"):
        mean = sum(found[name] for found in one) / 3.0
        np.testing.assert_allclose(batch[name], mean, rtol=1e-13)


def test_f_of_the_counterexample_is_a_fortieth_of_the_square():
    found = oracle("nonconvex-sum", np.array([[2.0, 2.0]]), step_uniform=np.array([[0.4, 0.6]]))
    assert found["value"].tolist() == [0.1, 0.1]
    assert found["seen"].tolist() == [2.0, -1.8]
    assert found["grad"].tolist() == [[2.0, -1.8]]


def test_the_outlier_is_drawn_once_in_ten():
    uniforms = EACH["sample-bias"]
    found = oracle("sample-bias", np.ones((1, 10)), step_uniform=uniforms[None])
    assert found["grad"].tolist() == [[1.0] * 9 + [-9.0]]
    assert np.mean(found["grad"] ** 2) == 9.0


@pytest.mark.parametrize("dim", [1, 10])
def test_the_jittered_quadratic_is_the_quadratic_at_a_shifted_point(dim):
    condition = 100 if dim > 1 else 1
    words = f"dim={dim},condition={condition},L=5"
    x, jump = points(dim, 40, seed=4), points(dim, 40, seed=5)
    found = oracle(f"jittered-quadratic:{words},jitter=0.1", x, step_normal=jump)
    still = {"dim": dim, "L": 5.0, "condition": float(condition)}
    quadratic = LANDSCAPES.find("quadratic")

    def at(z):
        fields = {"x": z, "value": np.zeros(40), "grad": np.zeros(z.shape)}
        return run_compiled(quadratic.kernel, fields, quadratic.constants(still))

    np.testing.assert_array_equal(found["seen"], at(x - 0.1 * jump)["value"])
    np.testing.assert_array_equal(found["grad"], at(x - 0.1 * jump)["grad"])
    np.testing.assert_allclose(found["value"], at(x)["value"], rtol=1e-15)


def test_in_a_run_the_schedule_sees_the_batch_and_the_table_the_whole():
    request = make_request(
        "sample-bias", schedules=("constant",), optimizer="sgd", lr=0.05, steps=40
    )
    keep = Keep(observed=True, x=True)
    found = simulate(request.scenario(0.0), request.arms(), 40, 130, keep=keep)
    uniforms = run_compiled(
        philox.fill_uniforms, {"out": np.zeros((40, 130))}, {"stream": philox.BATCH, "first": 0}
    )["out"]
    x = found.x[0, :, 0]
    assert (x[0] == 1.0).all()
    slope = x - np.where(uniforms >= 0.9, 10.0, 0.0)
    np.testing.assert_array_equal(found.observed[0], 0.5 * slope * slope)
    np.testing.assert_array_equal(found.loss[0, :40], 0.5 * (x - 1.0) * (x - 1.0) + 4.5)
