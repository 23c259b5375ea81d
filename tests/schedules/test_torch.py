"""torch's own schedules handed over as objects, where torch is installed."""

import functools

import numpy as np
import pytest

from experiments.request import make_request
from lab.component import OpenLoop, PythonSchedule
from lab.errors import RequestError
from lab.foreign import declared
from lab.replay import replay
from tests.trajectories import different, run

torch = pytest.importorskip("torch", reason="needs torch: make parity runs it")
from torch.optim import lr_scheduler as schedules  # noqa: E402

LR = 0.04
SAME = {
    "step:step_size=7,gamma=0.3": lambda o: schedules.StepLR(o, 7, 0.3),
    "exponential:gamma=0.9": lambda o: schedules.ExponentialLR(o, 0.9),
    "cosine:T_max=20,eta_min=0.001": lambda o: schedules.CosineAnnealingLR(o, 20, 0.001),
    "one-cycle:max_lr=0.5,total_steps=40": lambda o: schedules.OneCycleLR(o, 0.5, 40),
    "cyclic:base_lr=0.01,max_lr=0.1,step_size_up=5": lambda o: schedules.CyclicLR(o, 0.01, 0.1, 5),
    "warmup:steps=5,start_factor=0.25,then=(step:step_size=7,gamma=0.5)": lambda o: (
        schedules.SequentialLR(
            o, [schedules.LinearLR(o, 0.25, total_iters=5), schedules.StepLR(o, 7, 0.5)], [5]
        )
    ),
}


def optimizer(lr=LR):
    """A model's optimizer, which must be left as it is."""
    return torch.optim.Adam([torch.nn.Parameter(torch.zeros(3))], lr=lr)


def expected(text, steps, lr=LR):
    """The table of the component, which the golden files hold to torch bit for bit."""
    component = chosen_of(text).at(lr, steps)
    return component.component.rates(lr, steps, component.values)


def chosen_of(text):
    return make_request("rosenbrock", schedules=[text], lr=LR, steps=40).schedules[0]


@pytest.mark.parametrize("text", SAME)
def test_a_function_that_makes_one_starts_from_the_runs_rate(text):
    made = declared(SAME[text])
    assert isinstance(made, OpenLoop)
    for lr in (LR, 0.3):
        np.testing.assert_array_equal(made.rates(lr, 40, {}), expected(text, 40, lr))


@pytest.mark.parametrize("text", SAME)
def test_an_object_keeps_its_own_rates_and_is_left_alone(text):
    scheduler = SAME[text](optimizer())
    before = scheduler.optimizer.param_groups[0]["lr"], scheduler.last_epoch
    made = declared(scheduler)
    for _ in range(2):
        np.testing.assert_array_equal(made.rates(0.7, 40, {}), expected(text, 40))
    assert (scheduler.optimizer.param_groups[0]["lr"], scheduler.last_epoch) == before
    assert made.name == type(scheduler).__name__


def test_an_object_goes_on_from_where_it_is():
    scheduler = schedules.StepLR(optimizer(0.8), 3, 0.5)
    for _ in range(4):
        scheduler.optimizer.step()
        scheduler.step()
    assert declared(scheduler).rates(1.0, 5, {}).tolist() == [0.4, 0.4, 0.2, 0.2, 0.2]
    assert scheduler.last_epoch == 4


def test_a_partial_class_is_a_function_that_makes_one():
    made = declared(functools.partial(schedules.ExponentialLR, gamma=0.5))
    assert made.name == "ExponentialLR"
    assert made.rates(1.0, 3, {}).tolist() == [1.0, 0.5, 0.25]


FEEDBACK = {
    "reduce-on-plateau:factor=0.6,patience=1": lambda o: schedules.ReduceLROnPlateau(
        o, factor=0.6, patience=1
    ),
    "greedy:factor=0.7,patience=1,smooth=true,window_size=4": lambda o: greedy(
        o, factor=0.7, patience=1, smooth=True, window_size=4
    ),
}


def greedy(*arguments, **values):
    module = pytest.importorskip("transformers.optimization", reason="make parity runs it")
    return module.GreedyLR(*arguments, **values)


@pytest.mark.parametrize("text", FEEDBACK)
@pytest.mark.parametrize("as_object", [True, False])
def test_one_that_listens_is_the_compiled_one_on_the_slow_path(text, as_object):
    lr = 0.002
    item = FEEDBACK[text](optimizer(lr)) if as_object else FEEDBACK[text]
    found = run(
        "rosenbrock", "gaussian", schedules=[text, item], steps=40, lr=lr, strength=20.0, lanes=130
    )
    assert np.ptp(found.lr[1], axis=0).any()
    assert different(found, found, 0, 1) == []
    request = make_request("rosenbrock", schedules=[item], lr=lr)
    assert isinstance(request.schedules[0].component, PythonSchedule)
    losses = np.random.default_rng(3).normal(size=(60, 2))
    np.testing.assert_array_equal(
        replay(request.schedules[0], losses, lr), replay(chosen_of(text), losses, lr)
    )


def test_a_schedule_that_ends_is_refused_in_one_line():
    with pytest.raises(RequestError) as caught:
        make_request("rosenbrock", schedules=[lambda o: schedules.OneCycleLR(o, 1.0, 5)], steps=9)
    assert str(caught.value).startswith("schedule 'OneCycleLR': step 6: ValueError: Tried to step")


def test_a_function_that_makes_something_else_is_refused():
    for item in (schedules.StepLR, lambda o: 1 / 0, lambda o: o.nothing):
        with pytest.raises(RequestError, match=r"makes neither a rate from a step nor an LRSched"):
            declared(item)
    with pytest.raises(RequestError, match="optimizer, but "):
        declared(lambda o: o.param_groups)
