"""Mean rates are the means of the rates, whatever happens to the lanes."""

import numpy as np
import pytest

from experiments.components import PERTURBATIONS
from experiments.request import make_request
from tests.trajectories import arrays, trajectories

SCHEDULES = ("cosine", "exponential", "greedy", "reduce-on-plateau:patience=1")


@pytest.mark.parametrize("events", [(), ("lr-shock:at=7,factor=3",)])
@pytest.mark.parametrize("lr", [0.001, 0.02])
def test_mean_rates_of_lanes_that_diverge_and_of_rates_that_are_changed(lr, events):
    request = make_request(
        "rosenbrock", "gaussian", schedules=SCHEDULES, optimizer="sgd", lr=lr, steps=40
    )
    shocks = [PERTURBATIONS.choose(event) for event in events]
    found = trajectories(request, 200, perturbations=shocks)
    if lr == 0.02:
        diverged = np.isfinite(found.summary["diverged"]).mean(axis=1)
        assert (diverged > 0.1).all()
    expected = arrays(found)["lr"].mean(axis=2)
    np.testing.assert_allclose(found.lr_mean, expected, rtol=1e-14)
