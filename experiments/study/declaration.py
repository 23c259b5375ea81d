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
perturb = ["none", "kick:at=100,size=1"]

[[zip]]                           # axes that vary together
strength = [0.1, 1.0]
steps = [200, 400]

[[exclude]]                       # cells that are left out: those that agree with all of it
noise = "spikes"
strength = 1.0

[keep]
rows = true                       # a row a lane
bands = 40                        # quantiles at so many log-spaced steps; "all" or 0
losses = [20, 100]                # steps whose loss each row has
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from experiments.request import choose_event
from experiments.schedules import tried
from experiments.study.file import Document, read_document, read_toml
from experiments.study.values import NO_EVENT, Axis, Choice, check_exclusions, read_axes
from lab.component import Chosen
from lab.errors import LabError, RequestError
from lab.simulation import Arm, Cadence, Scenario
from lab.store.manifest import identity_hash

#: Combinations of a study's axes, excluded ones counted: what a person can have meant.
MOST_CELLS = 1_000_000


@dataclass(frozen=True)
class Cell:
    """All lanes that share everything but the seed; components as they are written in the study."""

    landscape: str
    noise: str
    channel: str
    strength: float
    steps: int
    metric_every: int
    metric: str
    perturb: str
    optimizer: str
    schedule: str
    lr: float


@dataclass(frozen=True)
class Group:
    """Cells that run together: one scenario, an arm a cell. `first` is the first cell's number."""

    scenario: Scenario
    steps: int
    cadence: Cadence
    perturbations: tuple[Chosen, ...]
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
    def perturbed(self) -> bool:
        """Whether any cell has an event."""
        return any(group.perturbations for group in self.groups)

    @property
    def remarks(self) -> list[str]:
        """What a careful reader would want to know before the numbers."""
        found = {
            cell.schedule: arm.schedule.component.remark
            for group in self.groups
            for cell, arm in zip(group.cells, group.arms, strict=True)
            if arm.schedule.component.remark
        }
        return [f"{written}: {remark}" for written, remark in found.items()]

    @property
    def lane_steps(self) -> int:
        """Steps of all lanes of all cells."""
        return sum(len(g.cells) * g.steps for g in self.groups) * self.document.seeds

    def identity(self) -> dict[str, Any]:
        """All that determines the rows, as plain JSON values; the cells as a digest."""
        return {
            "experiment": "sweep",
            "seeds": self.document.seeds,
            "seed": self.document.seed,
            "keep": self.document.keep.model_dump(),
            "cells": self.cells,
            "cells_sha256": self._digest,
        }

    @cached_property
    def hash(self) -> str:
        """Ten hexadecimal digits of the identity."""
        return identity_hash(self.identity())

    @cached_property
    def _digest(self) -> str:
        """Digest of all cells, as they are written and with every default filled in."""
        state = hashlib.sha256()
        for group in self.groups:
            for cell, arm in zip(group.cells, group.arms, strict=True):
                state.update(json.dumps([list(vars(cell).values()), _full(group, arm)]).encode())
        return state.hexdigest()

    def components(self) -> dict[str, dict[str, str]]:
        """What each written component stands for: its text with all parameters, by key."""
        found: dict[str, dict[str, str]] = {}
        for group in self.groups:
            for cell, arm in zip(group.cells, group.arms, strict=True):
                for key, text in _full(group, arm).items():
                    found.setdefault(key, {})[getattr(cell, key)] = text
        return found


def _full(group: Group, arm: Arm) -> dict[str, str]:
    """The components of a cell with all their parameters, and digests of files, by key."""
    return {
        "landscape": group.scenario.landscape.identity,
        "noise": group.scenario.noise.identity,
        "channel": group.scenario.channel.identity,
        "perturb": " ".join(event.identity for event in group.perturbations),
        "optimizer": arm.optimizer.identity,
        "schedule": arm.schedule.identity,
    }


def read_study(path: str | Path) -> Study:
    """Read and check a study file.

    Raises
    ------
    RequestError
        With the file, the line or key path, the value, and what is allowed.
    """
    file = Path(path)
    return make_study(file.stem, read_toml(file), str(path))


def make_study(name: str, content: Mapping[str, Any], where: str) -> Study:
    """Check the content of a study file; `where` names it in messages.

    Raises
    ------
    RequestError
        As `read_study`.
    """
    try:
        document = read_document(content)
        constants, axes = read_axes(document)
        _check_size(axes)
        check_exclusions(document, _offered(constants, axes))
        groups = _grouped(_cells(document, constants, axes))
        if not groups:
            raise RequestError("every cell is excluded")
        _check_rates(groups)
        _check_losses(document, groups)
    except LabError as error:
        raise RequestError(f"study {where!r}: {error}") from error
    return Study(name, document, groups)


def _check_size(axes: Sequence[Axis]) -> None:
    count = math.prod(len(axis.rows) for axis in axes)
    if count > MOST_CELLS:
        sizes = ", ".join(f"{axis.place} {len(axis.rows)}" for axis in axes)
        raise RequestError(f"{count:,} combinations ({sizes}), more than {MOST_CELLS:,}")


def _check_rates(groups: Sequence[Group]) -> None:
    """Every schedule has a rate for every step of its cells."""
    seen: set[tuple[str, float, int]] = set()
    for group in groups:
        for cell, arm in zip(group.cells, group.arms, strict=True):
            key = (cell.schedule, arm.lr, group.steps)
            if key not in seen:
                seen.add(key)
                with _in_cell(cell):
                    tried(arm.schedule, arm.lr, group.steps)


@contextmanager
def _in_cell(cell: Cell) -> Iterator[None]:
    """Say of an error in which cell it is."""
    try:
        yield
    except LabError as error:
        spelled = ", ".join(f"{name} {value}" for name, value in vars(cell).items())
        raise RequestError(f"the cell {spelled}: {error}") from error


def _check_losses(document: Document, groups: Sequence[Group]) -> None:
    """The steps whose losses are kept exist in every cell."""
    shortest = min(group.steps for group in groups)
    for i, step in enumerate(document.keep.losses):
        if step > shortest:
            raise RequestError(
                f"keep.losses[{i}] = {step} lies beyond step {shortest}, the last one of a cell"
            )
        if step in document.keep.losses[:i]:
            raise RequestError(f"keep.losses[{i}] = {step} is there already")


def _offered(constants: Mapping[str, Choice], axes: Sequence[Axis]) -> dict[str, list[Any]]:
    """The written values of every key."""
    offered = {name: [choice.written] for name, choice in constants.items()}
    for axis in axes:
        for name in axis.rows[0]:
            offered[name] = [row[name].written for row in axis.rows]
    return offered


def _cells(
    document: Document, constants: Mapping[str, Choice], axes: Sequence[Axis]
) -> Iterator[dict[str, Choice]]:
    """Every combination of the axes that no exclusion matches."""
    for combination in itertools.product(*(axis.rows for axis in axes)):
        cell = dict(constants)
        for row in combination:
            cell |= row
        if not any(_matches(rule, cell) for rule in document.exclude):
            yield cell


def _matches(rule: Mapping[str, Any], cell: Mapping[str, Choice]) -> bool:
    return all(
        cell[key].written in (wanted if isinstance(wanted, list) else [wanted])
        for key, wanted in rule.items()
    )


def _grouped(cells: Iterator[dict[str, Choice]]) -> tuple[Group, ...]:
    """Cells that share all but schedule, optimizer and rate, in the order of first appearance."""
    gathered: dict[tuple[Any, ...], list[dict[str, Choice]]] = {}
    for choices in cells:
        key = tuple(c.written for name, c in choices.items() if name not in ARM_KEYS)
        gathered.setdefault(key, []).append(choices)
    groups: list[Group] = []
    first = 0
    for members in gathered.values():
        groups.append(_group(members, first))
        first += len(members)
    return tuple(groups)


#: What may differ between the cells of a group.
ARM_KEYS = ("schedule", "optimizer", "lr")


def _group(members: Sequence[dict[str, Choice]], first: int) -> Group:
    value = {name: choice.value for name, choice in members[0].items()}
    scenario = Scenario(value["landscape"], value["noise"], value["channel"], value["strength"])
    base_lr = scenario.facts.base_lr
    pairs = [_cell(choices, base_lr) for choices in members]
    return Group(
        scenario,
        value["steps"],
        Cadence(value["metric_every"], value["metric"]),
        () if value["perturb"] is None else (value["perturb"],),
        tuple(arm for _, arm in pairs),
        tuple(cell for cell, _ in pairs),
        first,
    )


def _cell(choices: Mapping[str, Choice], base_lr: float) -> tuple[Cell, Arm]:
    """A cell and how it runs.

    Raises
    ------
    RequestError
        The values do not go together.
    """
    optimizer, lr = choices["optimizer"].value, choices["lr"].value
    if lr is None:
        default = optimizer.component.default_lr
        lr = base_lr if default is None else default
    values = {n: c.written if isinstance(c.written, str) else c.value for n, c in choices.items()}
    cell = Cell(**{**values, "lr": lr})
    if cell.perturb != NO_EVENT:
        with _in_cell(cell):
            choose_event(choices["perturb"].value.text, cell.steps)
    return cell, Arm(choices["schedule"].value, optimizer, lr)
