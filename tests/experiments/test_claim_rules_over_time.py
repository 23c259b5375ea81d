"""The rules about recovery and early progress (C3, C4, C10) on made-up series of losses."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from experiments.check.evidence import NOISES, SUBJECT
from experiments.claims import c03_recovery_ratio, c04_recovery_speed, c10_early_convergence
from tests.experiments.made_up import NAMES, NO, OPEN, SEEDS, YES, lanes


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
