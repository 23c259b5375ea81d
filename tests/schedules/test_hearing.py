"""What a schedule hears: declared, shown, kept to; refused where it is not there."""

import json

import numpy as np
import pytest

from experiments.request import make_request
from lab.component import Chosen, Facts, Feedback, Landscape, State
from lab.errors import RequestError
from lab.replay import replay
from lab.scenario import Arm, Scenario
from lab.schedules import SCHEDULES
from lab.simulation import Keep, simulate
from lab.spec import Spec
from tests.schedules.examples import FEEDBACK, NAMES, RIVALS, chosen, example
from tests.trajectories import different, run, trajectories

DEAF = [name for name in RIVALS if "loss" not in SCHEDULES.find(name).hears]


def asks_for(component):
    kernels = [component.kernel, *([component.judge] if component.judge else [])]
    return {name for k in kernels for name in k.__code__.co_varnames[: k.__code__.co_argcount]}


@pytest.mark.parametrize("name", [*FEEDBACK, *RIVALS])
def test_kernels_take_what_is_declared(name):
    component = SCHEDULES.find(name)
    asked = asks_for(component)
    assert ("metric" in asked) == ("loss" in component.hears)
    assert ("grad" in asked) == ("gradient" in component.hears)
    assert ("trial_loss" in asked) == ("trials" in component.hears) == (component.judge is not None)


def test_there_are_some_of_each():
    assert len(DEAF) >= 5
    assert len(RIVALS) - len(DEAF) >= 3
    assert set(NAMES) > set(RIVALS)


@pytest.mark.parametrize("name", RIVALS)
def test_a_replay_refuses_in_one_line(name, answer):
    with pytest.raises(RequestError, match=f"schedule '{name}' cannot be replayed: it hears the"):
        replay(chosen(name), [1.0, 2.0], 0.1)
    done = answer("replay", name, "--losses", "-", stdin="1\n2\n")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "cannot be replayed" in done.stderr.splitlines()[-1]


def test_lab_show_says_what_is_heard(answer):
    said = {name: " ".join(answer("show", "schedule", name).stdout.split()) for name in RIVALS}
    assert "next step from the loss and the gradient" in said["greedy-gated"]
    assert "it is taken, from the gradient" in said["dog"]
    assert "from the gradient and the loss at trial points; up to 100 more" in said["armijo"]


def test_tables_say_what_is_heard_and_what_it_costs(answer):
    done = answer(
        "run", "--landscape", "rosenbrock", "--optimizer", "sgd", "--seeds", "20", "--steps", "20",
        "--no-tune", "--schedule", "greedy", "--schedule", "dog", "--schedule", "armijo",
    )  # fmt: skip
    assert done.returncode == 0
    greedy, dog, armijo = (
        next(line for line in done.stdout.splitlines() if line.startswith(f"  {name}: "))
        for name in ("greedy", "dog", "armijo")
    )
    assert "hears" not in greedy
    assert dog.endswith("(hears the gradient)")
    found = trajectories(
        make_request("rosenbrock", schedules=("armijo",), optimizer="sgd", steps=20), 20
    )
    cost = 1.0 + found.summary["evaluations"].mean() / 20
    assert armijo.endswith(
        f"(hears the gradient and the loss at trial points: {cost:.3g} evaluations of the loss a"
        " step)"
    )


@pytest.mark.parametrize("name", DEAF)
def test_noise_on_the_loss_is_inert_for_those_that_do_not_hear_it(name):
    """The mark is right, bit for bit; the observed loss itself is noisy."""
    request = make_request(
        "rosenbrock", "gaussian", channel="metric", strength=2.0, schedules=(name,), steps=30
    )
    assert request.inert(request.schedules[0], 2.0)
    loud, quiet = trajectories(request), trajectories(request, strength=0.0)
    assert set(different(loud, quiet)) == {"observed", "term"}


@pytest.mark.parametrize("name", sorted(set(RIVALS) - set(DEAF)))
def test_noise_on_the_loss_reaches_those_that_hear_it(name):
    request = make_request(
        "rosenbrock", "gaussian", channel="metric", strength=2.0, steps=60,
        schedules=(example(name, **({"patience": 0} if name == "greedy-gated" else {})),),
    )  # fmt: skip
    assert not request.inert(request.schedules[0], 2.0)
    assert "lr" in different(trajectories(request), trajectories(request, strength=0.0))


def rates(name, **cadence):
    return run(
        "rosenbrock", "gaussian", schedules=(name,), optimizer="sgd", steps=40, strength=5.0,
        lanes=20, **cadence,
    ).lr[0]  # fmt: skip


@pytest.mark.parametrize("name", DEAF)
def test_without_the_loss_evaluations_do_not_matter(name):
    np.testing.assert_array_equal(rates(name), rates(name, metric_every=5, metric="mean"))


@pytest.mark.parametrize("name", ["polyak", "sps-max"])
def test_with_the_loss_rates_change_at_evaluations_only(name):
    found = rates(name, metric_every=5)
    changed = np.flatnonzero((np.diff(found, axis=0) != 0.0).any(axis=1)) + 1
    assert set(changed % 5) == {4}


UNKNOWN = Landscape(
    name="unknown",
    summary="a bowl whose minimum is not told",
    source="this test",
    formula="f(x) = x^2 / 2",
    kernel=lambda x, value, grad: None,
    facts=lambda values: Facts(dim=1, minimum=None, minimiser=None, base_lr=0.1),
)


def test_polyak_refuses_an_unknown_minimum():
    words = [make_request("rosenbrock").noise, make_request("rosenbrock").channel]
    scenario = Scenario(Chosen(UNKNOWN, {}), *words, 0.0)
    arm = Arm(chosen("polyak"), make_request("rosenbrock", optimizer="sgd").optimizer, 0.1)
    with pytest.raises(RequestError, match="'polyak' needs the minimum of the landscape"):
        simulate(scenario, [arm], 5, 3)


@pytest.mark.parametrize("name", RIVALS)
def test_lanes_depend_on_nothing_else(name):
    """Not on threads, range of lanes, number of steps, or the arms beside."""
    request = make_request(
        "rosenbrock", "spikes:probability=0.2", schedules=(name, "greedy", ("twin", name)),
        optimizer="sgd", steps=25,
    )  # fmt: skip
    whole = trajectories(request, 200, threads=2)
    part = trajectories(request, 30, first_lane=120, arms=request.arms()[2:], threads=1)
    for series in ("loss", "lr", "x"):
        all_lanes = getattr(whole, series)
        np.testing.assert_array_equal(all_lanes[0], all_lanes[2])
        np.testing.assert_array_equal(getattr(part, series)[0], all_lanes[2][..., 120:150])
    shorter = trajectories(request, 200, steps=10)
    np.testing.assert_array_equal(shorter.lr, whole.lr[:, :10])


@pytest.mark.parametrize("name", RIVALS)
def test_heavy_tails_leave_no_nan(name):
    """Gradients that overflow: rates stay numbers, losses finite or infinite."""
    found = run(
        "rosenbrock", "student-t:df=1", schedules=(name,), optimizer="sgd", strength=1e160,
        steps=40, channel="gradient",
    )  # fmt: skip
    assert not np.isnan(found.lr).any()
    assert not np.isnan(found.loss).any()
    lost = np.isfinite(found.summary["diverged"])
    assert lost.all() or (found.lr < 1e-70).mean() > 0.2, "the noise was too small to tell"


def scaled(lr, update, last, factor):
    """The rate times the first coordinate of what the last step added."""
    for k in range(lr.shape[0]):
        last[k] = update[0, k]
        lr[k] = 0.1 if update[0, k] == 0.0 else factor * abs(update[0, k])


def test_the_update_is_what_the_step_added():
    """A rule of a user's own that asks for it, acting before the step and after it."""
    for before in (True, False):
        rule = Feedback(
            name="own", summary="", source="", kernel=scaled, hears=("gradient",), before=before,
            state={"last": State()}, constants=lambda values: {"factor": 0.5},
        )  # fmt: skip
        request = make_request(
            "quadratic:dim=2", schedules=(Chosen(rule, rule.read(Spec("own"))).component,),
            optimizer="momentum", steps=5, lr=0.1,
        )  # fmt: skip
        found = trajectories(request, 3, keep=Keep(lr=True, x=True))
        moved = np.abs(np.diff(found.x[0, :, 0], axis=0))
        later = found.lr[0, 1:]
        np.testing.assert_allclose(later, 0.5 * moved, rtol=1e-14)


def test_evaluations_are_in_no_one_elses_way(answer):
    """JSON keeps its shape."""
    done = answer(
        "run", "--landscape", "quadratic:dim=2", "--optimizer", "sgd", "--seeds", "10", "--json",
        "--no-tune", "--schedule", "armijo",
    )  # fmt: skip
    document = json.loads(done.stdout)
    assert document["schedules"][0]["schedule"] == "armijo"
    assert "evaluations" not in document["schedules"][0]


def test_a_rate_made_for_another_optimizer_draws_a_note():
    """Adam multiplies dog's rate by another direction; armijo's trials are the optimizer's own."""
    schedules = ("greedy", "dog", "polyak", "armijo", "hypergradient")
    said = make_request("rosenbrock", schedules=schedules).warnings()
    assert [line for line in said if "made for" in line] == [
        f"{name}: its rate is made for sgd; with adam it multiplies another direction"
        for name in ("dog", "polyak")
    ]
    quiet = make_request("rosenbrock", schedules=schedules, optimizer="sgd").warnings()
    assert not any("made for" in line for line in quiet)
