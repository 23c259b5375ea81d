"""Verdicts can go either way, and equal schedules are rarely told apart."""

import pytest

from experiments.check import evidence
from experiments.check.claim import Effect, all_of, any_of, judge
from experiments.check.pools import P50, quotient
from experiments.check.run import all_claims, choose
from experiments.claims import c01_lower_median, c09a_clean_cost, c09b_success_rate
from experiments.components import CHANNELS, LANDSCAPES, NOISES, OPTIMIZERS, SCHEDULES
from lab.errors import RequestError
from lab.simulation import Arm, Keep, Scenario, simulate
from lab.statistics.interval import Interval
from lab.statistics.pooled import pooled_quantiles
from lab.statistics.verdict import Direction, Verdict

BETTER = "piecewise:boundaries=1,scales=20"
WORSE = "exponential:gamma=0.001"


@pytest.fixture
def small_grid(monkeypatch, tmp_path):
    """The published protocol on two functions and two noise models, with any subject."""
    monkeypatch.setattr(evidence, "LANDSCAPES", ("rosenbrock:dim=2,scale=1", "ackley:dim=8"))
    monkeypatch.setattr(evidence, "NOISES", ("none", "spikes"))

    def grid(subject):
        names = {**evidence.SCHEDULES, evidence.SUBJECT: (subject,)}
        found = evidence.Evidence(tmp_path, 64, 2, lambda text: None, names)
        return found.grid("published")

    return grid


def test_a_better_schedule_in_greedys_place_is_supported(small_grid):
    grid = small_grid(BETTER)
    assert c01_lower_median._arm(grid, "", "").verdict == Verdict.SUPPORTED
    assert c09a_clean_cost._arm(grid, "").verdict == Verdict.NOT_SUPPORTED


def test_a_worse_schedule_in_greedys_place_is_not_supported(small_grid):
    grid = small_grid(WORSE)
    assert c01_lower_median._arm(grid, "", "").verdict == Verdict.NOT_SUPPORTED
    assert c09a_clean_cost._arm(grid, "").verdict == Verdict.SUPPORTED
    assert c09b_success_rate._arm(grid, "", "").verdict != Verdict.SUPPORTED


def test_a_rival_in_greedys_place_is_not_supported(small_grid):
    subject = evidence.SCHEDULES["cosine"][0] + ",eta_min=1.0001e-5"
    grid = small_grid(subject.replace("eta_min=1e-5,", ""))
    arm = c01_lower_median._arm(grid, "", "")
    assert next(e for e in arm.effects if e.label == "cosine").verdict == Verdict.NOT_SUPPORTED


def test_greedy_against_itself_on_other_seeds_is_supported_in_at_most_one_of_twenty():
    """A-A: 1,000 repetitions of the rule on real lanes, the two arms on disjoint seeds."""
    n, repetitions = 40, 1000
    scenario = Scenario(
        LANDSCAPES.choose("rosenbrock"), NOISES.choose("spikes"), CHANNELS.choose("batch"), 0.5
    )
    arm = Arm(SCHEDULES.choose("greedy"), OPTIMIZERS.choose("adam"), 0.01)
    keep = Keep(loss=False, lr_mean=False)
    lanes = simulate(scenario, [arm], 100, 2 * n * repetitions, keep=keep).summary["final"][0]
    supported = 0
    for ours, theirs in lanes.reshape(repetitions, 2, 1, n):
        found = [pooled_quantiles(lanes, (0.1, 0.5, 0.9), 200) for lanes in (ours, theirs)]
        ratio = quotient(found[0], P50, found[1], P50)
        effects = judge([("itself", ratio)], 1.0, Direction.BELOW, 0.05)
        supported += all_of(effects) == Verdict.SUPPORTED
    assert supported <= 0.05 * repetitions


def test_a_verdict_on_all_needs_all_and_one_contradiction_suffices():
    yes, no, unknown = (
        Effect("", Interval(1.0, 1.0, 1.0, 1), verdict)
        for verdict in (Verdict.SUPPORTED, Verdict.NOT_SUPPORTED, Verdict.INCONCLUSIVE)
    )
    assert all_of([yes, yes]) == Verdict.SUPPORTED
    assert all_of([yes, unknown]) == Verdict.INCONCLUSIVE
    assert all_of([yes, unknown, no]) == Verdict.NOT_SUPPORTED
    assert any_of([no, yes]) == Verdict.SUPPORTED
    assert any_of([no, unknown]) == Verdict.INCONCLUSIVE
    assert any_of([no, no]) == Verdict.NOT_SUPPORTED


def test_every_claim_states_its_rule_and_is_found_by_its_file():
    claims = all_claims()
    assert list(claims)[:2] == ["C1", "C2"]
    for claim in claims.values():
        for text in (claim.statement, claim.paper, claim.measure, claim.design, claim.rule):
            assert text
        assert "supported" in claim.rule


def test_claims_are_chosen_by_id_and_c9_means_both_parts():
    assert [claim.id for claim in choose(["C9"])] == ["C9a", "C9b"]
    with pytest.raises(RequestError, match="unknown claim 'C99'"):
        choose(["C99"])


def test_the_published_grid_has_the_eleven_functions_and_nine_noises():
    assert len(set(evidence.LANDSCAPES)) == 11
    assert len(set(evidence.NOISES)) == 9
    assert sum(len(texts) for texts in evidence.SCHEDULES.values()) == 6
