"""Studies of long runs: what is kept while they run does not grow with the steps."""

import numpy as np
import pytest

from experiments.components import CHANNELS, LANDSCAPES, NOISES, OPTIMIZERS, SCHEDULES
from experiments.study import chunk
from lab import ensemble
from lab.simulation import Arm, Keep, Scenario, simulate
from tests.experiments.small_study import data, run, study_of

KEPT = {"bands": 7, "losses": [0, 3, 700]}
LONG = {"constants": {"steps": 900}, "seeds": 40, "keep": KEPT}


@pytest.fixture
def recorded(monkeypatch):
    """How many steps each simulation of a study has recorded."""
    counts: list[int] = []

    def seen(*arguments, **options):
        found = simulate(*arguments, **options)
        counts.append(found.loss.shape[1])
        return found

    monkeypatch.setattr(ensemble, "simulate", seen)
    return counts


def test_a_long_run_records_the_steps_that_are_asked_for(recorded, tmp_path):
    study = study_of(**LONG)
    run(study, tmp_path / "few")
    asked = {0, 3, 10, 50, 100, 700, 900, *chunk.band_steps(900, 7).tolist()}
    assert set(recorded) == {len(asked)}


@pytest.mark.parametrize(
    ("steps", "bands", "counts"), [(400, 7, {401}), (401, 7, {11}), (401, "all", {402})]
)
def test_every_step_where_they_are_few_or_all_asked_for(steps, bands, counts, recorded, tmp_path):
    run(study_of(constants={"steps": steps}, seeds=4, keep={"bands": bands}), tmp_path / "out")
    assert set(recorded) == counts


def test_a_recovery_is_seen_in_every_step(recorded, tmp_path):
    constants = {"steps": 450, "perturb": "kick:at=200"}
    run(study_of(constants=constants, seeds=4, keep={"bands": 3}), tmp_path / "out")
    assert set(recorded) == {451}


def test_what_is_found_is_what_all_steps_tell(monkeypatch, tmp_path):
    study = study_of(**LONG)
    run(study, tmp_path / "few")
    monkeypatch.setattr(chunk, "BAND_STEPS", 10_000)
    run(study, tmp_path / "all")
    assert data(tmp_path / "few") == data(tmp_path / "all")


@pytest.mark.parametrize(
    ("landscape", "lr"), [("rosenbrock", 0.3), ("quadratic:dim=3", 0.1), ("rosenbrock", 1e-6)]
)
def test_the_first_step_below_is_that_of_the_series(landscape, lr):
    scenario = Scenario(
        LANDSCAPES.choose(landscape), NOISES.choose("gaussian"), CHANNELS.choose("gradient"), 0.5
    )
    arms = [
        Arm(SCHEDULES.choose("greedy"), OPTIMIZERS.choose(name), rate)
        for name, rate in (("adam", lr), ("sgd", lr), ("schedule-free-sgd", lr), ("sgd", 1e6))
    ]
    found = simulate(scenario, arms, 60, 200, keep=Keep(below=0.01))
    assert found.loss is not None
    recorded, minimum = found.loss[:, :-1], scenario.facts.minimum or 0.0
    below = recorded < minimum + 0.01 * (recorded[:, :1] - minimum)
    first = np.where(below.any(axis=1), below.argmax(axis=1), -1)
    np.testing.assert_array_equal(found.below, first)
    assert (first < 0).any()
    if lr > 1e-3:
        assert (first > 0).any()
