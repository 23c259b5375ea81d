"""A trace is lane K of the run."""

import tracemalloc

import numpy as np
import pytest

from experiments.request import make_request
from experiments.trace import trace
from lab.errors import RequestError
from tests.trajectories import arrays, trajectories

REQUEST = make_request(
    "rosenbrock", "spikes:probability=0.2", schedules=("greedy:patience=1", "cosine"), steps=30,
    seeds=300,
)  # fmt: skip


@pytest.mark.parametrize("index", [0, 127, 128, 299])
def test_it_is_the_same_lane(index):
    whole = arrays(trajectories(REQUEST, 300))
    for arm, lane in enumerate(trace(REQUEST, index)):
        assert lane.schedule == REQUEST.written[arm]
        np.testing.assert_array_equal(lane.loss, whole["loss"][arm, :-1, index])
        for name in ("observed", "term", "lr"):
            np.testing.assert_array_equal(getattr(lane, name), whole[name][arm, :, index])
        np.testing.assert_array_equal(lane.x, whole["x"][arm, :, :, index])
        assert lane.final == whole["final"][arm, index]


def test_a_lane_that_diverges_is_the_same_too():
    request = make_request(
        "rosenbrock", "gaussian", optimizer="sgd", lr=0.02, schedules=("constant", "greedy"),
        steps=30, seeds=200,
    )  # fmt: skip
    whole = arrays(trajectories(request, 200))
    steps = whole["diverged"].min(axis=0)
    for index in (int(np.argmin(steps)), int(np.argmax(steps))):
        for arm, lane in enumerate(trace(request, index)):
            for name in ("observed", "term", "lr"):
                np.testing.assert_array_equal(getattr(lane, name), whole[name][arm, :, index])


def test_it_takes_the_memory_of_one_lane():
    request = make_request("rosenbrock", "spikes", schedules=("constant", "greedy"), steps=20_000)
    tracemalloc.start()
    trace(request, 0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Six numbers a step and schedule, and tables of rates.
    assert peak < 30 * 20_000 * 8


@pytest.mark.parametrize("index", [-1, 300])
def test_the_lane_must_be_one_of_the_run(index):
    with pytest.raises(RequestError, match=r"allowed: 0 to 299, the run's seeds"):
        trace(REQUEST, index)


def test_a_start_point():
    request = make_request("rosenbrock", schedules=("constant",), steps=2, start=(1.0, 1.0))
    (lane,) = trace(request, 0)
    np.testing.assert_array_equal(lane.x, np.ones((2, 2)))
    assert lane.final == 0.0
