"""A study: a declared grid of cells, written as a TOML file that a person can read.

title = "GreedyLR on Rosenbrock"
seeds = 1000

[components]                      # short names for long components
g5 = "greedy:patience=5"

[constants]                       # the same in every cell
optimizer = "adam"
lr = 0.01

[axes]                            # every combination is a cell
landscape = ["rosenbrock", "rosenbrock:dim=5"]
noise = ["gaussian", "spikes"]
schedule = ["g5", "cosine"]

[[zip]]                           # axes that vary together
strength = [0.1, 1.0]
steps = [200, 400]

[[exclude]]                       # cells that are left out
noise = "spikes"
strength = 1.0

[keep]
rows = true                       # a row a lane
bands = 40                        # quantiles at so many log-spaced steps; "all" or 0
"""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from experiments.components import CHANNELS, LANDSCAPES, NOISES, OPTIMIZERS, SCHEDULES
from experiments.request import METRICS
from lab.component import Chosen
from lab.errors import LabError, RequestError, nearest
from lab.simulation import Arm, Cadence, Scenario
from lab.store.manifest import identity_hash

Number = Annotated[float, Field(allow_inf_nan=False, strict=False)]
Word = Annotated[str, Field(min_length=1)]
Value = str | float | int

#: What a cell is made of, in the order of its columns, with what stands where nothing is said.
KEYS: dict[str, Any] = {
    "landscape": None,
    "noise": "none",
    "channel": "batch",
    "strength": 0.5,
    "steps": 200,
    "metric_every": 1,
    "metric": "last",
    "optimizer": "adam",
    "schedule": None,
    "lr": None,
}


class Keep(BaseModel):
    """What a study keeps of its lanes."""

    model_config = ConfigDict(extra="forbid")

    rows: bool = True
    bands: Literal["all"] | Annotated[int, Field(ge=0, le=10_000)] = 40


class Document(BaseModel):
    """The study file, as far as types go."""

    model_config = ConfigDict(extra="forbid")

    title: str = ""
    seeds: Annotated[int, Field(ge=1, lt=2**39)] = 1000
    seed: Annotated[int, Field(ge=0, lt=2**64)] = 0
    components: dict[Word, Word] = {}
    constants: dict[Word, Value] = {}
    axes: dict[Word, Annotated[list[Value], Field(min_length=1)]] = {}
    zip: list[dict[Word, Annotated[list[Value], Field(min_length=1)]]] = []
    exclude: list[dict[Word, Value | list[Value]]] = []
    keep: Keep = Keep()


@dataclass(frozen=True)
class Cell:
    """All lanes that share everything but the seed, as text and numbers."""

    landscape: str
    noise: str
    channel: str
    strength: float
    steps: int
    metric_every: int
    metric: str
    optimizer: str
    schedule: str
    lr: float


@dataclass(frozen=True)
class Group:
    """Cells that run together: one scenario, an arm a cell."""

    scenario: Scenario
    steps: int
    cadence: Cadence
    arms: tuple[Arm, ...]
    cells: tuple[Cell, ...]
    first: int


@dataclass(frozen=True)
class Study:
    """A checked study: its document, and its cells in groups that share their draws."""

    name: str
    document: Document
    groups: tuple[Group, ...]

    @property
    def cells(self) -> int:
        """Number of cells."""
        return sum(len(group.cells) for group in self.groups)

    @property
    def lane_steps(self) -> int:
        """Steps of all lanes of all cells."""
        return sum(len(g.cells) * g.steps for g in self.groups) * self.document.seeds

    def identity(self) -> dict[str, Any]:
        """All that determines the numbers: the cells with every default filled in."""
        return {
            "experiment": "sweep",
            "seeds": self.document.seeds,
            "seed": self.document.seed,
            "keep": self.document.keep.model_dump(),
            "cells": [list(vars(cell).values()) for g in self.groups for cell in g.cells],
        }

    @property
    def hash(self) -> str:
        """Ten hexadecimal digits of the identity."""
        return identity_hash(self.identity())


def read_study(path: str | Path) -> Study:
    """Read and check a study file.

    Raises
    ------
    RequestError
        With the file, the line or key path, the value, and what is allowed.
    """
    file = Path(path)
    try:
        content = tomllib.loads(file.read_bytes().decode("utf-8"))
    except OSError as error:
        raise RequestError(f"study {str(path)!r} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise RequestError(f"study {str(path)!r} is not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise RequestError(f"study {str(path)!r} is not TOML: {error}") from error
    return make_study(file.stem, content, str(path))


def make_study(name: str, content: Mapping[str, Any], where: str) -> Study:
    """Check the content of a study file; `where` names it in messages."""
    try:
        document = Document.model_validate(content)
    except ValidationError as error:
        raise RequestError(f"study {where!r}: {_first(error, content)}") from error
    try:
        _check_keys(document)
        groups = _grouped(_cells(document))
    except LabError as error:
        raise RequestError(f"study {where!r}: {error}") from error
    if not groups:
        raise RequestError(f"study {where!r}: every cell is excluded")
    return Study(name, document, groups)


def _first(error: ValidationError, content: Mapping[str, Any]) -> str:
    """The first complaint of a validation as one line with its key path."""
    found = error.errors()[0]
    path = "".join(
        f"[{p}]" if isinstance(p, int) else f".{p}" for p in _real(found["loc"], content)
    )
    if found["type"] == "extra_forbidden":
        key = str(found["loc"][-1])
        model = Keep if len(found["loc"]) > 1 else Document
        match = nearest(key, model.model_fields)
        hint = f"; did you mean {match!r}?" if match else ""
        return f"unknown key {path[1:]!r}{hint} (allowed: {', '.join(model.model_fields)})"
    return f"{path[1:]} = {found['input']!r} is not allowed: {found['msg']}"


def _real(location: Sequence[Any], content: Any) -> Iterator[Any]:
    """The parts of a location that exist in the file; union branches of the model do not."""
    for part in location:
        try:
            content = content[part]
        except (KeyError, IndexError, TypeError):
            content = None
        if content is None and part not in Document.model_fields and part not in Keep.model_fields:
            continue
        yield part


def _check_keys(document: Document) -> None:
    """Every axis and constant is known, and is given in one place only."""
    places: dict[str, str] = {}
    for place, names in [
        ("constants", document.constants),
        ("axes", document.axes),
        *((f"zip[{i}]", axes) for i, axes in enumerate(document.zip)),
    ]:
        for name in names:
            _known(f"{place}.{name}", name)
            if name in places:
                raise RequestError(f"{name} is given in {places[name]} and again in {place}")
            places[name] = place
    for i, axes in enumerate(document.zip):
        lengths = {name: len(values) for name, values in axes.items()}
        if len(set(lengths.values())) > 1:
            raise RequestError(f"zip[{i}]: axes that vary together differ in length: {lengths}")
    for i, rule in enumerate(document.exclude):
        for name in rule:
            _known(f"exclude[{i}].{name}", name)
    for name, default in KEYS.items():
        if default is None and name != "lr" and name not in places:
            raise RequestError(f"{name} is given nowhere (put it under constants or axes)")


def _known(path: str, name: str) -> None:
    if name not in KEYS:
        match = nearest(name, KEYS)
        hint = f"; did you mean {match!r}?" if match else ""
        raise RequestError(f"unknown key {path!r}{hint} (allowed: {', '.join(KEYS)})")


def _cells(document: Document) -> Iterator[dict[str, Any]]:
    """Every combination of the axes that no exclusion matches; named components stand written out.

    Exclusions see the values as they are written in the file.
    """
    base = {**KEYS, **document.constants}
    axes = [[{name: value} for value in values] for name, values in document.axes.items()]
    for together in document.zip:
        rows = zip(*together.values(), strict=True)
        axes.append([dict(zip(together, row, strict=True)) for row in rows])
    for combination in itertools.product(*axes):
        cell = dict(base)
        for part in combination:
            cell |= part
        if not any(_matches(rule, cell) for rule in document.exclude):
            yield {key: document.components.get(value, value) if isinstance(value, str) else value
                   for key, value in cell.items()}  # fmt: skip


def _matches(rule: Mapping[str, Any], cell: Mapping[str, Any]) -> bool:
    return all(
        cell[key] in (wanted if isinstance(wanted, list) else [wanted])
        for key, wanted in rule.items()
    )


class _Memo:
    """Components by their text: a grid names few of them many times."""

    def __init__(self) -> None:
        self.chosen: dict[tuple[str, str], Chosen] = {}

    def __call__(self, registry: Any, text: Any) -> Chosen:
        key = (registry.kind, str(text))
        if key not in self.chosen:
            self.chosen[key] = registry.choose(str(text))
        return self.chosen[key]


def _grouped(cells: Iterator[dict[str, Any]]) -> tuple[Group, ...]:
    """Cells that share scenario, steps and cadence, in the order of their first appearance."""
    choose = _Memo()
    gathered: dict[tuple[Any, ...], list[tuple[Cell, Arm]]] = {}
    scenarios: dict[tuple[Any, ...], Scenario] = {}
    for raw in cells:
        landscape, noise = choose(LANDSCAPES, raw["landscape"]), choose(NOISES, raw["noise"])
        channel, optimizer = choose(CHANNELS, raw["channel"]), choose(OPTIMIZERS, raw["optimizer"])
        schedule = choose(SCHEDULES, raw["schedule"])
        strength = _number("strength", raw["strength"], 0.0, closed=True)
        steps = _whole("steps", raw["steps"])
        every = _whole("metric_every", raw["metric_every"])
        if raw["metric"] not in METRICS:
            raise RequestError(f"metric = {raw['metric']!r} is not allowed: {', '.join(METRICS)}")
        lr = raw["lr"]
        if lr is None:
            default = optimizer.component.default_lr
            facts = landscape.component.facts(landscape.values)
            lr = facts.base_lr if default is None else default
        lr = _number("lr", lr, 0.0)
        schedule.at(lr, steps)
        cell = Cell(landscape.text, noise.text, channel.component.name, strength, steps, every,
                    raw["metric"], optimizer.text, str(raw["schedule"]), lr)  # fmt: skip
        key = (cell.landscape, cell.noise, cell.channel, strength, steps, every, cell.metric)
        scenarios.setdefault(key, Scenario(landscape, noise, channel, strength))
        gathered.setdefault(key, []).append((cell, Arm(schedule, optimizer, lr)))
    groups: list[Group] = []
    first = 0
    for key, members in gathered.items():
        group_cells = tuple(cell for cell, _ in members)
        if len(set(group_cells)) < len(group_cells):
            double = next(c for c in group_cells if group_cells.count(c) > 1)
            raise RequestError(f"a cell occurs twice: {double}")
        cadence = Cadence(key[5], key[6])
        arms = tuple(arm for _, arm in members)
        groups.append(Group(scenarios[key], key[4], cadence, arms, group_cells, first))
        first += len(group_cells)
    return tuple(groups)


def _number(name: str, value: Any, low: float, closed: bool = False) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not (value >= low if closed else value > low):
        raise RequestError(f"{name} = {value!r} is not allowed: a number, at least {low:g}")
    return float(value)


def _whole(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise RequestError(f"{name} = {value!r} is not allowed: a whole number from 1")
    return value
