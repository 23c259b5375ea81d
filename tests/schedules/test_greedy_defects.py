"""The defects of the released GreedyLR: the smallest series that shows each, and its repair.

`greedy` is transformers' GreedyLR bit for bit (tests/golden), so what is shown here is shown of it.
docs/greedy-defects.md tells the same in words, with what each costs.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.replay import replay
from lab.schedules import SCHEDULES

#: Decisions at the second call of a kind, steps by a factor of 2, room to fall.
QUICK = "patience=1,factor=0.5"
RELEASED = f"greedy:{QUICK},min_lr=0.001"
ROBUST = f"greedy-robust:{QUICK},min_lr=1%"


def rates(schedule, losses, lr=0.1):
    return replay(SCHEDULES.choose(schedule), np.array(losses, dtype=float), lr).tolist()


def halvings(schedule, losses, lr=0.1):
    """Rates as powers of two of the initial one: 1 is up by a factor of 2, -1 down."""
    return np.log2(np.array(rates(schedule, losses, lr)) / lr).round(9).tolist()


class TestBestIsNeverForgotten:
    """1. `best` is the lowest metric ever seen."""

    LUCKY = (5, -100, 9, 8, 7, 6, 5, 4, 3, 2, 1)
    FLOOR = (2, 1, 19, 18, 17, 16, 15, 14, 13, 12, 11)

    @pytest.mark.parametrize("losses", [LUCKY, FLOOR])
    def test_after_one_low_loss_nine_falling_ones_are_failures(self, losses):
        assert halvings(RELEASED, losses) == [0, 1, 1, 0, 0, -1, -1, -2, -2, -3, -3]
        assert halvings(ROBUST, losses) == [0, 0, 0, -1, -1, -2, -2, -1, -1, 0, 0]

    def test_minus_infinity_ends_all_progress(self):
        losses = [5, -np.inf, *range(40, 0, -1)]
        assert rates(RELEASED, losses)[-1] == 0.001
        assert rates(ROBUST, losses)[-1] == 1.0


class TestMinimumAboveTheStart:
    """2. A rate below min_lr, 0.001 by default, can rise and never fall."""

    def test_it_stays_where_it_is(self):
        assert rates(f"greedy:{QUICK}", [1] * 30, lr=1e-4) == [1e-4] * 30
        assert rates("greedy-robust:patience=1,factor=0.5", [1] * 30, lr=1e-4)[-1] == 1e-5

    def test_once_risen_above_it_falls_to_it_alone(self):
        falling = [*range(20, 0, -1)]
        found = rates(f"greedy:{QUICK}", falling + [99] * 60, lr=1e-4)
        assert max(found) > 1e-3
        assert found[-1] == 1e-3

    def test_the_robust_one_leaves_room_below_the_start(self):
        losses = [3, 2, 1, *[9] * 20]
        for room, lowest in ((10, 1e-5), (4, 2.5e-5), (1, 1e-4)):
            found = rates(f"greedy-robust:{QUICK},room={room}", losses, lr=1e-4)
            assert max(found) == 2e-4
            assert found[-1] == pytest.approx(lowest, rel=1e-12)

    def test_a_bound_that_is_far_enough_stays_where_it_is(self):
        assert rates(f"greedy-robust:{QUICK},min_lr=0.001", [9] * 40, lr=0.1)[-1] == 0.001

    def test_its_mirror_a_start_above_max_lr_never_rises(self):
        falling = [8, 7, 6, 5, 4, 3]
        assert rates(f"greedy:{QUICK}", falling, lr=2.0) == [2.0] * 6
        assert rates(f"greedy-robust:{QUICK}", falling, lr=2.0) == [2, 2, 4, 4, 8, 8]


class TestAbsoluteThreshold:
    """3. An improvement of less than 1e-6 is none, whatever the loss."""

    def test_halving_a_small_loss_is_a_failure(self):
        losses = [8e-7 * 0.5**i for i in range(8)]
        assert halvings(RELEASED, losses) == [0, 0, -1, -1, -2, -2, -3, -3]
        assert halvings(ROBUST, losses) == [0, 0, 1, 1, 2, 2, 3, 3]

    def test_the_unit_of_the_loss_decides(self):
        losses = np.linspace(1.0, 0.5, 30)
        assert rates(RELEASED, losses) != rates(RELEASED, losses * 2.0**-20)

    @settings(max_examples=50)
    @given(
        st.lists(st.floats(-1e3, 1e3, allow_subnormal=False), min_size=1, max_size=60),
        st.integers(-40, 40),
    )
    def test_the_robust_one_knows_no_unit(self, losses, exponent):
        """Powers of two scale without rounding."""
        scaled = np.ldexp(np.where(np.abs(losses) < 1e-200, 0.0, losses), exponent)
        plain = np.ldexp(scaled, -exponent)
        assert rates(ROBUST, scaled) == rates(ROBUST, plain)

    @settings(max_examples=50)
    @given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=60), st.integers(-20, 20))
    def test_nor_a_unit_of_the_rate(self, losses, exponent):
        found = np.array(rates("greedy-robust:patience=1", losses, lr=0.1))
        other = rates("greedy-robust:patience=1", losses, lr=float(np.ldexp(0.1, exponent)))
        np.testing.assert_allclose(np.ldexp(other, -exponent), found, rtol=1e-12)


class TestRelativeThresholdOfANegativeLoss:
    """4. best (1 - threshold) lies above a negative best: standing still is progress."""

    def test_a_constant_negative_loss_raises_the_rate_for_ever(self):
        released = f"{RELEASED},threshold_mode=rel"
        assert halvings(released, [-1] * 7) == [0, 1, 1, 2, 2, 3, 3]
        assert halvings(ROBUST, [-1] * 7) == [0, 0, -1, -1, -2, -2, -3]


class TestRunningSum:
    """5. The window's mean is a running sum, and what once enters it leaves rounding behind."""

    SMOOTH = "smooth=true,window_size=2"

    def test_an_infinity_makes_all_later_means_nan(self):
        losses = [5, np.inf, *range(40, 0, -1)]
        assert rates(f"{RELEASED},{self.SMOOTH}", losses)[-1] == 0.001
        assert rates(f"{ROBUST},{self.SMOOTH}", losses)[-1] == 1.0

    def test_after_a_spike_the_mean_is_another_one(self):
        """2 + 1e17 is 1e17: the twos are lost from the sum, the mean of (9, 9) becomes 4.5."""
        losses = np.array([2, 2, 1e17, 9, 9, 9, 9, 9, 9])
        total, sums = 0.0, []
        for i, loss in enumerate(losses):
            total += loss
            total -= losses[i - 2] if i >= 2 else 0.0
            sums.append(total)
        assert sums[-1] / 2 != 9.0
        smooth = f"greedy:{QUICK},min_lr=0.001,{self.SMOOTH}"
        falling = [5, 2, 1e16, *(3 * (1 - 0.1 * i) for i in range(8))]
        running, exact = halvings(smooth, falling), halvings(f"{smooth},window=exact", falling)
        assert running[-1] == 1.0
        assert exact[-1] == 3.0


class TestReset:
    """6. reset_start counts reductions at min_lr, not steps; then the rate is the first again."""

    def test_500_take_5985_calls(self):
        """It falls to min_lr in 496; then a reduction in eleven calls counts, not a step."""
        found = np.array(rates("greedy", np.ones(6000), lr=0.01))
        assert int(np.flatnonzero(found == 1e-3)[0]) + 1 == 496
        (rise,) = np.flatnonzero(np.diff(found) > 0)
        assert int(rise) + 2 == 5985
        assert found[rise + 1] == 0.01

    def test_a_loss_that_never_changes_is_met_with_a_higher_rate(self):
        found = np.array(rates("greedy:patience=0,factor=0.5,reset_start=2", [1] * 20, lr=0.004))
        assert (np.diff(found) > 0).any()
        robust = np.array(rates("greedy-robust:patience=0,factor=0.5", [1] * 200, lr=0.004))
        assert (np.diff(robust) <= 0).all()


class TestEps:
    """7. Changes of at most 1e-8 are skipped: a rate below 2e-7 is frozen."""

    def test_a_small_rate_neither_rises_nor_falls(self):
        for losses in ([9, 8, 7, 6, 5, 4], [4, 5, 6, 7, 8, 9]):
            assert rates("greedy:patience=0,min_lr=0", losses, lr=1.8e-7) == [1.8e-7] * 6
            found = rates("greedy-robust:patience=0", losses, lr=1.8e-7)
            assert len(set(found)) > 1

    def test_a_rate_a_little_above_min_lr_is_never_reset(self):
        """Its reductions are skipped, so it is never at the minimum, so none is counted."""
        text = "greedy:patience=1,min_lr=0.001,reset_start=2,factor={}"
        bad = [1, *[2] * 59]
        at_the_minimum = rates(text.format(0.5), bad, lr=0.002)
        a_little_above = rates(text.format(0.5000025), bad, lr=0.002)
        assert at_the_minimum[2:5] == [0.001, 0.001, 0.002]
        assert set(a_little_above[2:]) == {0.002 * 0.5000025}


class TestSmoothingHearsLate:
    """8. The mean of a window falls while the loss rises, as long as older losses were higher."""

    def test_three_doublings_while_the_loss_only_rises(self):
        losses = [100, *range(1, 12)]
        found = halvings("greedy:patience=3,factor=0.5,smooth=true", losses)
        assert found == [0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3]


class TestFirstLoss:
    """9. The first loss is better than none: an improvement before anything can be compared."""

    def test_with_patience_0_the_first_loss_raises_the_rate(self):
        assert rates("greedy:patience=0,factor=0.5", [5]) == [0.2]
        assert rates("greedy-robust:patience=0,factor=0.5", [5]) == [0.1]


class TestNeverUnderNoise:
    """10. A rise needs patience + 1 records in a row, and a noisy loss has none."""

    @staticmethod
    def rises(drift, schedule="greedy"):
        """Mean number of rises in 500 calls of a loss that falls by `drift` standard deviations."""
        noise = np.random.default_rng(4).normal(size=(500, 400))
        losses = noise - drift * np.arange(500)[:, None]
        found = replay(SCHEDULES.choose(f"{schedule}:max_lr=1e9"), losses, 1.0)
        return (np.diff(found, axis=0) > 0).sum(axis=0).mean()

    def test_a_loss_that_falls_by_a_tenth_of_its_noise_never_raises_the_rate(self):
        assert self.rises(0.1) == 0.0
        assert self.rises(0.3) < 0.05
        assert self.rises(1.0) > 1.0

    def test_the_repair_leaves_that_as_it_is(self):
        assert self.rises(0.1, "greedy-robust") == 0.0


def test_a_metric_that_shall_grow_needs_mode_max():
    """11. A better accuracy is a failure unless mode says so, which the Trainer does not set."""
    accuracy = [0.5, 0.6, 0.7, 0.8, 0.9]
    assert halvings(RELEASED, accuracy) == [0, 0, -1, -1, -2]
    assert halvings(f"greedy:{QUICK},mode=max", accuracy) == [0, 1, 1, 2, 2]
    assert halvings(f"greedy-robust:{QUICK},mode=max", accuracy) == [0, 0, 1, 1, 2]


def test_called_at_evaluations_only_it_does_not_act():
    """12. Patience 10 counts calls: with an evaluation every 20 of 200 steps nothing happens."""
    losses = np.random.default_rng(1).normal(size=10)
    assert set(rates("greedy", losses)) == {0.1}


class TestRobust:
    """What the repaired rule promises besides."""

    def test_without_any_defect_in_play_it_decides_as_the_release(self):
        """Losses that fall and stop, well inside the bounds, after a first call that counts."""
        rng = np.random.default_rng(2)
        losses = np.concatenate([np.linspace(50, 1, 60), 1.0 + rng.random(12)])
        released = np.array(rates(f"greedy:{QUICK},min_lr=1e-9,max_lr=1e9", losses))
        robust = np.array(rates(f"greedy-robust:{QUICK},min_lr=1e-9,max_lr=1e9", losses))
        # The release counts the first loss: its moves come one call earlier until the loss stops.
        np.testing.assert_array_equal(robust[1:60], released[:59])

    def test_a_loss_that_is_not_a_number_is_a_failure(self):
        losses = [3, 2, np.nan, np.nan, 1.5, 1.4, 1.3]
        assert halvings(ROBUST, losses) == [0, 0, 0, -1, -1, 0, 0]

    def test_mode_max_mirrors_everything(self):
        losses = np.random.default_rng(3).normal(size=200)
        assert rates(f"{ROBUST},mode=max", -losses) == rates(ROBUST, losses)

    def test_best_returns_to_the_lowest_since_the_last_change(self):
        """The first reduction keeps 10, seen since the start; after the second 12 is the best."""
        text = "greedy-robust:patience=2,factor=0.5,min_lr=1%"
        losses = [20, 10, 15, 12, 14, 13, 12, 14]
        assert halvings(text, losses) == [0, 0, 0, 0, -1, -1, -1, -2]
        assert halvings(text, [*losses, 11, 10.5, 10.2])[-1] == -1.0
        assert halvings(text, [*losses, 13, 12.5, 12.2])[-1] == -3.0


class TestKesten:
    """The factor that adapts itself."""

    @staticmethod
    def factors(losses, **values):
        keys = ",".join(f"{k}={v}" for k, v in values.items())
        found = np.array(
            rates(f"greedy-kesten:patience=0,min_lr=0,max_lr=inf,{keys}", losses, lr=1.0)
        )
        moves = np.abs(np.diff(np.log(found)))
        return np.exp(-moves[moves > 0])

    def test_reversals_shrink_the_move_and_agreement_grows_it(self):
        falling, up_down = [*range(30, 0, -1)], [9, 8, 9, 7, 9, 6, 9, 5, 9, 4, 9, 3]
        grown = self.factors(falling, factor=0.95, min_factor=0.5)
        assert (np.diff(grown)[:5] < 0).all()
        assert grown.min() == pytest.approx(0.5)
        shrunk = 1.0 - self.factors(up_down, factor=0.9, shrink=0.5)
        np.testing.assert_allclose(shrunk[1:9] / shrunk[:8], 0.5, rtol=1e-9)

    def test_without_growth_it_is_kestens_own_rule(self):
        moves = 1.0 - self.factors([*range(30, 0, -1)], factor=0.95, reversals=0)
        np.testing.assert_allclose(moves, 0.05, rtol=1e-9)

    def test_fair_coins_let_the_move_shrink(self):
        """Half of all moves turn back, more than the share of 0.3 that keeps the factor."""
        rng = np.random.default_rng(5)
        level, losses = 100.0, []
        for coin in rng.random(400):
            level *= 0.9 if coin < 0.5 else 1.02
            losses.append(level)
        start, end = 0.05, 1.0 - self.factors(losses, factor=0.95)[-20:]
        assert np.median(end) < 0.5 * start

    def test_the_balance_is_where_it_says(self):
        """Three reversals in ten moves leave the size alone, to first order."""
        shrink, p = 0.99, 0.3
        grow = 1.0 + p / (1.0 - p) * (1.0 / shrink - 1.0)
        assert p * np.log(shrink) + (1.0 - p) * np.log(grow) == pytest.approx(0.0, abs=1e-4)
