"""Counts and lists that no machine could work off are refused before the work."""

import pytest

from lab import memory, simulation
from tests.cli.process import assert_refused

MANY = ",".join(["0.1"] * 1001)
SMALL = ("--landscape", "quadratic:dim=2", "--steps", "3")
SEEDS = ("--seeds", "2147483647")


@pytest.mark.parametrize("rates", ["1003", "10000000000001", "4", "1", "-3"])
def test_rates_are_bounded(rates, answer):
    assert_refused(
        answer("sensitivity", *SMALL, f"--rates={rates}"),
        f"rates: {rates} is not allowed (allowed: an odd number from 3 to 1001)",
    )


def test_trials_are_bounded(answer):
    assert_refused(
        answer("tune", *SMALL, "--search", "tpe", "--trials", "20001"),
        "trials: 20001 is not allowed (allowed: from 1 to 20000)",
    )


@pytest.mark.parametrize(
    ("command", "option"),
    [
        (("run", *SMALL), "strength"),
        (("recovery", *SMALL), "strength"),
        (("sensitivity", *SMALL), "strength"),
        (("early", *SMALL), "strength"),
        (("early", *SMALL), "at"),
        (("tune", *SMALL), "strength"),
        (("ablate", *SMALL), "strength"),
        (("optimal-f",), "lipschitz"),
        (("show", "landscape", "quadratic"), "along"),
    ],
)
def test_lists_are_bounded(command, option, answer):
    done = answer(*command, f"--{option}", MANY)
    assert_refused(done, f"{option}: 1001 numbers are too many (allowed: up to 1000)")


def test_a_start_has_as_many_numbers_as_the_largest_landscape(answer):
    start = ",".join(["0.5"] * 10_000)
    scene = ("trace", "--landscape", "quadratic:dim=10000", "--steps", "1", "--seeds", "1")
    assert answer(*scene, "--start", start, "--json").returncode == 0
    assert_refused(answer(*scene, "--start", start + ",0.5"), "start: 10001 numbers are too many")


STUDY = 'seeds = 2147483647\n[axes]\nlandscape = ["rosenbrock"]\nschedule = ["greedy", "cosine"]\n'
FEW = ("--seeds", "20")
#: Numbers of seeds of which there is no room for a number each, by what asks for them.
TOO_MANY = {
    "run": ("run", *SMALL, *SEEDS),
    "recovery": ("recovery", "--no-published", *SMALL[:2], *SEEDS),
    "early": ("early", *SMALL, *SEEDS),
    "sensitivity": ("sensitivity", *SMALL, *SEEDS),
    "tune": ("tune", *SMALL, *SEEDS),
    "tune, search": ("tune", *SMALL, *FEW, "--tuning-seeds", "2147483647"),
    "tune, sampled": ("tune", *SMALL, *FEW, "--search", "tpe", "--tuning-seeds", "20000000"),
    "tune, varied": ("tune", *SMALL, "--search", "tpe", "--seeds", "3000000"),
    "ablate": ("ablate", *SMALL, *SEEDS),
    "ablate, design": ("ablate", *SMALL, *FEW, "--design-seeds", "2147483647"),
    "ablate, all at once": ("ablate", *SMALL, *FEW, "--design-seeds", "2000000"),
    "rank": ("rank", *SMALL, *SEEDS),
    "rank, search": ("rank", *SMALL, *FEW, "--tuning-seeds", "2147483647"),
    "rank, statistics": ("rank", *SMALL, "--seeds", "2000000", "--tuning-seeds", "0"),
    "recovery, all events": ("recovery", "--no-published", *SMALL[:2], "--seeds", "5000000"),
    "early, statistics": ("early", *SMALL, "--seeds", "30000000"),
    "sweep": ("sweep", "study.toml"),
}


@pytest.mark.parametrize("name", TOO_MANY)
def test_seeds_without_room_for_what_each_leaves_are_refused(name, answer, monkeypatch, tmp_path):
    def ran(*arguments):
        pytest.fail("it went to work")

    monkeypatch.setattr(memory, "available", lambda: 8_000_000_000)
    monkeypatch.setattr(simulation, "Assembly", ran)
    (tmp_path / "study.toml").write_text(STUDY)
    assert_refused(answer(*TOO_MANY[name]), "memory: ", " seeds", " needs about ")
    assert [path.name for path in tmp_path.iterdir()] == ["study.toml"]


def test_optimal_f_too(answer, monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 8_000_000_000)
    asked = ("optimal-f", "--steps", "10", "--lipschitz", "1", *SEEDS)
    assert_refused(answer(*asked), "memory: 2,147,483,647 seeds of ", " needs about ")
