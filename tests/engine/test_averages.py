"""What the first t iterates come to, and losses of chosen steps, against the whole series."""

import numpy as np
import pytest

from experiments.request import make_request
from lab.simulation import Keep
from tests.kernels import evaluate
from tests.trajectories import arrays, different, trajectories

SCHEDULES = ("greedy-simple:F=0.9,max_lr=0.1", "cosine:T_max=50")
REQUEST = make_request("rosenbrock:dim=3", "gaussian", schedules=SCHEDULES, steps=50, lr=0.01)


@pytest.fixture(scope="module")
def whole():
    return trajectories(REQUEST, 140)


def sampled(request=REQUEST, lanes=140, **keep):
    return trajectories(request, lanes, keep=Keep(lr_mean=False, **keep))


@pytest.mark.parametrize("at", [(0,), (50,), (0, 7, 49, 50)])
def test_losses_of_chosen_steps(at, whole):
    np.testing.assert_array_equal(sampled(loss_at=at).loss, whole.loss[:, list(at)])


def test_no_steps_chosen_keeps_no_loss():
    assert sampled(loss_at=()).loss is None


@pytest.mark.parametrize("counts", [(10, 30, 50), (1, 2, 7), (50,), (49,)])
def test_averages(counts, whole):
    found = sampled(loss=False, average=counts)
    assert found.loss is None
    for row, count in enumerate(counts):
        means = whole.x[:, :count].mean(axis=1)
        losses = whole.loss[:, :count].mean(axis=1)
        np.testing.assert_allclose(found.mean_loss[:, row], losses, rtol=1e-13)
        for arm in range(2):
            expected, _ = evaluate(REQUEST.landscape, means[arm])
            np.testing.assert_allclose(found.loss_of_mean[arm, row], expected, rtol=1e-9)


def test_averages_leave_the_lanes_as_they_are(whole):
    found = sampled(average=(50,))
    np.testing.assert_array_equal(found.loss, whole.loss)
    for name in whole.summary:
        np.testing.assert_array_equal(found.summary[name], whole.summary[name])


def test_averages_do_not_depend_on_threads_or_on_the_range_of_lanes():
    keep = Keep(loss=False, lr_mean=False, average=(10, 50))
    one = trajectories(REQUEST, 300, keep=keep, threads=1)
    two = trajectories(REQUEST, 300, keep=keep, threads=2)
    part = trajectories(REQUEST, 100, keep=keep, first_lane=150)
    assert different(one, two) == []
    assert arrays(one).keys() == arrays(two).keys()
    for name in ("mean_loss", "loss_of_mean"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
        np.testing.assert_array_equal(getattr(part, name), getattr(one, name)[..., 150:250])


def test_a_lane_that_has_diverged_has_infinite_averages():
    request = make_request(
        "quadratic", schedules=("constant",), optimizer="sgd", lr=50.0, steps=200
    )
    found = sampled(request, average=(1, 100, 200))
    assert np.isfinite(found.mean_loss[0, 0]).all()
    gone = found.summary["diverged"][0] < 200
    assert gone.all()
    assert (found.loss_of_mean[0, 2] == np.inf).all()
    assert (found.mean_loss[0, 2] == np.inf).all()
    early = found.summary["diverged"][0] < 100
    np.testing.assert_array_equal(np.isinf(found.loss_of_mean[0, 1]), early)
    assert early.any()
