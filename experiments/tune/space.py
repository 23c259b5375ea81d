"""Which values of which parameters `lab tune` tries.

An axis is written `name=a/b/c`, a list, or `name=low..high`, a range: on a logarithmic scale where
both ends are positive and a decade or more apart, in whole numbers where the parameter is one. The
axis `lr` is the initial rate; `0.1x` is a multiple of the scenario's own, so that scenarios with
different rates can share an answer.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from experiments.components import SCHEDULES
from experiments.request import Request
from experiments.tuning import GRID
from lab.component import Chosen
from lab.errors import RequestError, unknown
from lab.parameter import Parameter, written
from lab.simulation import Arm
from lab.spec import Spec, parse

LR = "lr"
#: Parameters that are searched when none are named, where a schedule has them.
USUAL: Mapping[str, tuple[float, ...]] = {
    "factor": (0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99),
    "F": (0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99),
    "patience": (0, 1, 2, 5, 10, 20),
    "gamma": (0.8, 0.9, 0.95, 0.98, 0.99, 0.995),
}
#: Points of a range in a grid, and in the table of sensitivity.
POINTS = 7
#: Combinations of a grid: what a person can have meant.
MOST = 20_000

#: Values of the axes by name: one thing to try.
Candidate = Mapping[str, Any]


@dataclass(frozen=True)
class Multiple:
    """A multiple of a scenario's own initial rate, written `0.1x`."""

    of: float

    def __str__(self) -> str:
        return f"{self.of:.4g}x"


@dataclass(frozen=True)
class Axis:
    """One parameter and the values to try.

    values: a list, ascending where they are numbers. span: the two ends of a range of numbers, None
    for words. whole: only whole numbers. multiple: values are multiples of the scenario's rate.
    """

    name: str
    values: tuple[Any, ...]
    span: tuple[float, float] | None
    whole: bool = False
    multiple: bool = False

    @property
    def logarithmic(self) -> bool:
        """Whether the range is searched on a logarithmic scale."""
        return self.span is not None and self.span[0] > 0.0 and self.span[1] >= 10.0 * self.span[0]

    def value(self, number: float) -> Any:
        """What a number on the axis stands for, to four digits: what is printed is what ran."""
        if self.whole:
            return int(number)
        rounded = float(f"{number:.4g}")
        return Multiple(rounded) if self.multiple else rounded

    def at_edge(self, value: Any) -> bool:
        """Whether a better value may lie beyond the two ends."""
        if self.span is None:
            return False
        return any(math.isclose(place(value), end, rel_tol=1e-3) for end in self.span)

    @property
    def text(self) -> str:
        """The axis as it is written."""
        return f"{self.name}={'/'.join(shown(value) for value in self.values)}"


@dataclass(frozen=True)
class Space:
    """A schedule as it was written, and the axes of the search.

    A candidate names a value of every axis; what it leaves out stays at its default. lr: the rate
    that all scenarios share, None where they differ.
    """

    spec: Spec
    axes: tuple[Axis, ...]
    lr: float | None

    @property
    def default(self) -> Candidate:
        """What the schedule does untuned: its own values, at the scenario's rate."""
        values = SCHEDULES.choose(self.spec).values
        return {
            axis.name: (Multiple(1.0) if axis.multiple else self.lr)
            if axis.name == LR
            else values[axis.name]
            for axis in self.axes
        }

    @property
    def grid(self) -> list[Candidate]:
        """Every combination of the values.

        Raises
        ------
        RequestError
            There are more of them than a person can have meant.
        """
        count = math.prod(len(axis.values) for axis in self.axes)
        if count > MOST:
            raise RequestError(
                f"vary: {count:,} combinations are too many for a grid (at most {MOST:,});"
                " --search tpe needs only some of them"
            )
        names = [axis.name for axis in self.axes]
        product = itertools.product(*(axis.values for axis in self.axes))
        return [dict(zip(names, values, strict=True)) for values in product]

    def schedule(self, candidate: Candidate) -> Chosen:
        """The schedule with a candidate's values."""
        changed = {
            name: written(value)
            for name, value in candidate.items()
            if name != LR and not isinstance(value, Spec)
        }
        return SCHEDULES.choose(Spec(self.spec.name, {**self.spec.values, **changed}))

    def arm(self, candidate: Candidate, request: Request) -> Arm:
        """The candidate in a scenario."""
        return Arm(self.schedule(candidate), request.optimizer, rate(candidate, request))

    def text(self, candidate: Candidate) -> str:
        """A candidate in words, without the rate."""
        parts = [f"{k}={shown(v)}" for k, v in candidate.items() if k != LR]
        return f"{self.spec.name}:{','.join(parts)}" if parts else self.spec.name


def rate(candidate: Candidate, request: Request) -> float:
    """The initial rate of a candidate in a scenario."""
    value = candidate.get(LR, Multiple(1.0))
    return value.of * request.lr if isinstance(value, Multiple) else float(value)


def shown(value: Any) -> str:
    """A value of an axis as it is written; numbers to five digits."""
    if isinstance(value, Multiple):
        return str(value)
    return f"{value:.5g}" if isinstance(value, float) else written(value)


def place(value: Any) -> float:
    """Where a value stands on an axis of numbers; infinite for one that is none, such as 10%."""
    if isinstance(value, Multiple):
        return value.of
    return float(value) if isinstance(value, int | float) else math.inf


def make_space(schedule: str, vary: Sequence[str], rates: Sequence[float]) -> Space:
    """The space to search: the axes given, or the rate and the parameters of `USUAL`.

    rates: the initial rates of the scenarios.

    Raises
    ------
    RequestError
        No such schedule or parameter, or a value that it does not allow; or rates in numbers where
        the scenarios have different ones.
    """
    spec = _parsed(schedule)
    known = {p.name: p for p in SCHEDULES.find(spec.name).parameters}
    if vary:
        axes = [_axis(text, spec.name, known) for text in vary]
    else:
        axes = [_listed(LR, [Multiple(m) for m in GRID], None)]
        axes += [
            _listed(name, list(values), known[name])
            for name, values in USUAL.items()
            if name in known and name not in spec.values
        ]
    names = [axis.name for axis in axes]
    for name in names:
        if names.count(name) > 1:
            raise RequestError(f"vary: {name} is given twice")
    shared = rates[0] if len(set(rates)) == 1 else None
    if shared is None and any(axis.name == LR and not axis.multiple for axis in axes):
        raise RequestError(
            "vary: the scenarios start from different rates; write lr in multiples, such as 0.1x/1x"
        )
    return Space(spec, tuple(axes), shared)


def _parsed(schedule: str) -> Spec:
    spec = parse(schedule)
    SCHEDULES.choose(spec)
    return Spec(SCHEDULES.find(spec.name).name, spec.values)


def _axis(text: str, schedule: str, known: Mapping[str, Parameter]) -> Axis:
    name, equals, given = text.partition("=")
    if not equals or not given:
        raise RequestError(f"vary: {text!r} is not allowed (write name=a/b/c or name=low..high)")
    if name != LR and name not in known:
        raise unknown("parameter", name, [LR, *known], f"schedule {schedule!r}")
    parameter = None if name == LR else known[name]
    low, dots, high = given.partition("..")
    if dots:
        return _range(name, _read([low, high], name, parameter), parameter)
    return _listed(name, _read(given.split("/"), name, parameter), parameter)


def _read(words: Sequence[str], name: str, parameter: Parameter | None) -> list[Any]:
    """The values that words stand for."""
    if parameter is not None:
        return [parameter.read(word, f"vary: {name}") for word in words]
    return [_rate(word) for word in words]


def _rate(word: str) -> Any:
    """A rate, or a multiple of the scenario's."""
    try:
        number = float(word.removesuffix("x"))
    except ValueError:
        number = math.nan
    if not 0.0 < number < math.inf:
        raise RequestError(f"vary: lr={word} is not allowed (allowed: 0.01, or a multiple, 0.1x)")
    return Multiple(number) if word.endswith("x") else number


def _listed(name: str, values: list[Any], parameter: Parameter | None) -> Axis:
    numbers = [v.of if isinstance(v, Multiple) else v for v in values]
    multiple = all(isinstance(v, Multiple) for v in values)
    plain = all(isinstance(n, int | float) and not isinstance(n, bool) for n in numbers)
    if len(set(values)) < len(values):
        raise RequestError(f"vary: {name} has a value twice")
    if not plain or (any(isinstance(v, Multiple) for v in values) and not multiple):
        return Axis(name, tuple(values), None)
    whole = parameter is not None and isinstance(parameter.default, int)
    order = sorted(range(len(values)), key=numbers.__getitem__)
    span = (float(numbers[order[0]]), float(numbers[order[-1]]))
    return Axis(
        name, tuple(values[i] for i in order), span if len(values) > 1 else None, whole, multiple
    )


def _range(name: str, given: Sequence[Any], parameter: Parameter | None) -> Axis:
    """A range between two values, with `POINTS` of it for a grid."""
    low, high = given
    ends = [v.of if isinstance(v, Multiple) else v for v in (low, high)]
    alike = isinstance(low, Multiple) == isinstance(high, Multiple)
    numeric = all(isinstance(e, int | float) and not isinstance(e, bool) for e in ends)
    if not (alike and numeric) or not -math.inf < ends[0] < ends[1] < math.inf:
        raise RequestError(
            f"vary: {name}={shown(low)}..{shown(high)} is no range (a lower and a higher number)"
        )
    whole = parameter is not None and isinstance(parameter.default, int)
    axis = Axis(name, (), (float(ends[0]), float(ends[1])), whole, isinstance(low, Multiple))
    points = [_between(axis, i / (POINTS - 1)) for i in range(POINTS)]
    values = dict.fromkeys(axis.value(round(p) if whole else p) for p in points)
    return Axis(name, tuple(values), axis.span, whole, axis.multiple)


def _between(axis: Axis, share: float) -> float:
    """The point at a share of the way from one end to the other."""
    assert axis.span is not None
    low, high = axis.span
    if share in (0.0, 1.0):
        return high if share else low
    if axis.logarithmic:
        ratio = high / low
        # Of more than 308 decades the ratio overflows.
        return low * ratio**share if ratio < math.inf else low ** (1.0 - share) * high**share
    return low + share * (high - low)
