import numpy as np
import pytest
from scipy.stats import binomtest, multinomial

from lab.statistics.paired import probability_better, tango_interval


def wins_losses_ties(wins, losses, ties):
    a = np.r_[np.zeros(wins), np.ones(losses), np.ones(ties)]
    return a, np.r_[np.ones(wins), np.zeros(losses), np.ones(ties)]


def test_estimate_counts_ties_one_half():
    found = probability_better(*wins_losses_ties(5, 2, 3))
    assert found.estimate == pytest.approx(0.65, rel=1e-15)
    assert found.n == 10
    assert found.low < 0.65 < found.high


def test_infinities():
    a = [np.inf, np.inf, 1.0, 1.0]
    b = [np.inf, 1.0, np.inf, 2.0]
    assert probability_better(a, b).estimate == (0.5 + 0 + 1 + 1) / 4


def test_published_example():
    """Airway hyper-responsiveness before and after a transplantation: 1, 1, 7, 12 of 21 children.

    Fagerland, Lydersen, Laake, "Recommended tests and confidence intervals for paired binomial
    proportions", Statistics in Medicine 33 (2014): -0.517 to -0.026.
    """
    assert tango_interval(1, 7, 21, 0.95) == pytest.approx((-0.517, -0.026), abs=5e-4)


@pytest.mark.parametrize(("wins", "losses"), [(30, 70), (1, 9), (0, 12), (50, 50)])
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_without_ties_it_is_wilsons(wins, losses, confidence):
    expected = binomtest(wins, wins + losses).proportion_ci(confidence, method="wilson")
    found = probability_better(*wins_losses_ties(wins, losses, 0), confidence)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_the_ends_are_where_the_constrained_likelihood_says():
    """Score test by brute force: the nuisance probability maximises the likelihood on a grid."""
    wins, losses, n = 23, 9, 60
    for end in tango_interval(wins, losses, n, 0.95):
        lose = np.linspace(max(0.0, -end), (1.0 - end) / 2.0, 200_001)[1:-1]
        likelihood = wins * np.log(lose + end) + losses * np.log(lose)
        likelihood += (n - wins - losses) * np.log(1.0 - 2.0 * lose - end)
        best = lose[np.argmax(likelihood)]
        variance = (2.0 * best + end - end**2) / n
        z = abs((wins - losses) / n - end) / np.sqrt(variance)
        assert z == pytest.approx(1.959963984540054, abs=1e-4)


def test_only_ties_still_have_a_width():
    found = probability_better(np.ones(100), np.ones(100))
    z2 = 1.959963984540054**2
    assert found.estimate == 0.5
    assert found.high - 0.5 == pytest.approx(0.5 * z2 / (100 + z2), rel=1e-9)
    assert found.low == pytest.approx(1.0 - found.high, rel=1e-12)
    assert found.note == "equal for every seed"


@pytest.mark.parametrize(
    ("win", "lose"), [(0.5, 0.5), (0.7, 0.3), (0.4, 0.2), (0.3, 0.3), (0.1, 0.1), (0.3, 0.03)]
)
@pytest.mark.parametrize("n", [30, 100, 400])
def test_exact_coverage(win, lose, n):
    """Sum of the probabilities of all outcomes whose interval holds the truth: no simulation."""
    wins, losses = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
    inside = wins + losses <= n
    wins, losses = wins[inside], losses[inside]
    outcomes = np.stack([wins, losses, n - wins - losses], axis=1)
    chance = multinomial.pmf(outcomes, n, [win, lose, 1.0 - win - lose])
    likely = chance > 1e-7
    covered = 0.0
    for w, l, p in zip(wins[likely], losses[likely], chance[likely], strict=True):
        low, high = tango_interval(int(w), int(l), n, 0.95)
        covered += p * (low <= win - lose <= high)
    lowest = 0.93 if n >= 100 else 0.925
    assert lowest <= covered / chance[likely].sum() <= 0.97


@pytest.mark.parametrize(
    ("a", "b"), [([1.0], [1.0, 2.0]), ([], []), ([np.nan, 1.0], [1.0, 1.0]), ([[1.0]], [[1.0]])]
)
def test_samples_that_are_not_pairs_are_refused(a, b):
    with pytest.raises(ValueError, match="paired"):
        probability_better(a, b)
