"""The rules about the theorems and factors of the theory (C6, C7, C8)."""

from types import SimpleNamespace

import numpy as np
import pytest

from experiments.claims import c06_convergence_bound, c07_optimal_factor, c08_factor_stability
from tests.experiments.made_up import NO, OPEN, YES, outcomes


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
