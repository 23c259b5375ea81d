"""How numbers are printed: the same everywhere."""

from __future__ import annotations

import math
from typing import Any

from lab.statistics.interval import Interval


def significant(value: float | None, digits: int = 3) -> str:
    """A number to some significant digits; +inf is a lane that diverged."""
    if value is None:
        return "-"
    if math.isinf(value):
        return "diverged"
    if value == 0.0:
        return "0"
    if 1e-3 <= abs(value) < 1e5:
        places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
        return f"{value:,.{places}f}"
    return f"{value:.{digits - 1}e}"


def ratio(value: float | None) -> str:
    """A ratio; infinite ones are said so, not called a divergence."""
    if value is None:
        return "-"
    return "inf" if math.isinf(value) else significant(value)


def with_interval(interval: Interval | None) -> str:
    """`estimate [low, high]`."""
    if interval is None or interval.estimate is None:
        return "-"
    if interval.low is None or interval.high is None:
        return ratio(interval.estimate)
    return f"{ratio(interval.estimate)} [{ratio(interval.low)}, {ratio(interval.high)}]"


def percent(fraction: float) -> str:
    """A fraction in per cent; a few are not rounded to none, nor nearly all to all."""
    if 0.0 < fraction < 0.001:
        return "<0.1 %"
    if 0.999 < fraction < 1.0:
        return ">99.9 %"
    return f"{100 * fraction:.3g} %"


def json_number(value: float | None) -> Any:
    """A number for JSON: infinity is the string "inf", undefined is null."""
    if value is None or math.isnan(value):
        return None
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return float(value)


def json_ends(interval: Interval | None) -> list[Any] | None:
    """Both ends of an interval for JSON; null where there are none."""
    if interval is None or interval.low is None or interval.high is None:
        return None
    return [json_number(interval.low), json_number(interval.high)]


def p_value(p: float) -> str:
    """A p-value to two digits; one below 0.0001 is only said to be so."""
    return "<0.0001" if p < 1e-4 else f"{p:.2g}"
