"""What each channel can and cannot change, over every schedule and optimizer there is."""

import numpy as np
import pytest

from experiments.components import CHANNELS, NOISES, OPTIMIZERS, SCHEDULES
from experiments.request import Request, make_request
from lab.simulation import Arm
from tests.trajectories import arrays, trajectories

STEPS, LANES = 60, 130

#: Values for the components that cannot do without.
REQUIRED = {"piecewise": "piecewise:boundaries=20/40,scales=0.5/0.25"}


def spelled(registry) -> list[str]:
    """Every component of a registry as the command line would name it."""
    return [
        name if not any(p.required for p in component.parameters) else REQUIRED.get(name, "")
        for name, component in registry.all().items()
    ]


SCHEDULE_TEXTS = [text for text in spelled(SCHEDULES) if text]
NOISE_TEXTS = [text for text in spelled(NOISES) if text != "none"]
#: Rates and patience at which feedback moves within the steps of these tests.
LIVELY = {
    "greedy": "greedy:patience=1",
    "reduce-on-plateau": "reduce-on-plateau:patience=1",
    "greedy-paper": "greedy-paper:patience=1",
}


def request_for(noise: str, channel: str, **rest) -> Request:
    schedules = tuple(LIVELY.get(text, text) for text in SCHEDULE_TEXTS)
    options = {"schedules": schedules, "steps": STEPS, "channel": channel} | rest
    return make_request("rosenbrock", noise, **options)


def differences(request: Request, strength: float) -> np.ndarray:
    """Whether each arm's loss, rate or position differs in any bit from the one without noise."""
    noisy = arrays(trajectories(request, LANES, strength=strength))
    clean = arrays(trajectories(request, LANES, strength=0.0))
    names = ("loss", "lr", "x", "final", "best", "log_area", "diverged")
    return np.array(
        [
            any(not np.array_equal(noisy[name][i], clean[name][i]) for name in names)
            for i in range(len(request.schedules))
        ]
    )


def hears(request: Request) -> np.ndarray:
    return np.array([s.component.hears_loss for s in request.schedules])


def test_there_is_something_to_test():
    assert len(SCHEDULE_TEXTS) >= 7
    assert len(NOISE_TEXTS) >= 8
    assert set(CHANNELS.all()) >= {"published", "metric", "gradient", "batch", "parameters"}


@pytest.mark.parametrize("noise", NOISE_TEXTS)
def test_the_published_channel_is_no_noise(noise):
    request = request_for(noise, "published")
    assert not differences(request, 1.0).any()
    term = arrays(trajectories(request, LANES, strength=1.0))["term"]
    assert term.any(), "the term is recorded all the same"


def test_the_published_channel_is_no_noise_for_any_optimizer():
    silent, noisy = request_for("none", "batch"), request_for("gaussian", "published")
    arms = [
        Arm(schedule, OPTIMIZERS.choose(optimizer), 1e-4)
        for schedule in silent.schedules
        for optimizer in spelled(OPTIMIZERS)
    ]
    one, other = (arrays(trajectories(r, 3, arms=arms, steps=30)) for r in (silent, noisy))
    for name in ("loss", "lr", "x", "observed", "final", "best", "log_area", "diverged"):
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)


@pytest.mark.parametrize("noise", ["gaussian", "spikes:probability=0.2", "oscillation"])
def test_the_metric_channel_moves_feedback_alone(noise):
    request = request_for(noise, "metric")
    np.testing.assert_array_equal(differences(request, 1.0), hears(request))


def test_it_moves_no_gradient():
    """Until feedback reacts, positions are those without noise."""
    request = request_for("gaussian", "metric", schedules=("greedy:patience=20",))
    noisy, clean = (arrays(trajectories(request, LANES, strength=s)) for s in (1.0, 0.0))
    np.testing.assert_array_equal(noisy["x"][:, :21], clean["x"][:, :21])
    assert (noisy["observed"] != clean["observed"]).all()
    np.testing.assert_array_equal(noisy["observed"], noisy["loss"][:, :-1] + noisy["term"])


@pytest.mark.parametrize("channel", ["gradient", "batch", "parameters"])
@pytest.mark.parametrize("noise", ["gaussian", "spikes:probability=0.2"])
def test_the_other_channels_move_everything(noise, channel):
    request = request_for(noise, channel)
    assert differences(request, 0.5).all()


@pytest.mark.parametrize("channel", ["gradient", "parameters"])
def test_they_leave_the_observed_loss_clean(channel):
    found = arrays(trajectories(request_for("gaussian", channel), LANES))
    np.testing.assert_array_equal(found["observed"], found["loss"][:, :-1])
    assert not found["term"].any()


@pytest.mark.parametrize("channel", ["published", "metric", "gradient", "batch", "parameters"])
@pytest.mark.parametrize("cadence", [{}, {"metric_every": 3, "metric": "clean"}])
@pytest.mark.parametrize("strength", [0.0, 1.0])
def test_inert_marks_are_true_bit_by_bit(strength, cadence, channel):
    request = request_for("gaussian", channel, **cadence)
    marks = [request.inert(schedule, strength) for schedule in request.schedules]
    changed = differences(request, strength)
    assert dict(zip(request.written, marks, strict=True)) == dict(
        zip(request.written, (not c for c in changed.tolist()), strict=True)
    )


def test_no_noise_carries_no_mark():
    request = request_for("none", "published")
    assert not any(request.inert(schedule, 0.0) for schedule in request.schedules)


@pytest.mark.parametrize("noise", NOISE_TEXTS)
def test_one_event_has_one_size_in_every_channel(noise):
    """The metric's term is the same in the channels that have one, lane by lane."""
    metric, batch, published = (
        arrays(trajectories(request_for(noise, channel), LANES))["term"][0]
        for channel in ("metric", "batch", "published")
    )
    np.testing.assert_array_equal(metric[0], batch[0])
    np.testing.assert_array_equal(metric[0], published[0])
    # From then on bases may differ: losses take other courses, and the published one has a sign.
    np.testing.assert_array_equal(metric[:2], published[:2])


def test_all_schedules_and_optimizers_of_a_seed_share_their_start():
    request = request_for("gaussian", "batch")
    optimizers = [OPTIMIZERS.choose(text) for text in spelled(OPTIMIZERS)]
    arms = [Arm(schedule, o, 1e-4) for schedule in request.schedules for o in optimizers]
    found = arrays(trajectories(request, 3, arms=arms, steps=2))
    for name in ("x", "loss", "observed"):
        assert (found[name][:, 0] == found[name][0, 0]).all(), name
