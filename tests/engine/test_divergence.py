"""Lanes that diverge: when, and that nothing of them moves or turns into NaN afterwards."""

import math

import numpy as np
import pytest

from experiments.request import make_request
from lab.component import Chosen, NoiseModel
from lab.simulation import Scenario, simulate
from tests.trajectories import arrays, run

STEPS = 60
SCHEDULES = ("constant", "greedy", "linear", "greedy-simple:F=0.5", "reduce-on-plateau:patience=1")


@pytest.fixture(
    scope="module",
    params=["none", "spikes:probability=0.3", "oscillation", "gaussian", "adversarial"],
)
def found(request):
    """Gradient descent on a bowl at a rate far too large: x grows a thousandfold or more a step."""
    return run(
        "quadratic:dim=2,condition=10", request.param, optimizer="sgd", lr=1e4,
        schedules=SCHEDULES, steps=STEPS,
    )  # fmt: skip


def sound_steps(found, count: int) -> np.ndarray:
    """Whether a step lies before the divergence, shape (arms, count, lanes)."""
    return np.arange(count)[:, None] < found.summary["diverged"][:, None]


def test_the_step_is_the_first_whose_loss_is_of_no_use(found):
    loss, step = arrays(found)["loss"], found.summary["diverged"]
    assert np.isfinite(step[0]).all()
    sound = sound_steps(found, STEPS + 1)
    assert (loss[sound] <= 1e150).all()
    assert (loss[~sound] == math.inf).all()


def test_the_last_sound_loss_is_near_the_limit(found):
    loss, step = arrays(found)["loss"][0], found.summary["diverged"][0].astype(int)
    last = loss[step - 1, np.arange(loss.shape[1])]
    assert (last > 1e130).all()


def test_the_summary_is_infinite(found):
    gone = np.isfinite(found.summary["diverged"])
    assert (found.summary["final"][gone] == math.inf).all()
    assert (found.summary["log_area"][gone] == math.inf).all()
    gone_before_last = found.summary["diverged"] < STEPS
    assert (found.summary["last"][gone_before_last] == math.inf).all()


def test_best_is_that_of_the_sound_steps(found):
    loss = arrays(found)["loss"]
    np.testing.assert_array_equal(found.summary["best"], loss.min(axis=1))
    np.testing.assert_array_equal(found.summary["best_step"], loss.argmin(axis=1))


@pytest.mark.parametrize("name", ["x", "lr"])
def test_position_and_rate_are_frozen(name, found):
    series, step = arrays(found)[name], found.summary["diverged"]
    lanes = np.argwhere(step < STEPS - 1)
    assert len(lanes) > 100
    for arm, lane in lanes:
        after = series[arm, int(step[arm, lane]) :, ..., lane]
        assert (after == after[0]).all()


def test_nan_reaches_no_table(found):
    for name, array in {**arrays(found), "lr_mean": found.lr_mean}.items():
        assert not np.isnan(array).any(), name


def test_what_is_observed_of_a_diverged_lane_is_infinite(found):
    observed = arrays(found)["observed"]
    assert (observed[~sound_steps(found, STEPS)] == math.inf).all()
    assert np.isfinite(observed[sound_steps(found, STEPS)]).all()
    assert np.isfinite(arrays(found)["term"]).all()


def infinite(size):
    for k in range(size.shape[0]):
        size[k] = math.inf


def test_parameters_that_are_no_longer_finite_diverge():
    breaking = NoiseModel(name="breaking", summary="", source="", formula="", kernel=infinite)
    request = make_request("rosenbrock", channel="parameters", schedules=("constant",), steps=5)
    broken = Scenario(request.landscape, Chosen(breaking, {}), request.channel, 1.0)
    found = arrays(simulate(broken, request.arms(), 5, 130))
    assert (found["diverged"] == 1.0).all()
    assert (found["loss"][:, 1:] == math.inf).all()
