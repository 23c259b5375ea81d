"""The claims' rules on made-up lanes: every threshold, and what each side of it decides."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from experiments.check.claim import Arm, Effect, judge
from experiments.check.evidence import CHANNELS, NOISES, RIVALS, SUBJECT, Grid
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
from lab.statistics.bootstrap import MedianRatio
from lab.statistics.holm import simultaneous_confidence
from lab.statistics.interval import Interval
from lab.statistics.verdict import Direction, Verdict

YES, NO, OPEN = Verdict.SUPPORTED, Verdict.NOT_SUPPORTED, Verdict.INCONCLUSIVE
NAMES = {name: (name,) for name in (SUBJECT, *RIVALS)}
SEEDS = 200

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


def lanes(factor=1.0, spread=0.1, seed=0):
    """One cell of lanes, shape (1, seeds), about `factor`."""
    draws = np.random.default_rng(seed).standard_normal((1, SEEDS))
    return factor * np.exp(spread * draws)


def grid(values, noises=("none",)):
    """A grid in which a schedule has the lanes `values(name, noise)` on one function."""
    keys = [(name, noise) for name in NAMES for noise in noises]
    cells = tuple(SimpleNamespace(schedule=s, noise=n, landscape="one") for s, n in keys)
    return Grid(NAMES, cells, {"last": np.concatenate([values(*key) for key in keys])})


def factors(**given):
    """Lanes alike but for a factor by schedule."""
    return grid(lambda name, noise: lanes(given.get(name, 1.0)))


def outcomes(arm):
    return [effect.verdict for effect in arm.effects]


def test_marks_of_figures_are_the_thresholds():
    assert c11_valid_proxy.CLAIM.marks == (1 / 1.1, 1.1)
    for module in WRITTEN:
        marks = {"C7": (0.1,), "C8": (0.5, 0.95), "C11": (1 / 1.1, 1.1)}
        threshold = (getattr(module, "THRESHOLD", 1.0),)
        assert module.CLAIM.marks == marks.get(module.CLAIM.id, threshold), module.CLAIM.id


# ---- medians: C1, C2, C9a


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


# ---- shares: C9b


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


# ---- bands: C5


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


# ---- proxies: C11


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


# ---- series: C3, C4, C10


def test_c3_takes_what_diverged_for_no_recovery():
    losses = np.ones((20, 1, 3))
    losses[3] = 8.0
    losses[15:, 0, 2] = math.inf
    assert c03_recovery_ratio._ratios(losses)[0].tolist() == [8.0, 8.0, 1e-300]


def test_c3_wants_the_higher_ratio_against_all(monkeypatch):
    def series(names, seeds, threads, rates):
        yield SimpleNamespace(
            losses={
                name: np.concatenate(
                    [
                        np.full((5, 1, seeds), 2.0 if name == SUBJECT else 1.5),
                        lanes()[:, None] + np.zeros((16, 1, 1)),
                    ]
                )
                for name in NAMES
            }
        )

    monkeypatch.setattr(c03_recovery_ratio, "series", series)
    evidence = SimpleNamespace(names=NAMES, seeds=SEEDS, threads=1, rates=None)
    arms = c03_recovery_ratio.evaluate(evidence)
    assert [arm.verdict for arm in arms] == [YES, YES]
    assert arms[0].ratio("cosine") == pytest.approx(2.0 / 1.5, rel=0.01)
    assert arms[0].facts["start"] == 1.0


def test_c4_medians_of_counts():
    median = c04_recovery_speed._median
    assert median(np.array([0, 3, 1])) == 1.0
    assert median(np.array([0, 1, 3])) == 2.0
    assert median(np.array([0, 2, 2])) == 1.0
    assert median(np.array([0, 0, 0, 5])) == 3.0
    assert math.isnan(median(np.zeros(3)))


def test_c4_groups_keep_each_seed_once_and_leave_out_what_fills_none():
    values = np.arange(2 * 3 * 70, dtype=float).reshape(2, 3, 70)
    found = c04_recovery_speed._grouped(values)
    assert found.shape == (32, 2, 6)
    np.testing.assert_array_equal(
        np.sort(found.transpose(1, 0, 2).reshape(2, -1)), np.sort(values[:, :, :64].reshape(2, -1))
    )
    np.testing.assert_array_equal(found[1, 0], values[0, :, 2:4].ravel())


def test_c4_counts_lengths_by_group():
    losses, terms = np.ones((6, 1, 64)), np.zeros((6, 1, 64))
    losses[1], terms[1] = 5.0, 1.0  # opened at 5, closed at 1 < 1.1 x 5 a step later
    counts = np.zeros((32, 6))
    c04_recovery_speed._count(counts, losses, terms)
    assert counts.tolist() == [[0, 2, 0, 0, 0, 0]] * 32
    c04_recovery_speed._count(counts, losses, terms)
    assert counts[0].tolist() == [0, 4, 0, 0, 0, 0]


def test_c4_quotients_of_nothing_are_no_number():
    found = c04_recovery_speed._quotient(3.0, [3.0, 1.0], 0.0, [1.0, 0.0], 7)
    assert found.estimate == math.inf
    assert found.replicates.tolist() == [3.0, math.inf]
    assert found.n == 7
    assert c04_recovery_speed._quotient(6.0, [6.0], 2.0, [3.0], 1).estimate == 3.0


def recovering(delays, lost=0):
    """`series` in which an event at step 100 holds a lane up for a number of steps.

    The first `lost` seeds diverge before it.
    """

    def series(names, seeds, noise="none", event=None, threads=None, rates=None):
        losses = {name: np.ones((201, 1, seeds)) for name in names}
        if event is not None:
            for name in names:
                for seed in range(seeds):
                    losses[name][100 : 100 + delays[name](seed), 0, seed] = 2.0
        for name in names:
            losses[name][50:, :, :lost] = math.inf
        yield SimpleNamespace(losses=losses)

    return series


def twin(monkeypatch, delays, lost=0):
    monkeypatch.setattr(c04_recovery_speed, "series", recovering(delays, lost))
    evidence = SimpleNamespace(names=NAMES, seeds=SEEDS, threads=1)
    return c04_recovery_speed._twin(evidence, "kick:at=100,size=1", "r", None)


@pytest.mark.parametrize(("factor", "verdict"), [(4, YES), (2, NO), (3, OPEN)])
def test_c4_wants_three_times_the_mean_time(factor, verdict, monkeypatch):
    ours = lambda seed: 5 + seed % 3  # noqa: E731
    delays = dict.fromkeys(NAMES, lambda seed: factor * (5 + (seed + 1) % 3)) | {SUBJECT: ours}
    arm = twin(monkeypatch, delays)
    assert arm.verdict == verdict
    assert arm.name == "kick:at=100,size=1"
    assert arm.ratio("cosine") == pytest.approx(factor, rel=0.02)
    assert arm.facts == dict.fromkeys(NAMES, 0.0)


def test_c4_means_count_the_never_thrown_off_and_end_at_the_horizon(monkeypatch):
    delays = dict.fromkeys(NAMES, lambda seed: 101) | {SUBJECT: lambda seed: 4 * (seed % 2)}
    arm = twin(monkeypatch, delays)
    # 96 steps at most can be seen of 200 after step 100, held for 5 losses.
    assert arm.ratio("restarts") == pytest.approx(96 / 2.0)
    assert arm.facts == dict.fromkeys(NAMES, 0.0) | {SUBJECT: 0.5}
    assert "at most 96: GreedyLR 2, cosine 96" in arm.measured


def test_c4_leaves_out_lanes_that_were_lost_before(monkeypatch):
    delays = dict.fromkeys(NAMES, lambda seed: 12) | {SUBJECT: lambda seed: 6}
    arm = twin(monkeypatch, delays, lost=SEEDS // 4)
    assert "GreedyLR 6, cosine 12" in arm.measured
    assert arm.ratio("cosine") == 2.0


def test_c10_relates_losses_to_the_start():
    losses = np.array([[[2.0, 0.0, 1.0, math.inf]], [[1.0, 0.0, 0.0, math.inf]]])
    assert c10_early_convergence._left(losses, 1).tolist() == [[0.5, 1.0, 1e-300, 1.0]]


@pytest.mark.parametrize(("factor", "verdict"), [(0.8, YES), (1.02, NO), (1.3, NO)])
def test_c10_wants_less_left_at_three_times(factor, verdict, monkeypatch):
    asked = []

    def series(names, seeds, noise, channel, threads, rates):
        asked.append((noise, channel, rates))
        fall = np.exp(-np.arange(201) / 50.0)[:, None, None]
        start = fall == 1.0
        yield SimpleNamespace(
            losses={
                name: np.where(start, 3.0, (factor if name == SUBJECT else 1.0) * fall * lanes())
                for name in names
            }
        )

    monkeypatch.setattr(c10_early_convergence, "series", series)
    evidence = SimpleNamespace(names=NAMES, seeds=SEEDS, threads=1, rates="tuned")
    arms = c10_early_convergence.evaluate(evidence)
    assert [arm.verdict for arm in arms] == [verdict] * 3
    assert [e.label for e in arms[0].effects][::3] == [
        f"{part} % of the steps: cosine" for part in (10, 50, 100)
    ]
    assert asked == [
        ("none", "published", None), *((n, "batch", None) for n in NOISES[1:]),
        ("none", "published", "tuned"),
    ]  # fmt: skip
    left = np.median(lanes()) * math.exp(-100 / 50.0) / 3.0
    assert f"cosine {left:.3g}" in arms[0].measured


# ---- theorems: C6, C7, C8


@pytest.mark.parametrize(
    ("gap", "half", "verdict"),
    [(1.0, 0.5, YES), (2.0, 0.5, OPEN), (3.0, 0.5, NO), (1.5, 0.5, OPEN)],
)
def test_c6_holds_the_mean_gap_against_the_bound(gap, half, verdict):
    effect = c06_convergence_bound._judged("P", gap, half, 2.0, 9)
    interval = effect.interval
    assert (interval.estimate, interval.low, interval.high, interval.n) == (
        gap / 2.0, (gap - half) / 2.0, (gap + half) / 2.0, 9,
    )  # fmt: skip
    assert effect.verdict == verdict


def test_c6_takes_the_longest_run_at_the_factor_of_the_paper():
    def rows(problem, variant, factor):
        assert (problem, variant, factor) == ("P1", "lagged", 0.9)
        return ["short", "middle", "long"]

    assert c06_convergence_bound._last(SimpleNamespace(of=rows), "P1", "lagged") == "long"


@pytest.mark.parametrize(
    ("regret", "ends", "verdict"),
    [
        (0.05, (0.0, 0.09), YES),
        (0.05, (0.0, 0.2), OPEN),
        (0.5, (0.11, 0.7), NO),
        (0.05, None, OPEN),
    ],
)
def test_c7_allows_a_tenth_of_a_decade(regret, ends, verdict):
    cell = SimpleNamespace(cell=SimpleNamespace(L=10.0), regret=regret, regret_interval=ends)
    effect = c07_optimal_factor._effect(cell, 9)
    assert (effect.label, effect.verdict, effect.interval.n) == ("L = 10", verdict, 9)


def test_c8_counts_scenarios_for_three_statements():
    def scenario(stable, low_diverges, alike):
        halves = SimpleNamespace(
            stable=np.full(400, stable), low_diverges=np.full(400, low_diverges),
            alike=np.full(400, alike),
        )  # fmt: skip
        return SimpleNamespace(
            request=SimpleNamespace(seeds=20), halves=halves, stable=stable,
            low_diverges=low_diverges, alike=alike,
        )  # fmt: skip

    found = [scenario(True, i < 1, i < 3) for i in range(5)]
    arm = c08_factor_stability._arm("greedy", found)
    assert [e.interval.estimate for e in arm.effects] == [1.0, 0.2, 0.6]
    assert outcomes(arm) == [YES, NO, OPEN]
    assert arm.verdict == NO
    assert all(e.interval.n == 20 for e in arm.effects)
    assert c08_factor_stability._arm("greedy", found[:1]).effects[0].interval.n == 20


def test_c8_takes_at_most_200_seeds(monkeypatch):
    asked = []
    monkeypatch.setattr(
        c08_factor_stability, "run_stability", lambda n, **rest: asked.append(n) or []
    )
    monkeypatch.setattr(c08_factor_stability, "_arm", lambda *given: given)
    for seeds in (199, 200, 2000):
        c08_factor_stability.evaluate(SimpleNamespace(seeds=seeds, threads=1, log=None))
    assert asked == [199, 200, 200]


# ---- readings: what the evidence is asked for

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


# ---- families


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
