"""What a schedule sets in a run is what it sets when the run's observed losses are replayed."""

import numpy as np
import pytest

from lab.replay import replay
from lab.schedules import SCHEDULES
from tests.schedules.examples import REPLAYED, example
from tests.trajectories import run

STEPS = 70
LR = 0.002


@pytest.fixture(scope="module")
def together():
    """One noisy run with every schedule, those with a patience at a short one."""
    patient = {p: {"patience": 2} for p in REPLAYED if has_patience(p)}
    texts = tuple(example(name, **patient.get(name, {})) for name in REPLAYED)
    found = run(
        "rosenbrock", "gaussian", schedules=texts, steps=STEPS, lr=LR, strength=20.0, lanes=130
    )
    assert np.isinf(found.summary["diverged"]).all()
    return dict(zip(REPLAYED, zip(texts, found.lr, found.observed, strict=True), strict=True))


def has_patience(name):
    return any(p.name == "patience" for p in SCHEDULES.find(name).parameters)


@pytest.mark.parametrize("name", REPLAYED)
def test_same_rates(name, together):
    text, rates, observed = together[name]
    replayed = replay(SCHEDULES.choose(text), observed, LR)
    if getattr(SCHEDULES.find(name), "before", False):
        np.testing.assert_array_equal(rates, replayed)
    else:
        np.testing.assert_array_equal(rates[1:], replayed[:-1])


def test_feedback_schedules_moved(together):
    for name in filter(has_patience, REPLAYED):
        assert (np.ptp(together[name][1], axis=0) > 0.0).mean() > 0.5, name
