"""The convergence experiment: bounds that hold, those that do not, and the closed forms."""

import numpy as np
import pytest

from experiments import closed_forms
from experiments.convergence.bounds import Setting
from experiments.convergence.cases import biased_case, cases, huber_case
from experiments.convergence.run import make_convergence, run_convergence, slope
from experiments.convergence.theory import bias, explosion, huber_curve
from experiments.optimal_f.run import scenario_of
from lab.errors import RequestError
from lab.simulation import Keep, simulate


@pytest.fixture(scope="module")
def outcome():
    return run_convergence(make_convergence(seeds=128, steps=3000))


class TestRequest:
    @pytest.mark.parametrize(
        ("steps", "expected"),
        [
            (10, (10,)),
            (45, (10, 30)),
            (100, (10, 30, 100)),
            (100_000, (10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000)),
        ],
    )
    def test_checkpoints(self, steps, expected):
        assert make_convergence(steps=steps).checkpoints == expected

    @pytest.mark.parametrize("options", [{"steps": 9}, {"seeds": 1}, {"seed": -1}])
    def test_what_is_wrong_is_named(self, options):
        ((name, value),) = options.items()
        with pytest.raises(RequestError, match=f"{name}: {value} is not allowed"):
            make_convergence(**options)


class TestBounds:
    def test_by_hand(self):
        setting = Setting(low=0.1, high=0.25, L=2.0, r2=3.0, sigma=4.0, delta=5.0)
        # R2/(2 a T) + b^2 sigma / (2 a (1 - b L))
        assert setting.bound_a(10) == pytest.approx(3.0 / 2.0 + 0.25 / (0.2 * 0.5))
        # m = min(0.1 * 0.8, 0.25 * 0.5) = 0.08
        assert setting.bound_b(10) == pytest.approx(3.0 / 1.6 + (0.25 - 0.08) / 0.08 * 5.0)
        assert setting.bound_reconstructed(10) == pytest.approx(3.0 / (4.0 * 0.75))
        assert setting.recursion(2) == pytest.approx((1.0 - 0.4 * 0.75) ** 2)

    def test_a_term_without_lower_bound_leaves_none(self):
        assert cases("P6")[0].setting.bound_b(10) == np.inf

    def test_the_problem_of_the_theory_page(self):
        setting = cases("P1")[0].setting
        assert setting.low * 9.328702 == pytest.approx(0.05, rel=1e-6)
        assert setting.high * 9.328702 == pytest.approx(0.5, rel=1e-6)
        assert setting.r2 == pytest.approx(9.572662, abs=5e-7)
        assert setting.sigma == pytest.approx(0.584868, abs=5e-7)
        assert setting.delta == pytest.approx(0.118438, abs=5e-7)

    def test_a_holds_for_rates_fixed_before_the_draw_and_b_for_all(self, outcome):
        rows = [row for row in outcome.rows if row.problem in ("P1", "P2", "P5", "P4")]
        assert len(rows) == 6 * (3 * 5 + 1)
        for row in rows:
            assert row.averaged_loss <= row.setting.bound_b(row.steps)
            if row.variant != "algorithm-1" or row.problem == "P4":
                assert row.averaged_loss <= row.setting.bound_a(row.steps)

    def test_the_average_iterate_lies_below_the_averaged_loss(self, outcome):
        for row in outcome.rows:
            assert row.average_iterate <= row.averaged_loss * (1.0 + 1e-12)

    def test_algorithm_1_breaks_a_on_p3_and_lagging_repairs_it(self):
        found = bias(0.5, 0.003, steps=20_000, lanes=128)
        assert found.algorithm_1.value - found.algorithm_1.half_width > found.bound_a
        assert found.lagged.value + found.lagged.half_width < found.bound_a


class TestRows:
    def test_every_variant_and_checkpoint_is_there(self, outcome):
        assert [row.steps for row in outcome.of("P5", "constant", None)] == [
            10, 30, 100, 300, 1000, 3000
        ]  # fmt: skip
        for problem in ("P1", "P2", "P3", "P5"):
            for variant in ("algorithm-1", "lagged"):
                for F in (0.5, 0.9):
                    assert len(outcome.of(problem, variant, F)) == 6

    def test_they_are_means_of_the_lanes(self, outcome):
        """Against the whole series of P1 under the constant rate, kept and averaged here."""
        (case,) = cases("P1")
        found = simulate(
            scenario_of(case.landscape), case.arms[-1:], 100, 128, start=case.start,
            keep=Keep(lr_mean=False, x=True),
        )  # fmt: skip
        row = outcome.of("P1", "constant", None)[2]
        losses = found.loss[0] - case.minimum
        averaged = losses[:100].mean(axis=0)
        assert row.averaged_loss == pytest.approx(averaged.mean(), rel=1e-10)
        assert row.last_iterate == pytest.approx(losses[100].mean(), rel=1e-10)
        half = 1.96 * averaged.std(ddof=1) / np.sqrt(128)
        assert row.half_widths[1] == pytest.approx(half, rel=1e-4)
        assert (found.x[0, 0] == 0.0).all()

    def test_rates_stay_between_their_bounds_and_start_in_the_middle(self):
        (case,) = cases("P2")
        found = simulate(
            scenario_of(case.landscape), case.arms, 300, 128, start=case.start,
            keep=Keep(lr_mean=False, lr=True),
        )  # fmt: skip
        low, high = case.setting.low, case.setting.high
        assert found.lr.min() >= low
        assert found.lr.max() <= high
        assert found.lr[0, 0, 0] == pytest.approx(np.sqrt(low * high))
        assert (found.lr[2:4, 1] == found.lr[2:4, 0]).all()  # lagged: no two losses yet
        assert (found.lr[:2, 1] != found.lr[:2, 0]).all()
        assert (found.lr[4] == high).all()

    def test_one_lane_speaks_for_a_problem_without_draws(self, outcome):
        for row in outcome.of("P4", "algorithm-1", 0.9):
            assert row.half_widths == (0.0, 0.0, 0.0)


class TestSlopes:
    def test_a_power_law_has_its_exponent(self):
        at = (10, 30, 100, 300)
        gaps = 5.0 * np.array(at)[:, None] ** -1.5 * np.ones(7)
        found = slope(at, gaps)
        assert found.estimate == pytest.approx(-1.5)
        assert found.low == pytest.approx(-1.5)

    def test_the_interval_covers_as_often_as_it_says(self):
        """1,000 data sets of 50 noisy power laws: 95 % within four standard errors, and 1 %."""
        generator = np.random.default_rng(8)
        at = np.array([10, 30, 100])
        covered = 0
        for _ in range(1000):
            noise = generator.gamma(4.0, 0.25, (3, 50))
            found = slope(at, at[:, None] ** -1.0 * noise)
            covered += found.low <= -1.0 <= found.high
        assert abs(covered / 1000 - 0.95) <= 4.0 * np.sqrt(0.95 * 0.05 / 1000) + 0.01

    def test_rounding_has_no_slope(self):
        assert slope((10, 30), np.full((2, 5), 1e-30)).estimate is None

    def test_p6_has_none(self, outcome):
        assert {found.problem for found in outcome.slopes} == {"P1", "P2", "P3", "P4", "P5"}


class TestClosedForms:
    @pytest.mark.parametrize("F", [0.3, 0.5, 0.9])
    def test_p3_stays_where_the_closed_form_puts_it(self, F):
        """Lanes start there and would leave within 1 / b = 200 of the 4,000 steps.

        Four standard errors of the mean over lanes and steps; corrections of order b are below.
        """
        case = biased_case(F, 0.005)
        expected = float(closed_forms.biased_limit(F))
        found = simulate(
            scenario_of(case.landscape), case.arms, 4000, 512, start=(expected,),
            keep=Keep(loss=False, lr_mean=False, x=True),
        )  # fmt: skip
        algorithm_1, lagged = found.x[:, :, 0].mean(axis=1)
        error = algorithm_1.std(ddof=1) / np.sqrt(512)
        assert abs(algorithm_1.mean() - expected) <= 4.0 * error
        # The lagged rule goes to the minimiser: most of the way within the run.
        assert abs(lagged.mean() - 1.0) <= 0.2 * abs(expected - 1.0) + 4.0 * error

    def test_the_huber_ratio(self):
        """On the line every step moves x by b delta: the averages have a closed form."""
        delta, b, a, steps = 0.01, 0.001, 0.0009, 4000
        curve = huber_curve(10_000)
        at = int(np.searchsorted(curve.steps, steps))
        assert curve.steps[at] == steps
        averaged = delta * (1.0 - delta / 2.0 - b * delta * (steps - 1) / 2.0)
        assert curve.averaged_loss[at] == pytest.approx(averaged, rel=1e-9)
        assert curve.average_iterate[at] == pytest.approx(averaged, rel=1e-9)
        ratio = averaged / (1.0 / (2.0 * a * steps))
        assert curve.ratio_a()[at] == pytest.approx(ratio, rel=1e-9)
        assert ratio == pytest.approx(0.0702, abs=5e-5)

    def test_hubers_loss_does_not_decay_as_the_recursion_promises(self):
        curve = huber_curve(4000)
        setting = huber_case().setting
        assert curve.last_iterate[-1] / curve.last_iterate[0] > 0.95
        assert setting.recursion(4000) < 1e-3

    def test_the_reconstructed_bound_is_broken_at_last_and_a_is_not(self):
        curve = huber_curve(100_000)
        assert curve.ratio_reconstructed().max() == pytest.approx(1.78, abs=0.01)
        assert curve.ratio_a().max() == pytest.approx(0.891, abs=0.001)

    def test_p6_explodes_in_the_mean_and_falls_in_the_median(self):
        for row in explosion(seed=1):
            assert abs(row.mean.value - row.expected) <= 2.5 * row.mean.half_width
        assert row.expected > 0.1 > 0.025 > row.median
