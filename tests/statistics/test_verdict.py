import pytest

from lab.statistics.interval import Interval
from lab.statistics.verdict import Direction, Verdict, decide

BELOW, ABOVE = Direction.BELOW, Direction.ABOVE
YES, NO, OPEN = Verdict.SUPPORTED, Verdict.NOT_SUPPORTED, Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("low", "high", "direction", "equivalent", "expected"),
    [
        (0.5, 0.9, BELOW, False, YES),
        (0.5, 0.9, ABOVE, False, NO),
        (1.1, 1.5, BELOW, False, NO),
        (1.1, 1.5, ABOVE, False, YES),
        (0.9, 1.1, BELOW, False, OPEN),
        (0.9, 1.1, ABOVE, False, OPEN),
        (0.9, 1.1, BELOW, True, NO),
        (0.97, 0.99, BELOW, True, YES),
        (0.5, 1.0, BELOW, False, OPEN),  # touches the threshold: not beyond it
        (1.0, 1.0, ABOVE, False, OPEN),
        (None, None, BELOW, False, OPEN),
        (None, None, BELOW, True, OPEN),
        (None, 0.9, BELOW, False, OPEN),
        (1.1, None, ABOVE, False, OPEN),
    ],
)
def test_rule(low, high, direction, equivalent, expected):
    interval = Interval(low or high, low, high, 100)
    assert decide(interval, 1.0, direction, equivalent) is expected


def test_threshold_is_the_claims_own():
    interval = Interval(0.6, 0.55, 0.7, 100)
    assert decide(interval, 0.75, BELOW) is YES
    assert decide(interval, 0.5, BELOW) is NO
    assert decide(interval, 0.6, BELOW) is OPEN


def test_words():
    assert [str(v) for v in Verdict] == [
        "supported", "not supported", "inconclusive", "not testable here"
    ]  # fmt: skip
