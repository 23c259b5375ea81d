"""Methods that estimate a distance, or answer with an average, against their authors' packages."""

from pathlib import Path

import numpy as np
import pytest

from experiments.request import make_request
from lab.engine.aside import settle
from lab.errors import RequestError
from lab.optimizers import OPTIMIZERS
from lab.replay import replay
from lab.schedules import SCHEDULES
from lab.simulation import Keep
from tests.kernels import run_compiled, run_plain
from tests.trajectories import run, trajectories

with np.load(Path(__file__).parents[1] / "golden" / "rivals.npz") as file:
    GOLDEN = dict(file)
CASES = [str(case) for case in GOLDEN["optimizers"]]
AVERAGING = [case for case in CASES if f"{case}/answer" in GOLDEN]
ESTIMATING = ("d-adapt-sgd", "d-adapt-adam", "prodigy")
STEPS = 60


class Method:
    """An optimizer's kernel with its memory, on one lane."""

    def __init__(self, text, x, kernels=run_compiled):
        chosen = OPTIMIZERS.choose(text)
        self.component, self.run = chosen.component, kernels
        self.numbers = {
            **self.component.kernel_values(chosen.values),
            **self.component.constants(chosen.values, STEPS),
        }
        self.fields = {"x": x[:, None]}
        for name, state in self.component.state.items():
            shape = (len(x), 1) if state.rows == "vector" else (1,)
            self.fields[name] = np.zeros(shape)
            assert state.initial == 0.0
        self.taken = 0

    @property
    def x(self):
        return self.fields["x"][:, 0]

    def step(self, grad, lr):
        given = {**self.fields, "grad": grad[:, None], "lr": np.array([lr])}
        found = self.run(self.component.kernel, given, self.numbers, self.taken)
        np.testing.assert_array_equal(found["grad"], given["grad"])
        self.fields = {name: found[name] for name in self.fields}
        self.taken += 1

    def answer(self):
        given = {**self.fields, "evaluated": np.full_like(self.fields["x"], np.nan)}
        return self.run(self.component.evaluated, given, self.numbers)["evaluated"][:, 0]


@pytest.mark.parametrize("kernels", [run_compiled, run_plain])
@pytest.mark.parametrize("case", CASES)
def test_the_path_is_the_references(case, kernels):
    """60 steps with gradients and rates that the golden file prescribes."""
    path, grads, rates = (GOLDEN[f"{case}/{name}"] for name in ("x", "grad", "lr"))
    method = Method(str(GOLDEN[f"{case}/spec"]), path[0], kernels)
    for t in range(STEPS):
        method.step(grads[t], rates[t])
        np.testing.assert_allclose(method.x, path[t + 1], rtol=1e-11, atol=1e-13)
    assert np.abs(path[-1] - path[0]).max() > 0.05


@pytest.mark.parametrize("case", AVERAGING)
def test_the_answer_is_the_references(case):
    path, answers = GOLDEN[f"{case}/x"], GOLDEN[f"{case}/answer"]
    method = Method(str(GOLDEN[f"{case}/spec"]), path[0])
    np.testing.assert_array_equal(method.answer(), answers[0])
    for t in range(STEPS):
        method.step(GOLDEN[f"{case}/grad"][t], GOLDEN[f"{case}/lr"][t])
        np.testing.assert_allclose(method.answer(), answers[t + 1], rtol=1e-11, atol=1e-12)
    assert np.abs(answers[-1] - path[-1]).max() > 1e-3


def test_schedule_free_sgd_is_the_papers_three_sequences():
    """Equations 3 to 5 on a quadratic, with z, x and y kept apart and nothing rearranged."""
    rng, beta, lr = np.random.default_rng(3), 0.8, 0.3
    curvature, start = 10.0 ** rng.uniform(-1, 0, 5), rng.normal(size=5)
    z, x = start.copy(), start.copy()
    method = Method(f"schedule-free-sgd:momentum={beta}", start)
    for t in range(1, STEPS + 1):
        y = (1.0 - beta) * z + beta * x
        np.testing.assert_allclose(method.x, y, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(method.answer(), x, rtol=1e-12, atol=1e-13)
        z = z - lr * curvature * y
        x = (1.0 - 1.0 / t) * x + z / t
        method.step(curvature * method.x, lr)


@pytest.mark.parametrize("name", ["schedule-free-sgd", "schedule-free-adamw"])
def test_the_recorded_loss_is_that_of_the_average(name):
    """On |x|^2 / 2 the gradient is the point where it was taken: the run shows y and x."""
    keep = Keep(lr=True, observed=True, x=True)
    request = make_request(
        "quadratic:dim=3,condition=1,L=1", schedules=("constant",), optimizer=name, lr=0.1,
        steps=STEPS,
    )  # fmt: skip
    found = trajectories(request, 2, keep=keep)
    start = found.x[0, 0, :, 1]
    method = Method(name, start)
    for t in range(STEPS):
        answer = method.answer()
        np.testing.assert_allclose(found.x[0, t, :, 1], answer, rtol=1e-10, atol=1e-14)
        np.testing.assert_allclose(found.loss[0, t, 1], answer @ answer / 2, rtol=1e-10)
        np.testing.assert_allclose(found.observed[0, t, 1], method.x @ method.x / 2, rtol=1e-10)
        method.step(method.x.copy(), 0.1)
    np.testing.assert_allclose(found.summary["final"][0, 1], method.answer() @ method.answer() / 2)
    assert (found.loss[0, 2:STEPS] != found.observed[0, 2:]).all()


def test_weights_of_the_average_do_not_overflow():
    with pytest.raises(
        RequestError, match=r"r=1e150 is not allowed \(allowed: number in \[0, 32\]"
    ):
        OPTIMIZERS.choose("schedule-free-sgd:r=1e150")
    assert sum(2.0 ** (31 * i) for i in (31, 32)) < np.inf
    assert np.isfinite(2.0**31.0 * 2.0 ** (31 * 32))


def test_an_average_that_overflows_has_an_infinite_loss():
    """y explodes at this rate; no NaN and no finite loss is recorded afterwards."""
    found = run(
        "quadratic:dim=3", schedules=("constant",), optimizer="schedule-free-sgd", lr=300.0,
        steps=200,
    )  # fmt: skip
    gone = found.summary["diverged"][0]
    assert (gone < 200).all()
    steps = np.arange(201)[:, None]
    assert (np.isinf(found.loss[0]) == (steps >= gone)).all()
    assert np.isinf(found.summary["final"]).all()


@pytest.mark.parametrize("name", ESTIMATING)
def test_the_rate_is_a_factor_of_1_where_nothing_is_said(name):
    """As in the authors' packages, whatever the landscape's own rate."""
    assert make_request("quadratic:L=8", optimizer=name).lr == 1.0


@pytest.mark.parametrize(
    "text", [*ESTIMATING, "d-adapt-adam:weight_decay=0.1,decouple=true", "prodigy:weight_decay=0.1"]
)
def test_no_gradient_no_step_no_estimate(text):
    """Steps of gradient 0 before the first real one change nothing that comes later.

    The point may be moved meanwhile, as a perturbation does: distances count from where the first
    step begins.
    """
    rng = np.random.default_rng(8)
    start, grads = rng.normal(size=4), rng.normal(size=(10, 4))
    late, early = Method(text, start), Method(text, start + 1.0)
    late.step(np.zeros(4), 1.0)
    np.testing.assert_array_equal(late.x, start)
    late.fields["x"] = late.fields["x"] + 1.0
    for grad in grads:
        late.step(grad, 1.0)
        early.step(grad, 1.0)
    np.testing.assert_array_equal(late.x, early.x)


@pytest.mark.parametrize("name", ["schedule-free-sgd", "schedule-free-adamw"])
def test_rates_of_0_leave_a_point_where_it_is(name):
    """The average has no weight yet: also a point that a perturbation has moved stays."""
    rng = np.random.default_rng(9)
    method = Method(f"{name}:weight_decay=0", rng.normal(size=4))
    for _ in range(3):
        method.step(rng.normal(size=4), 0.0)
        moved = method.x + 1.0
        method.fields["x"] = moved[:, None]
        method.step(rng.normal(size=4), 0.0)
        np.testing.assert_array_equal(method.x, moved)


def convex(rng, dim):
    """Gradient of a convex quadratic around a minimiser, and the minimiser."""
    turn = np.linalg.qr(rng.normal(size=(dim, dim)))[0]
    hessian = turn @ np.diag(10.0 ** rng.uniform(-2, 0, dim)) @ turn.T
    minimiser = 10.0 * rng.normal(size=dim)
    return lambda x: hessian @ (x - minimiser), minimiser


@pytest.mark.parametrize("seed", range(4))
def test_d_stays_below_twice_the_distance(seed):
    """n / ||s|| <= ||x_0 - x*|| for convex f: the derivation is in the module."""
    rng = np.random.default_rng(seed)
    gradient, minimiser = convex(rng, 5)
    method = Method("d-adapt-sgd", rng.normal(size=5))
    distance = np.linalg.norm(method.x - minimiser)
    estimates = []
    for _ in range(STEPS):
        method.step(gradient(method.x), 1.0)
        estimates.append(method.fields["d"][0])
    assert (np.diff(estimates) >= 0.0).all()
    assert 0.01 * distance < estimates[-1] <= 2.0 * distance


@pytest.mark.parametrize("name", ["d-adapt-sgd", "d-adapt-adam", "prodigy"])
@pytest.mark.parametrize("scale", [2.0**-10, 2.0**10])
def test_the_scale_of_f_has_no_effect(name, scale):
    """Rates follow from distances: f times a power of two leaves every bit where it was.

    With eps 0; d0 is a length and does not change with f.
    """
    rng = np.random.default_rng(5)
    gradient, _ = convex(rng, 4)
    text = name if name == "d-adapt-sgd" else f"{name}:eps=0"
    start = rng.normal(size=4)
    one, other = Method(text, start), Method(text, start)
    for _ in range(30):
        one.step(gradient(one.x), 1.0)
        other.step(scale * gradient(other.x), 1.0)
    np.testing.assert_array_equal(one.x, other.x)
    assert (one.x != start).all()


@pytest.mark.parametrize("name", [case for case in CASES if "/" not in case])
def test_a_lost_memory_begins_anew(name):
    """The perturbation `reset` sets all memory to 0: from there on it is a new run."""
    rng = np.random.default_rng(6)
    grads = rng.normal(size=(12, 4))
    method = Method(name, rng.normal(size=4))
    for grad in grads[:6]:
        method.step(grad, 0.5)
    method.fields = {n: f if n == "x" else np.zeros_like(f) for n, f in method.fields.items()}
    fresh = Method(name, method.x.copy())
    fresh.taken = method.taken
    for grad in grads[6:]:
        method.step(grad, 0.5)
        fresh.step(grad, 0.5)
    np.testing.assert_array_equal(method.x, fresh.x)


def test_the_clean_metric_is_the_recorded_loss():
    """With --metric clean a schedule hears the loss of the average, otherwise that at y."""
    request = {"schedules": ("greedy:patience=0",), "optimizer": "schedule-free-sgd", "steps": 40}
    for metric, heard in (("clean", "loss"), ("last", "observed")):
        found = run("rosenbrock", metric=metric, **request)
        expected = replay(
            SCHEDULES.choose("greedy:patience=0"), getattr(found, heard)[0, :40], 1e-4
        )
        np.testing.assert_array_equal(found.lr[0, 1:], expected[:-1])


def test_what_settles_a_loss():
    """No number, a huge one, and any loss of a lane that has diverged by this step are infinite."""
    value = np.array([1.0, -2.0, np.nan, -np.inf, 1e151, 3.0, 4.0])
    diverged = np.array([np.inf, 6.0, np.inf, np.inf, np.inf, 5.0, 2.0])
    found = run_compiled(settle, {"value": value, "diverged": diverged}, step=5)["value"]
    np.testing.assert_array_equal(found, [1.0, -2.0, *[np.inf] * 5])
