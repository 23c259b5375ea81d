import numpy as np
import pytest

from lab.statistics.bootstrap import replicate_ratios
from lab.statistics.tost import equivalence


def ratio(shift, n=400, spread=0.1, seed=0):
    rng = np.random.default_rng(seed)
    return replicate_ratios(
        np.exp([shift + spread * rng.normal(size=n), spread * rng.normal(size=n)]), 1
    )[0]


def test_equivalent_is_the_90_percent_interval_inside_the_margin():
    found = equivalence(ratio(0.0), 0.05)
    assert found.equivalent
    assert found.interval == ratio(0.0).interval(0.9)
    assert 1 / 1.05 < found.interval.low < found.interval.high < 1.05
    assert found.p_value < 0.05
    for shift in (np.log(1.05), -np.log(1.05), 0.2):
        other = equivalence(ratio(shift), 0.05)
        assert not other.equivalent
        assert other.p_value > 0.05


def test_the_margin_is_symmetric_on_the_log_scale():
    below, above = equivalence(ratio(-0.04), 0.05), equivalence(ratio(0.04), 0.05)
    assert below.p_value == pytest.approx(equivalence(ratio(-0.04), 1 / (1 / 1.05) - 1).p_value)
    assert 0.0 < below.p_value < 0.5
    assert 0.0 < above.p_value < 0.5


def test_at_the_margin_it_errs_as_often_as_its_level():
    """1,000 data sets of 100 pairs whose true ratio is 1.1: equivalence is found in about 5 %."""
    rng = np.random.default_rng(5)
    pairs = np.exp(0.1 * rng.normal(size=(2, 1000, 100)))
    pairs[0] *= 1.1
    partner = 2 * [*range(1000, 2000)]
    ratios = replicate_ratios(pairs.reshape(2000, 100), partner, resamples=1000)[:1000]
    share = np.mean([equivalence(r, 0.1).equivalent for r in ratios])
    assert 0.025 <= share <= 0.065


def test_a_ratio_without_interval_shows_nothing():
    found = equivalence(replicate_ratios([[1.0, 1.0], [1.0, 1.0]], 1)[0], 0.1)
    assert (found.equivalent, found.p_value) == (False, 1.0)


@pytest.mark.parametrize("margin", [0.0, -0.1, np.nan])
def test_a_margin_must_be_positive(margin):
    with pytest.raises(ValueError, match="positive"):
        equivalence(ratio(0.0), margin)
