"""The parameters of GreedyLR that an ablation turns, and the range of each.

A knob takes a number u, uniform on [0, 1), to a value of its parameter:

    gap    1 - parameter is log-uniform: a factor of 0.99 and one of 0.9 differ as 0.9 and 0.5 do
    log    the parameter is log-uniform
    share  the same, as a multiple of the scenario's initial rate: scenarios start from other rates
    count  a whole number n from low to high, with n + 1 - low log-uniform before it is rounded down

The ranges reach from where a parameter all but vanishes to where it dominates a run of some hundred
steps, the released values inside. `window_size` 1 is no smoothing. A `reset_start` of 0 does what 1
does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.components import SCHEDULES
from lab.component import Chosen
from lab.errors import RequestError
from lab.spec import Spec, parse

WINDOW = "window_size"


@dataclass(frozen=True)
class Knob:
    """One parameter with its range; `scale` is explained above."""

    name: str
    scale: str
    low: float
    high: float

    def value(self, u: float) -> float:
        """The number that u stands for, to four digits: what is printed is what ran."""
        if self.scale == "count":
            return np.floor((self.high - self.low + 2.0) ** u) - 1.0 + self.low
        if self.scale == "gap":
            return 1.0 - _rounded((1.0 - self.low) * ((1.0 - self.high) / (1.0 - self.low)) ** u)
        return _rounded(self.low * (self.high / self.low) ** u)

    def text(self, value: float) -> str:
        """A value as a component's parameter is written."""
        return f"{100.0 * value:.6g}%" if self.scale == "share" else f"{value:.6g}"

    @property
    def range(self) -> str:
        """The range in words."""
        unit = "x" if self.scale == "share" else ""
        return f"{self.low:g}{unit} to {self.high:g}{unit}"


KNOBS = (
    Knob("factor", "gap", 0.5, 0.99),
    Knob("patience", "count", 0, 50),
    Knob("threshold", "log", 1e-10, 1e-1),
    Knob("cooldown", "count", 0, 50),
    Knob("warmup", "count", 0, 50),
    Knob(WINDOW, "count", 1, 50),
    Knob("min_lr", "share", 1e-4, 1.0),
    Knob("max_lr", "share", 1.0, 100.0),
    Knob("reset_start", "count", 1, 500),
)


def knobs_of(schedule: str) -> tuple[Knob, ...]:
    """The knobs that a schedule has and that its text does not set.

    Raises
    ------
    RequestError
        No such schedule, or it has none of them.
    """
    spec = parse(schedule)
    SCHEDULES.choose(spec)
    names = {parameter.name for parameter in SCHEDULES.find(spec.name).parameters}
    free = names - set(spec.values)
    if "smooth" not in free:
        free -= {WINDOW}
    found = tuple(knob for knob in KNOBS if knob.name in free)
    if not found:
        every = ", ".join(knob.name for knob in KNOBS)
        raise RequestError(f"schedule: {schedule!r} leaves no parameter to turn (known: {every})")
    return found


def turned(schedule: str, knobs: Sequence[Knob], values: Sequence[float]) -> Chosen:
    """The schedule with the knobs at some values; NaN leaves a parameter as the schedule has it."""
    return SCHEDULES.choose(turned_spec(schedule, knobs, values))


def turned_spec(schedule: str, knobs: Sequence[Knob], values: Sequence[float]) -> Spec:
    """The same as it is written."""
    spec = parse(schedule)
    given: dict[str, str | Spec] = dict(spec.values)
    for knob, value in zip(knobs, values, strict=True):
        if np.isnan(value):
            continue
        if knob.name == WINDOW:
            given["smooth"] = "true" if value > 1.0 else "false"
        if knob.name != WINDOW or value > 1.0:
            given[knob.name] = knob.text(float(value))
    return Spec(spec.name, given)


def _rounded(number: float) -> float:
    return float(f"{number:.4g}")
