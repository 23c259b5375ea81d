import numpy as np
import pytest
from scipy.stats import wilcoxon

from lab.statistics.wilcoxon import signed_rank


@pytest.mark.parametrize("n", [8, 30, 200])
def test_equals_scipy(n):
    a, b = np.random.default_rng(n).lognormal(size=(2, n))
    assert signed_rank(a, b).p_value == pytest.approx(wilcoxon(a, b).pvalue, rel=1e-12)
    b[::4] = a[::4]
    expected = wilcoxon(a, b, zero_method="pratt").pvalue
    assert signed_rank(a, b).p_value == pytest.approx(expected, rel=1e-12)


def test_worked_example():
    """Differences 1, 2, -3, 4, 5: T- = 3, and 5 of the 32 sign patterns have T- <= 3."""
    found = signed_rank([2.0, 4.0, 1.0, 8.0, 10.0], [1.0, 2.0, 4.0, 4.0, 5.0])
    assert found.p_value == pytest.approx(2 * 5 / 32)
    assert found.effect == pytest.approx((12 - 3) / 15)
    assert found.n == 5


def test_infinities_are_the_largest_differences():
    a, b = np.random.default_rng(1).lognormal(size=(2, 60))
    a[:5], b[5:9], a[9:12], b[9:12] = np.inf, np.inf, np.inf, np.inf
    found = signed_rank(a, b)
    large = np.where(np.isinf(a), 1e300, a), np.where(np.isinf(b), 1e300, b)
    assert found == signed_rank(*large)
    assert 0.0 < found.p_value < 1.0


def test_effect_has_the_sign_of_the_difference():
    a = np.arange(1.0, 21.0)
    assert signed_rank(a, a + 1.0).effect == -1.0
    assert signed_rank(a + 1.0, a).effect == 1.0


def test_equal_samples():
    found = signed_rank([1.0, np.inf], [1.0, np.inf])
    assert (found.p_value, found.effect, found.note) == (1.0, 0.0, "equal for every seed")
