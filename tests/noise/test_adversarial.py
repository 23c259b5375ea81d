"""The two models that answer the lane's own losses."""

import numpy as np
import pytest

from lab.component import NoiseModel
from lab.registry import Registry
from tests.kernels import run_compiled, run_plain

MODELS = Registry("noise", "noise", (NoiseModel,))


def respond(name, losses, strength, run=run_plain):
    """Effects (steps, lanes) of a model along clean losses (steps, lanes)."""
    chosen = MODELS.choose(name)
    model = chosen.component
    lanes = losses.shape[1]
    fields = {
        key: np.full(
            lanes if state.rows == "scalar" else (state.rows(chosen.values), lanes), state.initial
        )
        for key, state in model.state.items()
    }
    fields["effect"] = np.full(lanes, np.nan)
    effects = []
    for t, value in enumerate(losses):
        size = run(model.kernel, {"size": np.empty(lanes)}, {"strength": strength}, step=t)["size"]
        fields = run(model.respond, {**fields, "size": size, "value": value}, step=t)
        effects.append(fields["effect"])
    return np.array(effects)


def losses(steps, lanes, seed=0):
    """Random walks with ties, rises, falls and negative values."""
    steps_taken = np.random.default_rng(seed).integers(-2, 3, (steps, lanes))
    return np.cumsum(0.5 * steps_taken, axis=0)


@pytest.mark.parametrize("run", [run_plain, run_compiled])
@pytest.mark.parametrize("strength", [0.1, 0.5, 1.0])
def test_it_strikes_after_a_fall(strength, run):
    f = losses(60, 9)
    effects = respond("adversarial", f, strength, run)
    for t in range(60):
        expected = 0.5 * strength * (f[t - 1] < f[t - 2]) if t >= 2 else np.zeros(9)
        np.testing.assert_array_equal(effects[t], expected)


@pytest.mark.parametrize("run", [run_plain, run_compiled])
@pytest.mark.parametrize("strength", [0.1, 0.5, 1.0])
def test_the_trailing_one_grows_with_the_fall_of_the_last_losses(strength, run):
    f = losses(60, 9)
    effects = respond("adversarial-trailing", f, strength, run)
    for t in range(60):
        history = f[:t]
        fall = history[-5] - history[-1] if t >= 5 else np.zeros(9)
        np.testing.assert_array_equal(effects[t], 2 * strength * np.maximum(fall, 0.0))


@pytest.mark.parametrize("name", ["adversarial", "adversarial-trailing"])
def test_the_present_and_future_losses_change_nothing_now(name):
    f = losses(40, 5)
    for t in range(40):
        changed = f.copy()
        changed[t:] = -1e6
        ours, theirs = respond(name, f, 1.0), respond(name, changed, 1.0)
        np.testing.assert_array_equal(ours[: t + 1], theirs[: t + 1])


@pytest.mark.parametrize("name", ["adversarial", "adversarial-trailing"])
def test_strength_zero_is_no_noise(name):
    assert (respond(name, losses(40, 5), 0.0) == 0.0).all()
