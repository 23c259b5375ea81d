from itertools import combinations

import numpy as np
import pytest

from lab.statistics.holm import holm_confidences, holm_p_values, simultaneous_confidence


def by_closed_testing(p_values):
    """Holm's procedure is the closure of Bonferroni's: the largest over all subsets that hold i."""
    every = range(len(p_values))
    subsets = [s for size in every for s in combinations(every, size + 1)]
    return [
        max(min(1.0, len(s) * min(p_values[j] for j in s)) for s in subsets if i in s)
        for i in every
    ]


def families():
    rng = np.random.default_rng(0)
    return [list(rng.random(m) ** 3) for m in (1, 2, 3, 5, 8) for _ in range(10)]


@pytest.mark.parametrize("p_values", [*families(), [0.02, 0.02, 0.9], [0.0, 1.0, 1.0]])
def test_adjusted_p_values(p_values):
    assert holm_p_values(p_values) == pytest.approx(by_closed_testing(p_values), rel=1e-12)


def test_worked_example():
    assert holm_p_values([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    found = holm_confidences([0.01, 0.04, 0.03, 0.005])
    # 0.005 < 0.05/4, 0.01 < 0.05/3, 0.03 > 0.05/2: the procedure stops there.
    assert found == pytest.approx([1 - 0.05 / 3, 1 - 0.05 / 2, 1 - 0.05 / 2, 1 - 0.05 / 4])


@pytest.mark.parametrize("p_values", [*families(), [0.02, 0.02, 0.2]])
def test_intervals_exclude_what_the_procedure_rejects(p_values):
    """An interval of confidence c excludes a value whose p-value is below 1 - c."""
    excluded = [p <= 1.0 - c for p, c in zip(p_values, holm_confidences(p_values), strict=True)]
    assert excluded == [p <= 0.05 for p in holm_p_values(p_values)]


def test_a_p_value_at_its_step_is_rejected():
    level = 1.0 - 0.95
    assert holm_confidences([0.03, 0.5 * level]) == [1.0 - level, 1.0 - 0.5 * level]


def test_simultaneous_confidence():
    assert simultaneous_confidence(1, 0.9) == pytest.approx(0.9)
    assert simultaneous_confidence(10) == pytest.approx(0.995)


def test_an_empty_family():
    assert holm_p_values([]) == holm_confidences([]) == []
