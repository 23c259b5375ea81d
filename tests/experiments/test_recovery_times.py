"""Recovery of a lane, by hand: losses of one lane and its twin, and the time that follows."""

import numpy as np
import pytest

from experiments.recovery.times import horizon_of, recovery_times
from lab.errors import RequestError

INF = np.inf


def time_of(perturbed, twin, at=2, factor=1.1, hold=3):
    """Time, excluded, diverged of one lane."""
    columns = [np.array(row, dtype=float)[:, None] for row in (perturbed, twin)]
    found = recovery_times(*columns, at, factor, hold)
    return float(found.time[0]), bool(found.excluded[0]), bool(found.diverged[0])


ONES = [1.0] * 10  # losses at steps 0 .. 9: nine steps


@pytest.mark.parametrize(
    ("perturbed", "time"),
    [
        ([1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 0),
        # Not yet affected at the event itself, but not for three losses in a row.
        ([1, 1, 1, 1, 9, 1, 1, 1, 1, 1], 3),
        ([1, 1, 9, 1, 1, 1, 1, 1, 1, 1], 1),
        # Back for two losses only, then for good.
        ([1, 1, 9, 1, 1, 9, 9, 1, 1, 1], 5),
        # Recovered at 1; what comes after the three losses does not count.
        ([1, 1, 9, 1, 1, 1, 9, 9, 9, 9], 1),
        # Step 7 is the last at which three losses can be seen: 5 steps after the event.
        ([1, 1, 9, 9, 9, 9, 9, 1, 1, 1], 5),
        # Back at step 8, which nobody can see to hold: censored.
        ([1, 1, 9, 9, 9, 9, 9, 9, 1, 1], INF),
        # A lane that is better than its twin has recovered.
        ([1, 1, 9, 0.5, 0.2, 0, 0, 0, 0, 0], 1),
        # What happened before the event is of no interest.
        ([9, 9, 9, 1, 1, 1, 1, 1, 1, 1], 1),
    ],
)
def test_the_first_of_three_losses_in_a_row(perturbed, time):
    assert time_of(perturbed, ONES) == (time, False, False)


@pytest.mark.parametrize(("loss", "back"), [(1.1, True), (np.nextafter(1.1, 2.0), False)])
def test_within_means_at_most_the_factor(loss, back):
    assert time_of([1, 1, *[loss] * 8], ONES) == (0.0 if back else INF, False, False)
    assert time_of([2, 2, *[2 * loss] * 8], [2.0] * 10)[0] == (0.0 if back else INF)


def test_both_at_exactly_zero_is_recovered():
    assert time_of([1, 1, 5, 5, 0, 0, 0, 0, 0, 0], [1, 1, *[0.0] * 8]) == (2.0, False, False)
    assert time_of([1, 1, *[5e-324] * 8], [1, 1, *[0.0] * 8])[0] == INF


def test_a_twin_below_zero_allows_as_much_above():
    """Losses whose minimum is unknown: -1 / 1.25 = -0.8 is the bound."""
    assert time_of([0, 0, *[-0.8] * 8], [0, 0, *[-1.0] * 8], factor=1.25)[0] == 0.0
    assert time_of([0, 0, *[-0.79] * 8], [0, 0, *[-1.0] * 8], factor=1.25)[0] == INF


class TestDivergence:
    def test_after_the_event_the_lane_stays_at_risk_to_the_horizon(self):
        assert time_of([1, 1, 9, 9, *[INF] * 6], ONES) == (INF, False, True)

    def test_at_the_event_too(self):
        assert time_of([1, 1, *[INF] * 8], ONES) == (INF, False, True)

    def test_a_lane_that_had_recovered_has_its_time_and_is_counted(self):
        assert time_of([1, 1, 9, 1, 1, 1, INF, INF, INF, INF], ONES) == (1.0, False, True)

    def test_before_the_event_the_lane_is_excluded(self):
        twin = [1, *[INF] * 9]
        assert time_of(twin, twin)[1:] == (True, False)
        assert time_of(twin, ONES)[1:] == (True, False)

    def test_a_lane_whose_twin_diverges_is_excluded_whatever_it_does(self):
        assert time_of([1, 1, 9, 1, 1, 1, 1, 1, 1, 1], [*[1.0] * 8, INF, INF])[1:] == (True, False)
        assert time_of([1, 1, *[INF] * 8], [*[1.0] * 8, INF, INF])[1:] == (True, False)


def test_arms_and_lanes_are_taken_one_by_one():
    twin = np.ones((2, 10, 3))
    perturbed = twin.copy()
    perturbed[0, 2:4, 1] = 9.0
    perturbed[1, 2:, 2] = INF
    found = recovery_times(perturbed, twin, 2, hold=3)
    np.testing.assert_array_equal(found.time, [[0, 2, 0], [0, 0, INF]])
    np.testing.assert_array_equal(found.diverged, [[False] * 3, [False, False, True]])


@pytest.mark.parametrize("hold", [1, 5])
def test_the_horizon_is_the_longest_time_that_can_be_seen(hold):
    """A lane that comes back as late as possible has it as its time; one step later is censored."""
    steps, at = 20, 4
    horizon = horizon_of(steps, at, hold)
    twin = np.ones(steps + 1)
    late = np.where(np.arange(steps + 1) < at + horizon, 9.0, 1.0)
    later = np.where(np.arange(steps + 1) <= at + horizon, 9.0, 1.0)
    assert time_of(late, twin, at, hold=hold)[0] == horizon
    assert time_of(later, twin, at, hold=hold)[0] == INF


def test_an_event_too_late_to_recover_from_is_refused():
    assert horizon_of(20, 16, 5) == 0
    with pytest.raises(RequestError, match="hold: 5 losses from step 17 on are not there"):
        horizon_of(20, 17, 5)
