"""The factor that adapts itself, against its rule written down a second time, number by number."""

import math

import numpy as np
import pytest

from lab.replay import replay
from lab.schedules import SCHEDULES

DEFAULTS = {
    "factor": 0.95, "shrink": 0.7, "reversals": 0.3, "min_factor": 0.9, "patience": 1,
    "threshold": 1e-6, "min_lr": 1e-3, "max_lr": 1.0, "room": 10.0,
}  # fmt: skip
#: Parameters that differ from DEFAULTS, and the initial rate.
CASES = [
    ({}, 0.1),
    ({"patience": 0, "factor": 0.5, "min_factor": 0.3}, 0.1),
    ({"patience": 0, "factor": 0.5}, 0.1),  # below min_factor: its own bound
    ({"patience": 0, "threshold": 0.05, "shrink": 0.5, "reversals": 0.0}, 0.1),
    ({"patience": 2, "reversals": 0.5, "min_factor": 0.6}, 0.1),
    ({"patience": 0, "factor": 0.6, "min_lr": 0.09, "max_lr": 0.11, "room": 1.0}, 0.1),
    ({"patience": 0, "factor": 0.6, "min_lr": 0.01, "max_lr": 0.2, "room": 3.0}, 1.0),
    ({"patience": 0, "factor": 0.9998, "shrink": 0.4}, 0.1),  # down to the smallest move
]


def moves(losses, patience, threshold):
    """1, 0 or -1 after each loss: the decisions of greedy-robust."""
    best = lowest = math.inf
    good = bad = 0
    for loss in losses:
        if loss < best - threshold * (abs(best) if math.isfinite(best) else 0.0):
            good, bad = good + math.isfinite(best), 0
            lowest, best = min(lowest, loss), loss
        else:
            good, bad = 0, bad + 1
            lowest = min(lowest, loss)
        move = int(good > patience) - int(bad > patience)
        if move < 0:
            best = lowest
        if move:
            lowest = math.inf
            good, bad = (0, bad) if move > 0 else (good, 0)
        yield move


def reference(losses, lr, **values):
    v = DEFAULTS | values
    low, high = min(v["min_lr"], lr / v["room"]), max(v["max_lr"], lr * v["room"])
    grow = 1.0 + v["reversals"] / (1.0 - v["reversals"]) * (1.0 / v["shrink"] - 1.0)
    size, last = 1.0 - v["factor"], 0
    largest = max(size, 1.0 - v["min_factor"])
    for move in moves(losses, v["patience"], v["threshold"]):
        if move:
            if last:
                size *= v["shrink"] if move != last else grow
            size = max(min(size, largest), 1e-4)
            lr = min(lr / (1.0 - size), high) if move > 0 else max(lr * (1.0 - size), low)
            last = move
        yield lr


def series(kind):
    rng = np.random.default_rng(7)
    return {
        "noise": rng.normal(size=300),
        "a fall with noise": np.linspace(9.0, 1.0, 300) + 0.2 * rng.normal(size=300),
        "a fall, then none": np.concatenate([np.linspace(9.0, 1.0, 100), np.ones(200)]),
    }[kind]


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("kind", ["noise", "a fall with noise", "a fall, then none"])
@pytest.mark.parametrize(("values", "lr"), CASES)
def test_rates_are_those_of_the_rule(values, lr, kind, mode):
    losses = series(kind)
    keys = ",".join(f"{key}={value}" for key, value in (DEFAULTS | values).items())
    schedule = SCHEDULES.choose(f"greedy-kesten:{keys},mode={mode}")
    found = replay(schedule, losses if mode == "min" else -losses, lr=lr)
    np.testing.assert_allclose(found, [*reference(losses, lr, **values)], rtol=1e-9)
    assert (np.diff(found) < 0.0).any()
