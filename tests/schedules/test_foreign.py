"""Functions and declarations handed over from Python, where no other library is needed."""

import functools
import math

import numpy as np
import pytest

import lab
from experiments.request import make_request
from lab.component import Feedback, OpenLoop
from lab.errors import RequestError
from lab.foreign import declared
from lab.schedules import SCHEDULES
from tests.trajectories import different, run


def halving(step):
    return 0.1 * 0.5**step


def table(item, steps, lr=7.0):
    return declared(item).rates(lr, steps, {}).tolist()


def test_a_function_of_the_step_is_a_table():
    assert declared(halving).name == "halving"
    assert table(halving, 4) == [0.1, 0.05, 0.025, 0.0125]
    assert table(functools.partial(math.ldexp, 0.5), 3) == [0.5, 1.0, 2.0]
    assert table(lambda step: np.float32(0.5), 2) == [0.5, 0.5]


def test_names():
    assert declared(lambda step: 0.1).name == "schedule"
    assert declared(halving, "mine").name == "mine"
    constant = OpenLoop(
        name="flat", summary="", source="", rates=lambda lr, steps, values: np.full(steps, lr)
    )
    request = make_request(
        "rosenbrock", steps=5, schedules=["cosine", halving, halving, ("named", halving), constant]
    )
    assert request.written == ("cosine", "halving", "halving-2", "named", "flat")
    assert request.schedules[-1].component is constant


def test_a_declaration_gets_its_defaults():
    greedy = SCHEDULES.find("greedy")
    assert isinstance(greedy, Feedback)
    given = make_request("rosenbrock", schedules=[greedy]).schedules[0]
    assert given == SCHEDULES.choose("greedy")


def test_it_runs_like_a_built_in_one():
    items = ["exponential:gamma=0.5", ("mine", lambda step: 0.01 * 0.5**step)]
    found = run("rosenbrock", "spikes", schedules=items, steps=20, lr=0.01)
    assert different(found, found, 0, 1) == []


def test_lab_run_takes_it():
    result = lab.run(
        "rosenbrock", "spikes", schedules=["greedy", halving], seeds=20, steps=10, tune=False
    )
    assert list(result.summary.schedule) == ["greedy", "halving"]
    assert set(result.frame.schedule) == {"greedy", "halving"}


def broken(step):
    return 0.1 / (3 - step)


@pytest.mark.parametrize(
    ("item", "complaint"),
    [
        (3, "schedule 3 is not a component, a torch LRScheduler, a function that"),
        (lambda step: "a", "schedule 'schedule': step 0: 'a' is not a rate"),
        (lambda step: [1.0], "schedule 'schedule': step 0: [1.0] is not a rate"),
        (lambda step: -0.1 * step, "schedule 'schedule': step 1: -0.1 is not a rate (allowed: "),
        (lambda step: math.nan, "schedule 'schedule': step 0: nan is not a rate"),
        (broken, "schedule 'broken': step 3: ZeroDivisionError: float division by zero"),
        (("mine", broken), "schedule 'mine': step 3: ZeroDivisionError: "),
        ("greedi", "unknown schedule 'greedi'; did you mean 'greedy'?"),
    ],
)
def test_what_is_no_schedule_is_refused_in_one_line(item, complaint):
    with pytest.raises(RequestError) as caught:
        make_request("rosenbrock", schedules=[item])
    assert str(caught.value).startswith(complaint)
    assert "\n" not in str(caught.value)


def test_a_function_of_nothing_is_refused():
    # The message has more to say where torch is loaded.
    with pytest.raises(RequestError, match=r"TypeError: .* takes 0 positional arguments"):
        make_request("rosenbrock", schedules=[lambda: 0.1])
