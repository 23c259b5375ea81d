"""The optimum swings as it should, in the kernel and in a run."""

import math

import numpy as np
import pytest

from experiments.components import CHANNELS, NOISES, OPTIMIZERS, SCHEDULES
from lab.simulation import Arm, Keep, Scenario, simulate
from landscapes import LANDSCAPES
from tests.kernels import evaluate, run_compiled, run_plain


@pytest.mark.parametrize("run", [run_compiled, run_plain])
@pytest.mark.parametrize("step", [0, 1, 25, 50, 75, 100, 137, 10_000_025])
def test_the_landscape_of_a_step_is_the_moved_one(step, run):
    inner = LANDSCAPES.choose("rosenbrock:dim=4")
    moving = LANDSCAPES.choose("drifting:of=(rosenbrock:dim=4),amplitude=3,period=100")
    x = np.random.default_rng(1).standard_normal((4, 30))
    offset = 3.0 * math.sin(2.0 * math.pi * (step % 100) / 100.0) / 2.0
    found = evaluate(moving, x, run, step=step)
    expected = evaluate(inner, x - offset, run)
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-12)
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-12, atol=1e-12)


def test_the_optimum_is_at_the_amplitude_after_a_quarter_of_the_period():
    moving = LANDSCAPES.choose("drifting:of=(quadratic:dim=9),amplitude=2,period=40")
    value, grad = evaluate(moving, np.full((9, 1), 2.0 / 3.0), step=10)
    assert value[0] < 1e-30
    assert np.abs(grad).max() < 1e-15
    assert moving.component.facts(moving.values).minimiser is None


def test_a_lane_that_follows_stays_near_and_one_that_rests_sees_the_swing():
    text = "drifting:of=(quadratic:dim=2,condition=1),amplitude=1,period=50"
    scenario = Scenario(
        LANDSCAPES.choose(text), NOISES.choose("none"), CHANNELS.choose("batch"), 0.0
    )
    arms = [Arm(SCHEDULES.choose("constant"), OPTIMIZERS.choose("sgd"), lr) for lr in (1.0, 0.0)]
    loss = simulate(scenario, arms, 100, 4, keep=Keep(), start=[0.0, 0.0]).loss[:, :, 0]
    swing = np.sin(2.0 * math.pi * np.arange(101) / 50.0)
    np.testing.assert_allclose(loss[1], 0.5 * swing**2, atol=1e-14)
    # With the rate 1/L the iterate is where the optimum was one step before.
    np.testing.assert_allclose(loss[0, 1:], 0.5 * np.diff(swing) ** 2, atol=1e-14)
