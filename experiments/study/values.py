"""The values of a study's axes and constants: each checked once, at the place it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from experiments.components import (
    CHANNELS,
    LANDSCAPES,
    NOISES,
    OPTIMIZERS,
    PERTURBATIONS,
    SCHEDULES,
)
from experiments.request import METRICS
from experiments.study.file import Document, shown
from lab.errors import LabError, RequestError, nearest, unknown
from lab.registry import Registry

#: What a cell is made of, in the order of its columns, with what stands where nothing is said.
DEFAULTS: dict[str, Any] = {
    "landscape": None,
    "noise": "none",
    "channel": "batch",
    "strength": 0.5,
    "steps": 200,
    "metric_every": 1,
    "metric": "last",
    "perturb": "none",
    "optimizer": "adam",
    "schedule": None,
    "lr": None,
}
#: Keys without a default; lr has one that depends on the optimizer and the landscape.
REQUIRED = ("landscape", "schedule")
REGISTRIES: dict[str, Registry] = {
    "landscape": LANDSCAPES,
    "noise": NOISES,
    "channel": CHANNELS,
    "perturb": PERTURBATIONS,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
}
#: The word for a study without perturbation.
NO_EVENT = "none"


@dataclass(frozen=True)
class Choice:
    """One value of one key.

    written: as it stands in the file, for columns and exclusions; of a component, its text or its
    name in the study. value: the checked component, number or word; None where the default depends
    on the cell, and for no perturbation.
    """

    written: Any
    value: Any


@dataclass(frozen=True)
class Axis:
    """Keys that vary together: `rows` holds their choices, one mapping a position."""

    place: str
    rows: tuple[Mapping[str, Choice], ...]


def read_axes(document: Document) -> tuple[dict[str, Choice], list[Axis]]:
    """The constants, with defaults, and the axes.

    Raises
    ------
    RequestError
        With the place in the file, the value, and what is allowed.
    """
    _check_places(document)
    reader = _Reader(document)
    constants = {name: reader.default(name) for name in DEFAULTS}
    for name, value in document.constants.items():
        constants[name] = reader.choice(name, value, f"constants.{name}")
    axes = []
    for name, values in document.axes.items():
        place = f"axes.{name}"
        axes.append(Axis(place, tuple({name: c} for c in reader.choices(name, values, place))))
    for i, together in enumerate(document.zip):
        place = f"zip[{i}]"
        columns = [reader.choices(n, values, f"{place}.{n}") for n, values in together.items()]
        rows = zip(*columns, strict=True)
        axes.append(Axis(place, tuple(dict(zip(together, row, strict=True)) for row in rows)))
    for axis in axes:
        _distinct(axis)
    reader.check_all_used()
    return constants, axes


def _check_places(document: Document) -> None:
    """Every key is known and is given in one place; what varies together is equally long."""
    places: dict[str, str] = {}
    for place, names in [
        ("constants", document.constants),
        ("axes", document.axes),
        *((f"zip[{i}]", axes) for i, axes in enumerate(document.zip)),
    ]:
        for name in names:
            check_key(f"{place}.{name}", name)
            if name in places:
                raise RequestError(f"{name} is given in {places[name]} and again in {place}")
            places[name] = place
    for i, axes in enumerate(document.zip):
        lengths = {name: len(values) for name, values in axes.items()}
        if len(set(lengths.values())) != 1:
            raise RequestError(f"zip[{i}]: axes that vary together differ in length: {lengths}")
    for name in REQUIRED:
        if name not in places:
            raise RequestError(f"{name} is given nowhere (put it under constants or axes)")


def check_key(path: str, name: str) -> None:
    """Refuse a key that cells do not have."""
    if name not in DEFAULTS:
        match = nearest(name, DEFAULTS)
        hint = f"; did you mean {match!r}?" if match else ""
        raise RequestError(f"unknown key {path!r}{hint} (allowed: {', '.join(DEFAULTS)})")


def _distinct(axis: Axis) -> None:
    """Refuse an axis with the same position twice, however it is spelled."""
    seen: dict[tuple[Any, ...], int] = {}
    for i, row in enumerate(axis.rows):
        key = tuple(getattr(c.value, "text", c.value) for c in row.values())
        if key in seen:
            written = ", ".join(shown(c.written) for c in row.values())
            raise RequestError(f"{axis.place}[{i}] = {written} is the same as number {seen[key]}")
        seen[key] = i


class _Reader:
    """Turns what is written into choices; knows the study's own names for components."""

    def __init__(self, document: Document) -> None:
        self.named = document.components
        self.used: set[str] = set()

    def default(self, name: str) -> Choice:
        written = DEFAULTS[name]
        return self.choice(name, written, name) if written is not None else Choice(None, None)

    def choices(self, name: str, values: list[Any], place: str) -> list[Choice]:
        return [self.choice(name, v, f"{place}[{i}]") for i, v in enumerate(values)]

    def choice(self, name: str, written: Any, place: str) -> Choice:
        if name in REGISTRIES:
            return self._component(name, written, place)
        return Choice(written, PLAIN[name](written, f"{place} = {shown(written)}"))

    def _component(self, name: str, written: Any, place: str) -> Choice:
        if not isinstance(written, str):
            raise RequestError(f"{place} = {shown(written)} is not allowed: a {name} is needed")
        if name == "perturb" and written == NO_EVENT:
            return Choice(written, None)
        registry = REGISTRIES[name]
        text = written
        if written in self.named:
            self.used.add(written)
            text = self.named[written]
            if written in registry.all():
                raise RequestError(
                    f"components.{written}: that is the name of a {registry.kind} already"
                )
            place = f"components.{written} = {shown(text)}, used by {place}"
        else:
            place = f"{place} = {shown(written)}"
        try:
            return Choice(written, registry.choose(text))
        except LabError as error:
            raise RequestError(f"{place}: {error}") from error

    def check_all_used(self) -> None:
        for name in self.named:
            if name not in self.used:
                raise RequestError(f"components.{name} is used by no axis and no constant")


def _within(low: float, closed: bool) -> Callable[[Any, str], float]:
    """A check for numbers from `low` on."""

    def check(value: Any, place: str) -> float:
        number = isinstance(value, int | float) and abs(value) < 1e308
        if not number or not (value >= low if closed else value > low):
            bracket = "[" if closed else "("
            raise RequestError(f"{place} is not allowed: a number in {bracket}{low:g}, inf)")
        return float(value)

    return check


def _whole(value: Any, place: str) -> int:
    if not isinstance(value, int) or not 1 <= value < 2**31:
        raise RequestError(f"{place} is not allowed: a whole number from 1 to {2**31 - 1}")
    return value


def _metric(value: Any, place: str) -> str:
    if value not in METRICS:
        raise RequestError(f"{place}: {unknown('metric', str(value), METRICS)}")
    return value


#: How values that are no components are checked.
PLAIN: dict[str, Callable[[Any, str], Any]] = {
    "strength": _within(0.0, closed=True),
    "lr": _within(0.0, closed=False),
    "steps": _whole,
    "metric_every": _whole,
    "metric": _metric,
}


def check_exclusions(document: Document, offered: Mapping[str, list[Any]]) -> None:
    """Every exclusion speaks of keys and values that there are.

    offered: the written values of each key.

    Raises
    ------
    RequestError
        With the place, and the nearest value.
    """
    for place, name, value in _excluded(document):
        check_key(place, name)
        if value not in offered[name]:
            words = [str(v) for v in offered[name]]
            match = nearest(str(value), words)
            hint = f"; did you mean {match!r}?" if match else ""
            raise RequestError(
                f"{place} = {shown(value)} is no value of {name}{hint}"
                f" (there are: {', '.join(words[:20])})"
            )


def _excluded(document: Document) -> Iterator[tuple[str, str, Any]]:
    for i, rule in enumerate(document.exclude):
        for name, wanted in rule.items():
            place = f"exclude[{i}].{name}"
            if not isinstance(wanted, list):
                yield place, name, wanted
                continue
            for k, value in enumerate(wanted):
                yield f"{place}[{k}]", name, value
