import numpy as np
import pytest
from scipy.stats import trim_mean

from lab.statistics.iqm import iqm, iqm_interval
from tests.statistics.simulated import covers


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 7, 8, 100, 101, 103])
def test_equals_the_trimmed_mean(n):
    values = np.random.default_rng(n).lognormal(size=(3, n))
    np.testing.assert_allclose(iqm(values), trim_mean(values, 0.25, axis=1), rtol=1e-14)
    np.testing.assert_array_equal(iqm(values.T, axis=0), iqm(values))


def test_infinities():
    assert iqm([1.0, 2.0, 4.0, np.inf]) == 3.0
    assert iqm([1.0, 2.0, np.inf, np.inf]) == np.inf


@pytest.mark.parametrize(("sigma", "share"), [(0.2, 0.0), (1.0, 0.1)])
def test_coverage(sigma, share):
    """Lognormal, n = 100; the truth is that of a large sample; `share` of the lanes diverges."""
    rng = np.random.default_rng(3)

    def draw(*size):
        values = rng.lognormal(sigma=sigma, size=size)
        return np.where(rng.random(size) < share, np.inf, values)

    truth = iqm(draw(4_000_000))
    covered = [covers(iqm_interval(sample, 500), truth) for sample in draw(2000, 100)]
    assert 0.93 <= np.mean(covered) <= 0.97
