"""Initial rates that differ by seed: every feedback schedule runs as if its lane's were given."""

import numpy as np
import pytest

from experiments.request import make_request
from lab.simulation import Arm, Spread
from tests.schedules.examples import FEEDBACK, example
from tests.trajectories import trajectories

PATIENT = {"greedy", "greedy-paper", "greedy-research", "reduce-on-plateau"}
TEXTS = [
    *(example(name, **({"patience": 1} if name in PATIENT else {})) for name in FEEDBACK),
    "reduce-on-plateau:semantics=optax,patience=1",
    "greedy:patience=1,reset_start=1,min_lr=0.002",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_lane_runs_as_if_its_rate_were_the_arms(text):
    request = make_request("rosenbrock", "gaussian", strength=20.0, schedules=(text,), steps=60)
    arm = Arm(request.schedules[0], request.optimizer, 0.003)
    spread = trajectories(request, 12, arms=[arm], spread=Spread(1.0))
    rates = spread.lr[0, 0]
    assert len(set(rates)) == 12
    alone = [Arm(arm.schedule, arm.optimizer, float(rate)) for rate in rates]
    found = trajectories(request, 12, arms=alone)
    for k in range(12):
        np.testing.assert_array_equal(spread.lr[0, :, k], found.lr[k, :, k])
        np.testing.assert_array_equal(spread.x[0, :, :, k], found.x[k, :, :, k])
