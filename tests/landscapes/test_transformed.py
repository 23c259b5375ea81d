"""Laws of shift, rotation, stretch and scale, and what a run makes of random instances."""

import math

import numpy as np
import pytest

from experiments.components import CHANNELS, NOISES, OPTIMIZERS, SCHEDULES, add_plugins
from lab.errors import RequestError
from lab.simulation import Arm, Keep, Scenario, simulate
from landscapes import LANDSCAPES
from landscapes._rotation import normals_of_rotation, rotate, rotate_back, rotation_matrix
from tests.kernels import evaluate, run_compiled, run_plain


def facts_of(landscape):
    return landscape.component.facts(landscape.values)


def points(dim, lanes, seed=0):
    return np.random.default_rng(seed).standard_normal((dim, lanes))


def hessian(text, dim):
    """Second derivatives (dim, dim) of a quadratic: from gradients at the unit vectors."""
    at = np.concatenate([np.eye(dim), np.zeros((dim, 1))], axis=1)
    _, grad = evaluate(LANDSCAPES.choose(text), at)
    return grad[:, :dim] - grad[:, dim:]


def test_nothing_asked_is_the_landscape_itself():
    x = points(3, 50)
    plain = evaluate(LANDSCAPES.choose("rosenbrock:dim=3"), x)
    same = evaluate(LANDSCAPES.choose("transformed:of=(rosenbrock:dim=3)"), x)
    np.testing.assert_array_equal(plain[0], same[0])
    np.testing.assert_array_equal(plain[1], same[1])


def test_shift_then_evaluate_is_evaluate_the_shifted():
    inner = LANDSCAPES.choose("rosenbrock:dim=3")
    fixed = LANDSCAPES.choose("transformed:of=(rosenbrock:dim=3),shift=2,fixed=5")
    shift = 2.0 * np.random.default_rng(5).standard_normal(3)
    x = points(3, 50)
    for found, expected in zip(
        evaluate(fixed, x), evaluate(inner, x - shift[:, None]), strict=True
    ):
        np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(facts_of(fixed).minimiser, 1.0 + shift)


def test_every_seed_is_shifted_by_its_own_normals():
    own = LANDSCAPES.choose("transformed:of=(quadratic-study:dim=3),shift=0.5")
    inner = LANDSCAPES.choose("quadratic-study:dim=3")
    x, instance = points(3, 40), points(6, 40, 1)
    found = evaluate(own, x, instance=instance)
    # The inner landscape keeps the normals that it has without a transformation.
    expected = evaluate(inner, x - 0.5 * instance[3:], instance=instance[:3])
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_array_equal(found[1], expected[1])
    assert facts_of(own).minimiser is None


@pytest.mark.parametrize("fixed", [0, 4])
@pytest.mark.parametrize("dim", [2, 3, 9])
def test_rotation_keeps_the_spectrum(dim, fixed):
    plain = hessian(f"quadratic:dim={dim},condition=50", dim)
    turned = f"transformed:of=(quadratic:dim={dim},condition=50),rotate=true,fixed={fixed}"
    if fixed:
        found = hessian(turned, dim)
    else:
        own = np.repeat(points(normals_of_rotation(dim), 1, 3), dim, axis=1)
        _, found = evaluate(LANDSCAPES.choose(turned), np.eye(dim), instance=own)
    np.testing.assert_allclose(
        np.linalg.eigvalsh(found), np.linalg.eigvalsh(plain), rtol=1e-12, atol=1e-14
    )
    assert np.abs(found - np.diag(np.diag(found))).max() > 1e-3


def test_stretch_makes_the_condition_number():
    dim = 6
    text = f"transformed:of=(quadratic:dim={dim},condition=1,L=3),condition=1000"
    found = np.linalg.eigvalsh(hessian(text, dim))
    np.testing.assert_allclose(found, 3.0 * 1000.0 ** (np.arange(dim) / (dim - 1)), rtol=1e-13)
    facts = facts_of(LANDSCAPES.choose(text))
    assert pytest.approx(found[-1], rel=1e-14) == facts.L
    assert facts.mu == pytest.approx(found[0], rel=1e-14)
    turned = hessian(f"{text},rotate=true,fixed=1", dim)
    np.testing.assert_allclose(np.linalg.eigvalsh(turned), found, rtol=1e-11)


def test_a_power_of_two_as_scale_changes_the_exponent_only():
    x = points(4, 30)
    for text in ("shift=1", "rotate=true,fixed=3", "rotate=true,shift=1"):
        value, grad = evaluate(
            LANDSCAPES.choose(f"transformed:of=(ackley:dim=4),{text},scale=1"), x
        )
        scaled = evaluate(LANDSCAPES.choose(f"transformed:of=(ackley:dim=4),{text},scale=8"), x)
        np.testing.assert_array_equal(scaled[0], 8.0 * value)
        np.testing.assert_array_equal(scaled[1], 8.0 * grad)


def test_what_a_step_sees_of_a_sum_is_transformed_with_it():
    inner = LANDSCAPES.choose("sample-bias")
    scaled = LANDSCAPES.choose("transformed:of=(sample-bias),scale=4,shift=1,fixed=1")
    assert scaled.component.step_uniforms(scaled.values) == 1
    shift = np.random.default_rng(1).standard_normal(1)
    x, draw = points(1, 20), np.random.default_rng(2).random((1, 20))
    fields = {"x": x, "step_uniform": draw, "grad": np.empty((1, 20))}
    fields.update(value=np.empty(20), seen=np.empty(20), point=np.empty((1, 20)))

    def run(landscape, at):
        component, values = landscape.component, landscape.values
        numbers = {**component.kernel_values(values), **component.constants(values)}
        return run_compiled(component.kernel, {**fields, "x": at}, numbers)

    found, expected = run(scaled, x), run(inner, x - shift[:, None])
    for name in ("value", "seen", "grad"):
        np.testing.assert_allclose(found[name], 4.0 * expected[name], rtol=1e-14)


@pytest.mark.parametrize("run", [run_compiled, run_plain])
@pytest.mark.parametrize("dim", [1, 2, 3, 7])
def test_reflections_are_the_matrix_and_undo_themselves(dim, run):
    lanes = 5
    normals, y = points(max(normals_of_rotation(dim), 1), lanes, 1), points(dim, lanes, 2)
    fields = {"y": y, "z": normals, "work": np.zeros((2, lanes))}
    turned = run(rotate, fields, {"row": 0})
    for k in range(lanes):
        matrix = rotation_matrix(normals[:, k], dim)
        np.testing.assert_allclose(matrix @ matrix.T, np.eye(dim), atol=1e-14)
        np.testing.assert_allclose(turned["y"][:, k], matrix @ y[:, k], atol=1e-14)
    back = run(rotate_back, turned, {"row": 0})
    np.testing.assert_allclose(back["y"], y, atol=1e-14)


def test_rotations_are_uniformly_distributed():
    """Haar: E R_ij^2 = 1/d, E R_ij^4 = 3/(d(d+2)), and R_ij, R_kl uncorrelated; 5 sigma."""
    dim, lanes = 3, 2**15
    normals = points(normals_of_rotation(dim), lanes, 7)
    columns = []
    for j in range(dim):
        unit = np.zeros((dim, lanes))
        unit[j] = 1.0
        fields = {"y": unit, "z": normals, "work": np.zeros((2, lanes))}
        columns.append(run_compiled(rotate, fields, {"row": 0})["y"])
    entries = np.stack(columns).reshape(dim * dim, lanes)
    second, fourth = 1.0 / dim, 3.0 / (dim * (dim + 2))
    correlations = entries @ entries.T / lanes
    bound = 5.0 * math.sqrt(fourth / lanes)
    np.testing.assert_allclose(correlations, second * np.eye(dim * dim), atol=bound)
    # E x^8 = 105 / (d (d+2) (d+4) (d+6)) on the sphere.
    eighth = 105.0 / (dim * (dim + 2) * (dim + 4) * (dim + 6))
    bound = 5.0 * math.sqrt((eighth - fourth**2) / lanes)
    np.testing.assert_allclose(np.mean(entries**4, axis=1), fourth, atol=bound)


def test_instances_are_shared_by_arms_and_differ_between_seeds():
    landscape = LANDSCAPES.choose(
        "transformed:of=(quadratic:dim=3,condition=4),shift=1,rotate=true"
    )
    scenario = Scenario(landscape, NOISES.choose("none"), CHANNELS.choose("batch"), 0.0)
    arms = [Arm(SCHEDULES.choose("constant"), OPTIMIZERS.choose("sgd"), lr) for lr in (0.5, 0.25)]
    out = simulate(scenario, arms, 300, 6, keep=Keep(x=True))
    ends = out.x[:, -1]
    np.testing.assert_allclose(ends[0], ends[1], atol=1e-6)
    assert np.abs(ends[0][:, 0] - ends[0][:, 1]).max() > 1e-2
    assert out.summary["final"].max() < 1e-15


def test_start_points_and_their_description_are_those_of_the_landscape_inside():
    chosen = LANDSCAPES.choose("transformed:of=(sample-bias),shift=3")
    assert chosen.component.start_text == "1, the minimiser"
    start = run_plain(chosen.component.start, {"start": np.zeros((1, 4))})["start"]
    assert (start == 1.0).all()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("transformed:of=(rosenbrok)", "did you mean 'rosenbrock'"),
        ("transformed:of=(rastrigin:dim=0)", "dim=0 is not allowed"),
        ("transformed:of=(quadratic:dim=101),rotate=true", "needs dim of at most 100"),
        ("transformed:of=(rosenbrock),condition=0.5", "condition=0.5 is not allowed"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(text, message):
    with pytest.raises(RequestError, match=message):
        LANDSCAPES.choose(text)
    if "rotate" in text:
        assert facts_of(LANDSCAPES.choose(f"{text},fixed=1")).dim == 101


def test_a_landscape_of_a_users_own_file_is_transformed_as_any_other(tmp_path, monkeypatch):
    monkeypatch.setattr(LANDSCAPES, "_added", {})
    text = (
        "from lab.component import Facts, Landscape, Parameter\n"
        "def bowl(x, value, grad, width):\n"
        "    for k in range(x.shape[1]):\n"
        "        value[k] = width * x[0, k] * x[0, k]\n"
        "        grad[0, k] = 2.0 * width * x[0, k]\n"
        "BOWL = Landscape(name='bowl', summary='a bowl', source='here', formula='width x^2',\n"
        "    parameters=(Parameter('width', 2.0, 'of it'),), kernel=bowl,\n"
        "    facts=lambda values: Facts(1, 0.0, None, 0.1))\n"
    )
    file = tmp_path / "mine.py"
    file.write_text(text)
    add_plugins([file])
    chosen = LANDSCAPES.choose("transformed:of=(bowl:width=3),scale=2,shift=1,fixed=1")
    shift = np.random.default_rng(1).standard_normal(1)
    value, grad = evaluate(chosen, shift[:, None] + 1.0)
    assert value[0] == pytest.approx(6.0, rel=1e-14)
    assert grad[0, 0] == pytest.approx(12.0, rel=1e-14)
    assert chosen.hidden == LANDSCAPES.choose("bowl").hidden != ""
