"""Which evidence each claim asks for, and how effects become a verdict."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from experiments.check.claim import Arm, Effect, judge
from experiments.check.evidence import CHANNELS
from experiments.claims import (
    c01_lower_median,
    c02_every_noise,
    c04_recovery_speed,
    c05_tighter_band,
    c07_optimal_factor,
    c09a_clean_cost,
    c09b_success_rate,
)
from lab.statistics.bootstrap import MedianRatio
from lab.statistics.interval import Interval
from lab.statistics.verdict import Direction
from tests.experiments.made_up import NAMES, NO, OPEN, YES

SHARED = [("r", channel, False) for channel in CHANNELS]
ASKED = {
    c01_lower_median: [
        *SHARED, ("r", "published", True), ("r", "batch", True), ("r", "batch", False),
        ("r", "batch", True),
    ],
    c02_every_noise: [*SHARED, ("r", "batch", True)],
    c05_tighter_band: [*SHARED, ("r", "batch", True)],
    c09a_clean_cost: [("r", "published", False), ("r", "published", True)],
    c09b_success_rate: [*SHARED, ("r", "batch", True)],
}  # fmt: skip


@pytest.mark.parametrize("module", ASKED, ids=lambda module: module.CLAIM.id)
def test_readings_of_the_grid(module, monkeypatch):
    def arm(grid, reading, name="", *rivals):
        rows = {"as published": "published", "noise that acts": grid[0], "equal tuning": grid[0]}
        assert rows.get(reading, "batch") == grid[0]
        assert (reading == "equal tuning") <= grid[1]
        return Arm(reading, "r", YES, repr((grid, rivals)))

    monkeypatch.setattr(module, "_arm", arm)
    if module is c01_lower_median:
        monkeypatch.setattr(module, "mean_rates", lambda *given: {"cosine": 0.5})
    if module is c05_tighter_band:
        monkeypatch.setattr(module, "_start", lambda evidence: 7.0)
    evidence = SimpleNamespace(
        grid=lambda channel, tuned=False: (channel, tuned), names=NAMES, seeds=1, threads=1
    )
    arms = module.evaluate(evidence)
    found = [arm.measured for arm in arms]
    rivals = [("constant",)] if module is c01_lower_median else []
    expected = [((channel, tuned), ()) for _, channel, tuned in ASKED[module]]
    if rivals:
        expected[-2:] = [(grid, (("constant",),)) for grid, _ in expected[-2:]]
    assert found == [repr(each) for each in expected]


def test_settings_of_c7(monkeypatch):
    monkeypatch.setattr(c07_optimal_factor, "_arm", lambda evidence, *given: given[:3])
    assert c07_optimal_factor.evaluate(SimpleNamespace()) == [
        ("scaled:0.1", "none", 0.0), ("fixed:0.01", "none", 0.0), ("scaled:0.1", "0.01,1.9", 0.0),
        ("fixed:0.01", "fixed:1e-4,0.1", 0.0), ("scaled:0.1", "none", 0.1),
    ]  # fmt: skip


def test_readings_of_c4(monkeypatch):
    monkeypatch.setattr(c04_recovery_speed, "_published", lambda evidence: "episodes")
    monkeypatch.setattr(c04_recovery_speed, "_twin", lambda evidence, *given: given)
    kick, burst = "kick:at=100,size=1", "gradient-burst:at=100"
    assert c04_recovery_speed.evaluate(SimpleNamespace(rates="tuned")) == [
        "episodes", (kick, "noise that acts", None), (burst, "noise that acts", None),
        (kick, "equal tuning", "tuned"), (burst, "equal tuning", "tuned"),
    ]  # fmt: skip


def ratio(estimate, spread=0.01):
    draws = np.random.default_rng(5).standard_normal(400)
    return MedianRatio(estimate, estimate * np.exp(spread * draws), 100, "")


def test_holm_widens_the_intervals_of_a_family():
    alone = judge([("a", ratio(0.9))], 1.0, Direction.BELOW)
    three = judge([(n, ratio(0.9)) for n in "abc"], 1.0, Direction.BELOW)
    assert alone[0].interval.confidence == pytest.approx(0.95)
    widest = max(effect.interval.confidence for effect in three)
    assert widest == pytest.approx(1 - 0.05 / 3)


def test_a_margin_turns_alike_into_a_contradiction_and_none_leaves_it_open():
    for margin, verdict in ((0.05, NO), (None, OPEN), (0.001, OPEN)):
        (effect,) = judge([("a", ratio(1.0))], 1.0, Direction.BELOW, margin)
        assert effect.verdict == verdict


def test_the_headline_is_the_first_that_decides():
    effects = [
        Effect(label, Interval(1.0, 1.0, 1.0, 1), verdict)
        for label, verdict in (("a", YES), ("b", OPEN), ("c", NO), ("d", NO))
    ]
    for count, label in ((1, "a"), (2, "b"), (4, "c")):
        headline = Arm("", "", YES, "", tuple(effects[:count])).headline
        assert headline is not None
        assert headline.label == label
    assert Arm("", "", YES, "").headline is None


def test_a_ratio_that_is_undefined_is_nan():
    arm = Arm("", "", YES, "", (Effect("a", Interval(None, None, None, 1), OPEN),))
    assert math.isnan(arm.ratio("a"))
