"""Words for what a claim's arms show: how numbers and lists are put into its paragraph.

Every claim's file ends in a function `interpret` that writes one paragraph from the arms: what the
verdict means, why it came out so, and what is not to be concluded. Its numbers are those of the
arms, and what it says of them is chosen by them, so that the paragraph stays true when a verdict
turns.
"""

from __future__ import annotations

from collections.abc import Sequence

from experiments.check.claim import Arm
from lab.statistics.verdict import Verdict


def number(value: float) -> str:
    """Three significant digits; thousands in groups."""
    text = f"{value:.3g}"
    return f"{float(text):,.0f}" if 1e3 <= abs(value) < 1e6 else text


def percent(share: float) -> str:
    """A share in per cent."""
    return f"{100 * share:.3g} %"


def listed(words: Sequence[str]) -> str:
    """a, b and c."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def spread(values: Sequence[float]) -> str:
    """From the least to the largest, or the one value that all round to."""
    ends = number(min(values)), number(max(values))
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def pick(arms: Sequence[Arm], reading: str, name: str | None = None) -> Arm:
    """The arm of a reading, by its name where there are several."""
    return next(a for a in arms if a.reading == reading and name in (None, a.name))


def choose(verdict: Verdict, supported: str, not_supported: str, inconclusive: str) -> str:
    """The sentence that goes with a verdict."""
    return {
        Verdict.SUPPORTED: supported,
        Verdict.NOT_SUPPORTED: not_supported,
    }.get(verdict, inconclusive)
