"""What the data say about a claim."""

from __future__ import annotations

from enum import StrEnum

from lab.statistics.interval import Interval


class Verdict(StrEnum):
    """The four possible verdicts."""

    SUPPORTED = "supported"
    NOT_SUPPORTED = "not supported"
    INCONCLUSIVE = "inconclusive"
    NOT_TESTABLE = "not testable here"


class Direction(StrEnum):
    """On which side of its threshold a claim puts the quantity."""

    BELOW = "below"
    ABOVE = "above"


def decide(
    interval: Interval, threshold: float, direction: Direction, equivalent: bool = False
) -> Verdict:
    """The verdict on "the quantity lies below (above) the threshold".

    Supported: the whole interval lies on the claimed side. Not supported: the whole interval lies
    on the other side, or the two compared are `equivalent` (`lab.statistics.tost`). Otherwise, and
    where there is no interval, inconclusive. An interval on the claimed side is support even when
    it also shows equivalence: a claim about size has its threshold away from 1.

    Parameters
    ----------
    interval:
        Adjusted for the family of claims it belongs to (`lab.statistics.holm`).
    threshold, direction:
        The claim, written down before the data were seen.
    equivalent:
        Whether equivalence was shown.
    """
    if interval.low is None or interval.high is None:
        return Verdict.INCONCLUSIVE
    below, above = interval.high < threshold, interval.low > threshold
    claimed, opposite = (below, above) if direction == Direction.BELOW else (above, below)
    if claimed:
        return Verdict.SUPPORTED
    return Verdict.NOT_SUPPORTED if opposite or equivalent else Verdict.INCONCLUSIVE
