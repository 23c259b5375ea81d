import math
import statistics
import warnings

import numpy as np
import pytest

from lab.statistics.bootstrap import MedianRatio, median_ratios, replicate_ratios
from tests.statistics.simulated import FAMILIES, covers, draw, ratio_intervals

SETS, SIZE = 2000, 100


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_coverage(family):
    """95 % intervals cover 93 to 97 % on continuous data, and at least 93 % on any."""
    truth = family.median[0] / family.median[1]
    found = list(ratio_intervals(draw(family, SETS, SIZE)))
    covered = np.mean([covers(interval, truth) for interval in found if interval.low is not None])
    assert 0.93 <= covered <= (0.97 if family.continuous else 1.0)


def test_estimates_are_ratios_of_medians():
    samples = np.random.default_rng(0).lognormal(size=(4, 101))
    medians = np.median(samples, axis=1)
    found = median_ratios(samples, 2)
    assert [i.estimate for i in found] == [
        None if a == 2 else medians[a] / medians[2] for a in range(4)
    ]
    assert (found[2].low, found[2].high, found[2].note) == (None, None, "the reference itself")
    assert all(i.n == 101 for i in found)
    assert all(i.low < i.estimate < i.high and not i.note for i in found if i.estimate is not None)


def test_a_partner_for_each_arm():
    samples = np.random.default_rng(1).lognormal(size=(4, 60))
    each = median_ratios(samples, [2, 3, 2, 2])
    assert each[0] == median_ratios(samples, 2)[0]
    assert each[1] == median_ratios(samples, 3)[1]
    assert each[3] == median_ratios(samples, 2)[3]


def test_the_interval_scales_with_the_data_and_turns_with_the_ratio():
    a, b = np.random.default_rng(2).lognormal(size=(2, 100))
    plain = median_ratios([a, b], 1)[0]
    scaled = median_ratios([4.0 * a, b], 1)[0]
    assert (scaled.low, scaled.estimate, scaled.high) == tuple(
        4.0 * v for v in (plain.low, plain.estimate, plain.high)
    )
    turned = median_ratios([a, b], 0)[1]
    # Quantiles interpolate linearly, and so do not turn exactly.
    assert 1.0 / turned.high == pytest.approx(plain.low, rel=1e-3)
    assert 1.0 / turned.low == pytest.approx(plain.high, rel=1e-3)


def test_ends_are_the_quantiles_around_the_estimate():
    replicates = np.exp(np.linspace(-3.0, 3.0, 4001))
    ratio = MedianRatio(math.exp(1.5), replicates, 100, "")
    z0 = statistics.NormalDist().inv_cdf((1.5 + 3.0) / 6.0)
    ends = [statistics.NormalDist().cdf(z0 + z) for z in (-1.959963984540054, 1.959963984540054)]
    found = ratio.interval(0.95)
    assert np.log([found.low, found.high]) == pytest.approx(6.0 * np.array(ends) - 3.0, abs=2e-3)


def test_p_value_is_that_of_the_interval_that_ends_there():
    samples = np.random.default_rng(3).lognormal(size=(2, 200))
    ratio = replicate_ratios(samples, 1)[0]
    for confidence in (0.5, 0.9, 0.95, 0.99):
        interval = ratio.interval(confidence)
        assert ratio.p_value(interval.low) == pytest.approx(1.0 - confidence, abs=2e-3)
        assert ratio.p_value(interval.high) == pytest.approx(1.0 - confidence, abs=2e-3)
    assert ratio.p_value(ratio.estimate) == 1.0


def test_the_same_seed_gives_the_same_interval():
    samples = np.random.default_rng(4).lognormal(size=(3, 50))
    assert median_ratios(samples, 0, seed=9) == median_ratios(samples, 0, seed=9)
    assert median_ratios(samples, 0, seed=9)[1] != median_ratios(samples, 0, seed=10)[1]
    # An arm's interval does not depend on which others run beside it.
    assert median_ratios(samples[:2], 0, seed=9)[1] == median_ratios(samples, 0, seed=9)[1]


def values(interval):
    return interval.estimate, interval.low, interval.high


LOGNORMAL = np.random.default_rng(5).lognormal(size=40)
MOSTLY_INFINITE = np.where(np.arange(40) < 36, np.inf, 1.0)
MOSTLY_ZERO = np.where(np.arange(40) < 36, 0.0, 1.0)


@pytest.mark.parametrize(
    ("sample", "reference", "expected", "note"),
    [
        (MOSTLY_INFINITE, MOSTLY_INFINITE, (None, None, None), "both medians are infinite"),
        (MOSTLY_ZERO, np.zeros(40), (None, None, None), "both medians are zero"),
        (MOSTLY_INFINITE, LOGNORMAL, (np.inf, np.inf, np.inf), "every resample gives the same"),
        (LOGNORMAL, MOSTLY_INFINITE, (0.0, 0.0, 0.0), "every resample gives the same"),
        (LOGNORMAL, MOSTLY_ZERO, (np.inf, np.inf, np.inf), "every resample gives the same"),
        (MOSTLY_ZERO, LOGNORMAL, (0.0, 0.0, 0.0), "every resample gives the same"),
        (np.full(40, 3.0), np.full(40, 2.0), (1.5, 1.5, 1.5), "every resample gives the same"),
        (LOGNORMAL, LOGNORMAL.copy(), (1.0, 1.0, 1.0), "equal for every seed"),
    ],
)
def test_degenerate_samples(sample, reference, expected, note):
    found = median_ratios([sample, reference], 1)[0]
    assert values(found) == expected
    assert found.note.startswith(note)


def test_undefined_resamples_widen_to_the_whole_range_and_are_counted():
    sample, reference = LOGNORMAL.copy(), LOGNORMAL[::-1].copy()
    sample[:19], reference[:19] = np.inf, np.inf
    found = median_ratios([sample, reference], 1)[0]
    assert found.estimate == np.median(sample) / np.median(reference)
    assert (found.low, found.high) == (0.0, np.inf)
    assert "undefined in" in found.note


def test_few_seeds_give_an_estimate_alone():
    found = median_ratios([[1.0, 2.0, 4.0, 9.0, 9.0], [2.0, 2.0, 8.0, 9.0, 9.0]], 1)[0]
    assert values(found) == (0.5, None, None)
    assert "fewer than 6" in found.note
    assert values(median_ratios([[1.0], [2.0]], 1)[0]) == (0.5, None, None)
    six = np.arange(1.0, 7.0)
    assert median_ratios([six, six[::-1]], 1)[0].low is not None


def test_too_few_resamples_for_the_tail_are_said():
    samples = np.random.default_rng(6).lognormal(size=(2, 50))
    assert not median_ratios(samples, 1, confidence=0.99)[0].note
    assert "too few" in median_ratios(samples, 1, confidence=0.999)[0].note


@pytest.mark.parametrize("samples", [[[1.0, -1.0]], [[1.0, np.nan]], [1.0, 2.0], [[], []]])
def test_samples_that_have_no_ratio_are_refused(samples):
    with pytest.raises(ValueError, match="samples"):
        median_ratios(samples, 0)


def test_where_there_is_no_interval_the_p_value_is_one():
    undefined = replicate_ratios([[0.0] * 8, [0.0] * 8], 1)[0]
    few = replicate_ratios([[1.0, 2.0], [3.0, 4.0]], 1)[0]
    assert undefined.p_value(1.0) == few.p_value(1.0) == 1.0


@pytest.mark.parametrize("seed", range(40))
def test_numbers_of_any_size_neither_warn_nor_get_lost(seed):
    # Two groups of seeds that lie hundreds of decades apart: halves may have medians in either.
    rng = np.random.default_rng(seed)
    seeds = int(rng.integers(8, 60))
    low, high = math.log(10) * rng.uniform(-280, -50), math.log(10) * rng.uniform(50, 280)
    fell = rng.random(seeds) < rng.uniform(0.3, 0.7)
    other = fell ^ (rng.random(seeds) < rng.choice([0.0, 0.02, 0.1]))
    x = np.exp(np.where(fell, low, high) + rng.normal(size=seeds))
    y = np.exp(np.where(other, low, high) + 0.1 * rng.normal(size=seeds))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _, found = replicate_ratios([x, y], 0, 400, seed)
    with np.errstate(over="ignore"):
        assert found.estimate == np.median(y) / np.median(x)
    assert not np.isnan(found.replicates).any()
