"""Algorithm 1 against its statement in a few lines of Python."""

import numpy as np
import pytest

from lab.replay import replay
from lab.schedules import SCHEDULES


def algorithm_1(losses, lr, factor, low, high, lagged):
    rates = []
    for t in range(len(losses)):
        newer, older = (t - 1, t - 2) if lagged else (t, t - 1)
        if older >= 0:
            change = 1.0 / factor if losses[newer] < losses[older] else factor
            lr = lr / factor if change > 1.0 else lr * factor
            lr = min(max(lr, low), high)
        rates.append(lr)
    return rates


@pytest.mark.parametrize("lagged", [False, True])
@pytest.mark.parametrize(("low", "high"), [(0.0, np.inf), (0.05, 0.4)])
def test_algorithm_1(lagged, low, high):
    losses = np.random.default_rng(11).normal(size=200).round(1)
    losses[[20, 40, 60]] = np.inf, np.nan, -np.inf
    text = f"greedy-simple:F=0.8,min_lr={low},max_lr={high},lagged={str(lagged).lower()}"
    found = replay(SCHEDULES.choose(text), losses, 0.1)
    assert found.tolist() == algorithm_1(losses, 0.1, 0.8, low, high, lagged)


def test_it_acts_before_the_step():
    assert SCHEDULES.find("greedy-simple").before


def test_scale_of_the_loss_does_not_matter():
    """Multiplying the loss by a power of two leaves every decision (the lab's theory page)."""
    losses = np.random.default_rng(5).normal(size=(300, 4))
    schedule = SCHEDULES.choose("greedy-simple")
    np.testing.assert_array_equal(
        replay(schedule, losses, 0.1), replay(schedule, 1024.0 * losses, 0.1)
    )
