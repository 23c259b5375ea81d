"""The paper's two recovery measures, by hand and over the engine."""

import numpy as np
import pytest

from experiments.recovery.published import (
    Episodes,
    episode_lengths,
    published_recovery,
    recovery_ratios,
    summarised,
)
from experiments.request import make_request


def test_the_ratio_is_the_largest_loss_over_the_mean_of_the_last_ten():
    losses = np.array([8.0, 20.0, 4.0, *[1.0] * 5, *[3.0] * 5])[:, None]
    assert recovery_ratios(losses).tolist() == [20.0 / 2.0]
    assert recovery_ratios(losses[:4]).tolist() == [20.0 / 8.25]


@pytest.mark.parametrize("last", [np.inf, 0.0, -1.0])
def test_a_ratio_without_a_positive_mean_is_undefined(last):
    assert np.isnan(recovery_ratios(np.array([3.0, *[last] * 10])[:, None])).all()


def lengths(losses, terms):
    """Lengths of the closed episodes of one lane, and whether one is open at the end."""
    arrays = [np.array(row, dtype=float)[None, :, None] for row in (losses, terms)]
    counts, still_open = episode_lengths(*arrays)
    return np.repeat(np.arange(counts.shape[1]), counts[0]).tolist(), bool(still_open[0])


@pytest.mark.parametrize(
    ("losses", "terms", "closed", "still_open"),
    [
        # No positive term, no episode.
        ([5, 4, 3, 2], [0, -1, 0, 0], [], False),
        # Ordinary descent closes at the next step.
        ([5, 4, 3, 2], [0, 1, 0, 0], [1], False),
        # Even a loss that rises by less than 10 % closes.
        ([5, 4, 4.3, 2], [0, 1, 0, 0], [1], False),
        # At 1.1 times the opening loss it does not.
        ([1, 1.1, 1.1, 1.09], [1, 0, 0, 0], [3], False),
        ([4, 8, 8, 4, 4], [1, 0, 0, 0, 0], [3], False),
        # A step may close one episode and open the next; one may stay open.
        ([5, 4, 3, 2], [1, 1, 1, 1], [1, 1, 1], True),
        ([4, 8, 8, 8], [1, 0, 0, 0], [], True),
        # A positive term within an open episode opens no other.
        ([4, 8, 8, 4], [1, 1, 1, 0], [3], False),
    ],
)
def test_episodes_by_hand(losses, terms, closed, still_open):
    assert lengths(losses, terms) == (closed, still_open)


def test_a_lane_that_diverges_leaves_its_episode_open():
    assert lengths([4, np.inf, np.inf], [1, 0, 0]) == ([], True)


@pytest.mark.parametrize("lengths", [[1], [1, 4], [2, 2, 9], [1, 1, 3, 5], [3, 5, 5, 7, 8, 9]])
def test_a_summary_is_that_of_the_lengths(lengths):
    found = summarised(np.bincount(lengths, minlength=10), 2)
    one = np.mean(np.array(lengths) == 1)
    assert found == Episodes(len(lengths), 2, np.median(lengths), np.mean(lengths), one)
    assert summarised(np.zeros(10, dtype=int), 3) == Episodes(0, 3, None, None, None)


@pytest.fixture(scope="module")
def found():
    requests = [
        make_request(landscape, schedules=("greedy:patience=1", "constant"), seeds=100, steps=60)
        for landscape in ("rosenbrock", "rastrigin")
    ]
    return published_recovery(requests)


def test_both_landscapes_are_pooled(found):
    assert [r.n for r in found.clean.values()] == [200, 200]
    assert (found.seeds, len(found.requests)) == (100, 2)


def test_the_published_term_changes_nothing(found):
    published = [m for m in found.channels if m.channel == "published"]
    assert len(published) == 3 * 2
    for m in published:
        assert m.same == 1.0
        assert m.ratios == found.clean[m.schedule]
        assert m.episodes == m.quiet
        assert m.episodes.closed > 0


def test_an_open_loop_schedule_does_not_hear_the_metric(found):
    same = {(m.schedule, m.same == 1.0) for m in found.channels if m.channel == "metric"}
    assert same == {("constant", True), ("greedy:patience=1", False)}


def test_where_nothing_is_recorded_no_episode_opens(found):
    for m in found.channels:
        vector = m.channel in ("gradient", "parameters")
        assert (m.episodes.closed + m.episodes.open == 0) == vector
        if vector:
            assert m.same < 1.0


def test_medians_and_means_are_those_of_the_lengths(found):
    """Against the lengths of one schedule, counted lane by lane."""
    request = found.requests[0]
    alone = published_recovery([request])
    m = next(m for m in alone.channels if (m.noise, m.channel) == ("spikes", "batch"))
    from experiments.components import NOISES
    from lab.simulation import Keep, Scenario, simulate

    scenario = Scenario(request.landscape, NOISES.choose("spikes"), request.channel, 0.5)
    outcome = simulate(scenario, request.arms(), 60, 100, keep=Keep(term=True))
    closed = []
    for lane in range(100):
        closed += lengths(outcome.loss[0, :-1, lane], outcome.term[0, :, lane])[0]
    assert m.episodes.closed == len(closed)
    assert m.episodes.median == np.median(closed)
    assert m.episodes.mean == pytest.approx(np.mean(closed), rel=1e-12)
    assert m.episodes.one == pytest.approx(np.mean(np.array(closed) == 1), rel=1e-12)


def test_without_strength_no_episode_opens():
    request = make_request(
        "rosenbrock", schedules=("greedy", "constant"), strength=0.0, seeds=3, steps=12
    )
    for measures in published_recovery([request]).channels:
        assert measures.same == 1.0
        assert measures.episodes == measures.quiet == Episodes(0, 0, None, None, None)
