"""An estimate with its uncertainty."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """An estimate, an interval around it, and what both rest on.

    Parameters
    ----------
    estimate, low, high:
        Numbers that may be infinite but never NaN; None where undefined. `low` and `high` are None
        together.
    n:
        Number of seeds (for paired data, of pairs).
    note:
        What is unusual: why something is None, or why the interval means less than it seems. Empty
        in the ordinary case.
    confidence:
        Probability with which the procedure covers the true value.
    """

    estimate: float | None
    low: float | None
    high: float | None
    n: int
    note: str = ""
    confidence: float = 0.95
