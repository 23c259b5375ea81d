"""Armijo line search: its condition holds at every step, its cost is counted."""

import numpy as np
import pytest

from experiments.request import make_request
from lab.optimizers import OPTIMIZERS
from lab.oracle import look
from lab.schedules.armijo import LAST_RESORT, TRIALS
from lab.simulation import Keep
from tests.kernels import run_compiled
from tests.trajectories import trajectories

SERIES = Keep(lr=True, x=True, observed=True)
STEPS = 60


def search(landscape, noise="none", text="armijo", lanes=130, optimizer="sgd", **rest):
    """A request with the schedule, and what it yields."""
    given = {"steps": STEPS, **rest}
    request = make_request(landscape, noise, schedules=(text,), optimizer=optimizer, **given)
    events = request.perturbations
    return request, trajectories(request, lanes, keep=SERIES, perturbations=events)


@pytest.mark.parametrize("landscape", ["quadratic:dim=4,condition=300", "rosenbrock", "logistic"])
@pytest.mark.parametrize("c", [0.1, 0.5])
def test_the_condition_holds_at_every_accepted_step(landscape, c):
    """f(x_(t+1)) <= f(x_t) - c lr_t |g_t|^2, with losses and gradients looked up anew."""
    request, found = search(landscape, text=f"armijo:c={c}")
    loss, lr, x = found.loss[0], found.lr[0], found.x[0]
    for t in range(STEPS - 1):
        grad = look(request.landscape, x[t])[1]
        square = (grad**2).sum(axis=0)
        searched = square >= 1e-16
        promised = c * lr[t] * square
        assert (loss[t + 1] <= loss[t] - promised + 1e-12 * np.abs(loss[t]))[searched].all(), t
        assert (lr[t][searched] > 0.0).all()
        assert (lr[t][~searched] == 0.0).all()
    assert (lr[0] != lr[5]).mean() > 0.9


def test_the_rate_is_the_largest_of_its_trials():
    """The trial before the accepted one, lr / beta_b, would have broken the condition."""
    request, found = search("rosenbrock", text="armijo:c=0.3,beta_b=0.5")
    before = np.full(130, request.lr)
    shrunk = 0
    for t in range(STEPS - 1):
        x, lr = found.x[0, t], found.lr[0, t]
        value, grad = look(request.landscape, x)
        refused = lr < 2.0 * before * (1.0 - 1e-9)
        trial = look(request.landscape, x - 2.0 * lr * grad)[0]
        short = value - 0.3 * 2.0 * lr * (grad**2).sum(axis=0)
        assert (trial > short)[refused].all(), t
        assert (lr[~refused] == 2.0 * before[~refused]).all()
        shrunk += refused.sum()
        before = lr
    assert shrunk > 1000


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov", "adam", "schedule-free-sgd"])
def test_trials_leave_no_trace(optimizer):
    """The accepted rates, as a table of their own, give the same run: memory is as it was."""
    lanes = 3
    request, found = search("rosenbrock", lanes=lanes, optimizer=optimizer)
    chosen = OPTIMIZERS.choose(optimizer)
    component = chosen.component
    numbers = {
        **component.kernel_values(chosen.values), **component.constants(chosen.values, STEPS)
    }  # fmt: skip
    fields = {"x": found.x[0, 0]}
    fields |= {
        name: np.zeros((2, lanes) if state.rows == "vector" else (lanes,))
        for name, state in component.state.items()
    }
    for t in range(STEPS):
        counted = fields["x"]
        if component.evaluated is not None:
            answer = {**fields, "evaluated": np.zeros((2, lanes))}
            counted = run_compiled(component.evaluated, answer, numbers)["evaluated"]
        np.testing.assert_array_equal(counted, found.x[0, t])
        grad = look(request.landscape, fields["x"])[1]
        given = {**fields, "grad": grad, "lr": found.lr[0, t]}
        after = run_compiled(component.kernel, given, numbers, t)
        fields = {name: after[name] for name in fields}


def test_the_cost_is_the_number_of_trials():
    """From the rates: a trial more for every division by beta_b since the first one."""
    request, found = search("quadratic:dim=4,condition=300", text="armijo:beta_b=0.5")
    first = 2.0 * np.vstack([np.full(130, request.lr), found.lr[0, :-1]])
    trials = 1.0 + np.log2(first / found.lr[0]).round()
    np.testing.assert_array_equal(found.summary["evaluations"][0], trials.sum(axis=0))
    assert 1.5 * STEPS < found.summary["evaluations"].mean() < 4.0 * STEPS


def test_others_pay_for_nothing():
    request = make_request("rosenbrock", schedules=("greedy", "dog", "armijo"), steps=20)
    found = trajectories(request, 130).summary["evaluations"]
    assert (found[:2] == 0.0).all()
    assert (found[2] >= 20.0).all()


def test_a_search_without_end_takes_a_tiny_step():
    """With a gradient of noise alone no rate keeps the promise: 100 trials, then 1e-6."""
    _, found = search(
        "quadratic:dim=2,condition=1", "gaussian", channel="gradient", strength=1e9, steps=3,
        lr=0.1,
    )  # fmt: skip
    resigned = found.lr[0] == LAST_RESORT
    assert resigned.mean() > 0.2
    spent = found.summary["evaluations"][0]
    always = resigned.all(axis=0)
    assert always.sum() > 5
    assert (spent[always] == TRIALS * 3).all()
    assert (spent[~always] < TRIALS * 3).all()


@pytest.mark.parametrize("noise", ["none", "gaussian"])
def test_trials_see_the_samples_loss(noise):
    """On a finite sum the condition holds for the drawn terms, whatever the full loss does."""
    _, found = search("least-squares", noise, channel="metric", strength=5.0, lr=0.1)
    loss = found.loss[0]
    assert (np.diff(loss, axis=0) > 0.0).mean() > 0.05
    quiet = search("least-squares", lr=0.1)[1]
    np.testing.assert_array_equal(found.lr, quiet.lr)
    np.testing.assert_array_equal(loss, quiet.loss[0])


def test_a_rescaled_landscape_is_searched_as_it_is():
    """From step 10 on f is 64 times as large: trials are too, and rates 64 times as small."""
    plain = search("quadratic:dim=2,condition=1,L=1", text="armijo:reset_option=2", lr=16.0)[1]
    event = ("rescale:at=10,factor=64",)
    scaled = search(
        "quadratic:dim=2,condition=1,L=1", text="armijo:reset_option=2", lr=16.0,
        perturbations=event,
    )[1]  # fmt: skip
    np.testing.assert_array_equal(plain.lr[0, :10], scaled.lr[0, :10])
    assert (scaled.lr[0, 10:30] < 2.0 / 64.0).all()
    assert (plain.lr[0, 10:30] > 2.0 / 64.0).all()


def test_diverged_lanes_search_no_more():
    """What they are charged for does not grow with the steps, their gradients being finite."""
    scene = {"noise": "outliers", "channel": "gradient", "strength": 1e44, "lanes": 260}
    long, short = (search("rosenbrock", steps=steps, **scene)[1] for steps in (30, 12))
    gone = long.summary["diverged"][0] < 12
    assert gone.sum() > 10
    spent = long.summary["evaluations"][0][gone]
    np.testing.assert_array_equal(spent, short.summary["evaluations"][0][gone])
    assert (spent > 0.0).all()
    assert np.isfinite(long.lr).all()


@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
def test_no_step_of_another_optimizer_raises_the_loss(optimizer):
    """Where its step climbs along the gradient, a trial that raises the loss is refused."""
    _, found = search("rosenbrock", optimizer=optimizer, lr=0.01)
    rises = np.diff(found.loss[0], axis=0) > 1e-12 * found.loss[0, :-1]
    resigned = found.lr[0] == LAST_RESORT
    assert not (rises & ~resigned).any()
    assert resigned.mean() < 0.1
