import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from lab.statistics.normal import probability, quantile


def test_equals_scipy():
    z = np.linspace(-8.0, 8.0, 101)
    assert [probability(v) for v in z] == pytest.approx(list(ndtr(z)), rel=1e-13, abs=1e-17)
    p = np.array([1e-12, 0.001, 0.025, 0.3, 0.5, 0.8, 0.975, 1 - 1e-9])
    assert [quantile(v) for v in p] == pytest.approx(list(ndtri(p)), rel=1e-12, abs=1e-15)


def test_ends():
    assert (quantile(0.0), quantile(1.0)) == (-np.inf, np.inf)
    assert (probability(-np.inf), probability(np.inf)) == (0.0, 1.0)
