"""The rules about final losses on made-up lanes, and the threshold of every rule."""

from types import SimpleNamespace

import numpy as np
import pytest

from experiments.check.claim import Effect
from experiments.check.evidence import CHANNELS, NOISES, RIVALS, SUBJECT
from experiments.claims import (
    c01_lower_median,
    c02_every_noise,
    c03_recovery_ratio,
    c04_recovery_speed,
    c05_tighter_band,
    c06_convergence_bound,
    c07_optimal_factor,
    c08_factor_stability,
    c09a_clean_cost,
    c09b_success_rate,
    c10_early_convergence,
    c11_valid_proxy,
)
from lab.statistics.holm import simultaneous_confidence
from lab.statistics.interval import Interval
from tests.experiments.made_up import NAMES, NO, OPEN, SEEDS, YES, factors, grid, lanes, outcomes

#: What the pages say the rules are. A number that differs here is another claim.
WRITTEN = {
    c01_lower_median: {"THRESHOLD": 1.0, "MARGIN": 0.05},
    c02_every_noise: {"THRESHOLD": 1.0, "MARGIN": 0.05},
    c03_recovery_ratio: {"THRESHOLD": 1.0},
    c04_recovery_speed: {"THRESHOLD": 3.0, "AT": 100, "HOLD": 5, "GROUPS": 32, "RESAMPLES": 400},
    c05_tighter_band: {"THRESHOLD": 1.0},
    c06_convergence_bound: {
        "THRESHOLD": 1.0, "STEPS": 10_000, "EARLY": 20, "EARLY_SEEDS": 1_000_000,
    },
    c07_optimal_factor: {
        "THRESHOLD": 0.1, "STEPS": 1000, "LIPSCHITZ": (2.0, 5.0, 10.0, 50.0, 100.0, 1000.0),
    },
    c08_factor_stability: {"MOST": 0.95, "FEW": 0.5},
    c09a_clean_cost: {"THRESHOLD": 1.0, "MARGIN": 0.05},
    c09b_success_rate: {"THRESHOLD": 1.0, "TARGETS": (1e-3, 1e-2, 1e-1, 1.0, 10.0)},
    c10_early_convergence: {"THRESHOLD": 1.0, "MARGIN": 0.05, "FRACTIONS": (0.1, 0.5, 1.0)},
    c11_valid_proxy: {"MARGIN": 0.10},
}  # fmt: skip


@pytest.mark.parametrize("module", WRITTEN, ids=lambda module: module.CLAIM.id)
def test_thresholds_are_those_that_were_written_down(module):
    assert {name: getattr(module, name) for name in WRITTEN[module]} == WRITTEN[module]


def test_marks_of_figures_are_the_thresholds():
    assert c11_valid_proxy.CLAIM.marks == (1 / 1.1, 1.1)
    for module in WRITTEN:
        marks = {"C7": (0.1,), "C8": (0.5, 0.95), "C11": (1 / 1.1, 1.1)}
        threshold = (getattr(module, "THRESHOLD", 1.0),)
        assert module.CLAIM.marks == marks.get(module.CLAIM.id, threshold), module.CLAIM.id


@pytest.mark.parametrize(
    ("factor", "verdict"), [(0.8, YES), (0.96, YES), (1.0, NO), (1.04, NO), (1.3, NO)]
)
def test_c1_wants_all_medians_lower_and_takes_alike_for_a_contradiction(factor, verdict):
    arm = c01_lower_median._arm(factors(**{SUBJECT: factor}), "r", "n")
    assert outcomes(arm) == [verdict] * 3
    assert (arm.reading, arm.name, arm.verdict) == ("r", "n", verdict)
    assert [effect.label for effect in arm.effects] == [*RIVALS]
    assert arm.ratio("cosine") == pytest.approx(factor, rel=0.01)
    assert arm.facts == {"behind": float(factor > 1.0), "functions": 1.0}


def test_c1_fails_by_one_rival():
    arm = c01_lower_median._arm(factors(GreedyLR=0.8, restarts=0.5), "", "")
    assert outcomes(arm) == [YES, NO, YES]
    assert arm.verdict == NO


def test_c1_is_open_where_the_interval_holds_1_and_more_than_the_margin():
    found = grid(lambda name, noise: lanes(0.93, 1.0, 1) if name == SUBJECT else lanes(1, 1.0, 2))
    assert c01_lower_median._arm(found, "", "").verdict == OPEN


def test_c2_asks_under_every_noise_and_names_those_where_not():
    def values(name, noise):
        return lanes(1.2 if noise == "bursts" else 0.8) if name == SUBJECT else lanes()

    arm = c02_every_noise._arm(grid(values, NOISES), "r", "n")
    assert arm.verdict == NO
    assert len(arm.effects) == len(NOISES) * len(RIVALS)
    assert {e.label for e in arm.effects if e.verdict != YES} == {f"bursts: {r}" for r in RIVALS}
    assert arm.measured == "lowest of all under 8 of 9 noise types; not under bursts"
    better = c02_every_noise._arm(
        grid(lambda n, _: lanes(0.8 if n == SUBJECT else 1), NOISES), "", ""
    )
    assert better.verdict == YES
    assert better.measured == "lowest of all under 9 of 9 noise types"


def test_c2_reads_the_parameters_of_a_noise_as_the_same_noise():
    assert c02_every_noise._is("spikes:rate=1", "spikes")
    assert c02_every_noise._is("spikes", "spikes")
    assert not c02_every_noise._is("spikes-of-another-kind", "spikes")
    assert not c02_every_noise._is("periodic-spikes", "spikes")


@pytest.mark.parametrize(("factor", "verdict"), [(1.3, YES), (1.04, YES), (1.0, NO), (0.8, NO)])
def test_c9a_is_a_cost_against_any_rival_without_noise(factor, verdict):
    def values(name, noise):
        if noise != "none":
            return lanes(100.0 if name == SUBJECT else 1.0)
        return lanes({SUBJECT: 1.0, "restarts": 1.0 / factor}.get(name, 2.0))

    arm = c09a_clean_cost._arm(grid(values, ("none", "spikes")), "r")
    assert outcomes(arm) == [NO, verdict, NO]
    assert (arm.verdict, arm.name, arm.reading) == (verdict, "no noise", "r")


def test_c9b_counts_lanes_at_or_below_each_target():
    def values(name, noise):
        hits = {SUBJECT: 0.9, "cosine": 0.5, "restarts": 0.6, "exponential": 0.7}[name]
        order = np.random.default_rng(3).permutation(SEEDS)
        return np.where(order < hits * SEEDS, 1e-3, 20.0)[None]

    arm = c09b_success_rate._arm(grid(values), "r", "n")
    assert arm.verdict == YES
    assert len(arm.effects) == 15
    assert arm.ratio("final loss <= 0.001: cosine") == pytest.approx(1.8)
    assert arm.facts["GreedyLR 0.001"] == pytest.approx(0.9)
    assert "<= 1: 90 % against 50/60/70" in arm.measured
    swapped = grid(
        lambda name, noise: values({SUBJECT: "cosine", "cosine": SUBJECT}.get(name, name), noise)
    )
    found = c09b_success_rate._arm(swapped, "", "")
    assert found.verdict == NO
    assert outcomes(found)[0] == NO


def test_c5_compares_widths_and_the_reach_of_p90():
    def values(name, noise):
        return lanes(0.5, 0.1) if name == SUBJECT else lanes(1.0, 0.4)

    arm = c05_tighter_band._arm(grid(values), "r", "n")
    assert outcomes(arm) == [YES] * 6
    low, high = np.quantile(lanes(0.5, 0.1), (0.1, 0.9))
    width = np.divide(*np.quantile(lanes(1.0, 0.4), (0.9, 0.1)))
    assert arm.ratio("width: cosine") == pytest.approx(high / low / width)
    reach = high / np.median(lanes(1.0, 0.4))
    assert arm.ratio("p90 / rival's median: cosine") == pytest.approx(reach)
    assert arm.facts["p10 cosine"] == pytest.approx(low / np.quantile(lanes(1.0, 0.4), 0.1))
    assert arm.facts["p90 restarts"] == pytest.approx(high / np.quantile(lanes(1.0, 0.4), 0.9))


def test_c5_fails_by_a_reach_above_the_median_alone():
    arm = c05_tighter_band._arm(
        grid(lambda name, _: lanes(0.99, 0.1) if name == SUBJECT else lanes(1.0, 0.4)), "", ""
    )
    assert outcomes(arm) == [YES] * 3 + [NO] * 3
    assert arm.verdict == NO


def test_c5_says_how_wide_the_starts_are(monkeypatch):
    def series(names, seeds, threads):
        assert names == {SUBJECT: ("one",)}
        for part in (np.arange(0.0, 51.0), np.arange(51.0, 101.0)):
            yield SimpleNamespace(
                losses={SUBJECT: np.stack([part[None], part[None] ** 2])[:, :, :50]}
            )

    monkeypatch.setattr(c05_tighter_band, "series", series)
    evidence = SimpleNamespace(names={SUBJECT: ("one", "two")}, seeds=50, threads=1)
    starts = np.concatenate([np.arange(50.0), np.arange(51.0, 101.0)])
    expected = np.divide(*np.quantile(starts, (0.9, 0.1)))
    assert c05_tighter_band._start(evidence) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.95, 1.05, YES), (0.92, 1.09, YES), (0.9, 1.05, OPEN), (0.95, 1.2, OPEN),
        (0.5, 0.9, NO), (1.11, 1.2, NO), (0.5, 0.95, OPEN), (1.05, 1.2, OPEN), (0.5, 2.0, OPEN),
        (1 / 1.1, 1.05, OPEN), (0.95, 1.1, OPEN), (0.5, 1 / 1.1, OPEN), (1.1, 1.2, OPEN),
        (None, 1.0, OPEN), (1.0, None, OPEN),
    ],
)  # fmt: skip
def test_c11_is_decided_by_where_the_interval_lies(low, high, verdict):
    assert c11_valid_proxy._decide(low, high) == verdict


@pytest.mark.parametrize(
    ("verdicts", "together"),
    [((YES, YES), YES), ((YES, OPEN), OPEN), ((YES, NO), NO), ((OPEN, NO), NO)],
)
def test_c11_wants_all_schedules(verdicts, together):
    effects = [Effect("", Interval(1.0, 1.0, 1.0, 1), verdict) for verdict in verdicts]
    assert c11_valid_proxy._together(effects) == together


def test_c11_compares_each_channel_with_the_published_one_where_there_is_noise():
    scale = {"published": 1.0, "metric": 1.0, "gradient": 1.05, "batch": 1.5, "parameters": 0.7}

    def made(channel):
        return grid(
            lambda name, noise: lanes(9.0 if noise == "none" else scale[channel]),
            ("none", "spikes"),
        )

    arms = c11_valid_proxy.evaluate(SimpleNamespace(grid=made))
    assert [arm.name for arm in arms] == [*CHANNELS[1:]]
    assert [arm.verdict for arm in arms] == [YES, YES, NO, NO]
    for arm in arms:
        assert arm.ratio(SUBJECT) == pytest.approx(scale[arm.name])
        assert arm.effects[0].interval.confidence == simultaneous_confidence(len(NAMES))
