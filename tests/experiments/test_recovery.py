"""The recovery experiment: its times against trajectories, its numbers against its times."""

import numpy as np
import pytest
from scipy.stats import ttest_rel

from experiments import grid as grids
from experiments.recovery.run import EVENTS, make_recovery, recover
from experiments.recovery.times import recovery_times
from experiments.tuning import tune_rates
from lab.engine.abi import BLOCK
from lab.errors import RequestError
from lab.simulation import simulate
from lab.statistics.holm import holm_p_values
from lab.statistics.quantiles import quantiles
from lab.statistics.survival import kaplan_meier, log_rank

SCHEDULES = ("constant", "greedy", "exponential")
GRID = make_recovery(
    ["rosenbrock"], ["adam", "sgd"], ["lr-shock:at=20,factor=60", "reset:at=30"],
    schedules=SCHEDULES, steps=60, seeds=150, hold=4, factor=1.2, published=False,
)  # fmt: skip


@pytest.fixture(scope="module")
def found():
    return recover(GRID)


def test_every_event_in_every_scenario(found):
    cells = [(r.request.optimizer.component.name, r.event.text, r.horizon) for r in found.results]
    assert cells == [
        ("adam", "lr-shock:at=20,factor=60", 37), ("adam", "reset:at=30", 27),
        ("sgd", "lr-shock:at=20,factor=60", 37), ("sgd", "reset:at=30", 27),
    ]  # fmt: skip
    assert found.published is None


def test_times_are_those_of_the_trajectories(found):
    result = found.results[0]
    request = result.request

    def run(*events):
        arms = request.arms()
        return simulate(request.scenario(0.5), arms, 60, 150, perturbations=events).loss

    expected = recovery_times(run(result.event), run(), 20, 1.2, 4)
    np.testing.assert_array_equal(result.times.time, expected.time)
    assert 0 < np.isfinite(expected.time).mean() < 1


def test_chunks_of_lanes_change_nothing(found, monkeypatch):
    monkeypatch.setattr(grids, "SERIES_BYTES", 1)
    again = recover(GRID)
    for one, other in zip(found.results, again.results, strict=True):
        np.testing.assert_array_equal(one.times.time, other.times.time)
        assert one.arms[0].twin == other.arms[0].twin
    assert list(grids.lane_chunks(150, 3, 122)) == [(0, BLOCK), (BLOCK, 150 - BLOCK)]


def test_numbers_are_those_of_the_times(found):
    for result in found.results:
        for i, (time, arm) in enumerate(zip(result.times.time, result.arms, strict=True)):
            assert (arm.n, arm.excluded) == (150, 0)
            assert arm.diverged == result.times.diverged[i].sum()
            assert arm.recovered == np.isfinite(time).mean()
            assert arm.unaffected == (time == 0).mean()
            assert arm.median.estimate == quantiles(time, 0.5)
            within = np.minimum(time, result.horizon)
            assert arm.mean.estimate == pytest.approx(within.mean(), rel=1e-14)
            curve = kaplan_meier(time, result.horizon)
            np.testing.assert_array_equal(arm.curve.survival, curve.survival)
            # All lanes are followed to the horizon: the mean is the area under the curve.
            edges = np.append(curve.time, result.horizon)
            area = curve.time[0] + np.sum(np.diff(edges) * curve.survival)
            assert arm.mean.estimate == pytest.approx(area, rel=1e-12)


def test_the_twins_loss_is_that_at_the_event(found):
    request = found.results[1].request
    loss = simulate(request.scenario(0.5), request.arms(), 60, 150).loss
    for arm, losses in zip(found.results[1].arms, loss[:, 30], strict=True):
        assert arm.twin == quantiles(losses, 0.5)


def test_comparisons_are_with_greedy_paired_and_corrected(found):
    paired, unpaired = [], []
    for result in found.results:
        assert result.arms[1].against is None
        reference = result.times.time[1]
        for arm in (0, 2):
            own, against = result.times.time[arm], result.arms[arm].against
            gap = np.minimum(own, result.horizon) - np.minimum(reference, result.horizon)
            assert against.reference == "greedy"
            assert against.difference.estimate == pytest.approx(gap.mean(), rel=1e-12)
            assert against.difference.n == 150
            low, high = against.difference.low, against.difference.high
            assert low <= gap.mean() <= high
            paired.append(ttest_rel(gap, 0.0 * gap).pvalue if gap.any() else 1.0)
            unpaired.append(log_rank(own, reference, result.horizon).p_value)
    shown = [a.against for r in found.results for a in r.arms if a.against is not None]
    np.testing.assert_allclose([a.p_difference for a in shown], holm_p_values(paired), rtol=1e-9)
    np.testing.assert_allclose([a.p_log_rank for a in shown], holm_p_values(unpaired), rtol=1e-12)
    assert {a.log_rank.note for a in shown} >= {"unpaired"}
    for a in shown:
        assert a.sign == (np.sign(a.difference.estimate) if a.p_difference <= 0.05 else 0)
    assert {a.sign for a in shown} == {-1, 0}


def test_diverged_lanes_are_counted_where_they_belong():
    """sgd on a steep bowl: at lr 0.21 > 2 / L every lane grows, from 1e145 on it diverges."""
    grid = make_recovery(
        ["quadratic:dim=1,condition=1,L=10"], ["sgd"], ["kick:at=5,size=1e74", "kick:at=5,size=0"],
        schedules=("constant", "greedy:max_lr=0.1"), lr=0.21, steps=40, seeds=20, published=False,
    )  # fmt: skip
    big, none = recover(grid).results
    # |x| grows by 1.1 a step under constant, and shrinks under greedy once its rate has fallen.
    assert [arm.excluded for arm in none.arms] == [0, 0]
    assert [arm.diverged for arm in none.arms] == [0, 0]
    assert (none.times.time == 0).all()
    assert big.arms[0].diverged > 0
    assert big.arms[0].recovered == 0.0
    assert big.arms[0].mean.estimate == big.horizon == big.arms[0].mean.low


def test_a_schedule_without_a_sound_lane_shows_nothing():
    grid = make_recovery(
        ["quadratic:dim=1,condition=1,L=10"], ["sgd"], ["kick:at=200,size=1"],
        schedules=("greedy:min_lr=1,max_lr=1", "cosine"), lr=1.0, steps=230, seeds=12,
        published=False,
    )  # fmt: skip
    lost, sound = recover(grid).results[0].arms
    assert (lost.n, lost.excluded, lost.twin, lost.median, lost.curve) == (0, 12, None, None, None)
    assert lost.mean.estimate is None
    assert sound.against is None


def test_tuned_rates_are_those_of_tuning():
    grid = make_recovery(
        ["rosenbrock"], [], ["kick:at=20"], schedules=("constant", "greedy"), steps=40, seeds=9,
        tuned=True, published=False,
    )  # fmt: skip
    rates = [t.lr for t in tune_rates(grid.first, 0.5)]
    assert [arm.lr for arm in recover(grid).results[0].arms] == rates
    assert rates != [0.01, 0.01]
    assert grid.hash != make_recovery(
        ["rosenbrock"], [], ["kick:at=20"], schedules=("constant", "greedy"), steps=40, seeds=9,
        published=False,
    ).hash  # fmt: skip


def test_the_defaults_are_every_kind_of_event_in_the_middle():
    from experiments.components import PERTURBATIONS

    grid = make_recovery(steps=50)
    assert {event.component.name for event in grid.events} == set(PERTURBATIONS.all())
    assert len(grid.events) == len(EVENTS)
    assert {event.values["at"] for event in grid.events} == {25}
    assert len(grid.requests) == 3


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"factor": 0.9}, r"factor: 0.9 is not allowed \(allowed: \[1, inf\)\)"),
        ({"hold": 0}, "hold: 0 is not allowed"),
        ({"hold": 200}, "hold: 200 losses from step 100 on are not there"),
        ({"events": ["kick", "kick:at=100"]}, "an event is asked for twice"),
        ({"events": ["kick:at=200"]}, "at=200 lies beyond the run"),
        ({"landscapes": ["rosenbrock", "rosenbrock:dim=2"]}, "is asked for twice"),
        ({"events": ["kik"]}, "did you mean 'kick'"),
    ],
)
def test_a_wrong_request_is_refused(given, message):
    with pytest.raises(RequestError, match=message):
        make_recovery(**given)


def test_pairs_are_the_lanes_that_both_have():
    """The reference loses the lanes whose start is too steep for its rate, the other none."""
    grid = make_recovery(
        ["rosenbrock"], ["sgd"], ["kick:at=30,size=0.2"], lr=2e-3, steps=60, seeds=100,
        schedules=("greedy:min_lr=0", "linear-lr:start_factor=0.1,end_factor=0.1"), published=False,
    )  # fmt: skip
    result = recover(grid).results[0]
    lost, other = result.arms
    assert (lost.n, lost.excluded) == (92, 8)
    assert (other.n, other.excluded) == (100, 0)
    sound = ~result.times.excluded[0]
    within = np.minimum(result.times.time, result.horizon)
    assert lost.mean.estimate == pytest.approx(within[0, sound].mean(), rel=1e-12)
    assert other.mean.estimate == pytest.approx(within[1].mean(), rel=1e-12)
    gap = (within[1] - within[0])[sound]
    assert other.against.difference.n == 92
    assert other.against.difference.estimate == pytest.approx(gap.mean(), rel=1e-12)
    assert other.against.p_difference == pytest.approx(ttest_rel(gap, 0 * gap).pvalue, rel=1e-9)
    expected = log_rank(result.times.time[1], result.times.time[0, sound], result.horizon)
    assert other.against.p_log_rank == expected.p_value
