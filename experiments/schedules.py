"""What a user may hand over as a schedule, from the command line or from Python."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from experiments.components import SCHEDULES
from lab.component import Chosen, Feedback, OpenLoop, PythonSchedule
from lab.errors import RequestError
from lab.foreign import declared
from lab.memory import require
from lab.scenario import rates_of
from lab.spec import Spec

#: What a rate takes while a table is made: itself and intermediate results.
TABLE_BYTES = 40


def choose_schedules(items: Iterable[Any]) -> tuple[tuple[Chosen, ...], tuple[str, ...]]:
    """The schedules that are meant, and how tables call them.

    An item is the text of the command line, a declaration (`OpenLoop`, `Feedback`,
    `PythonSchedule`), anything that `lab.foreign.declared` takes, or a pair of a name and one of
    these. Things without a name of their own that would be called the same are numbered.

    Raises
    ------
    RequestError
        An item is none of these, or what it asks for is wrong.
    """
    chosen, written = [], []
    for item in items:
        name, thing = item if isinstance(item, tuple) and len(item) == 2 else (None, item)
        if isinstance(thing, str) and (name or thing) in written:
            raise RequestError(f"schedule: {name or thing!r} is given twice")
        schedule = choose_schedule(thing, name)
        called = name or (thing if isinstance(thing, str) else schedule.component.name)
        if not (name or isinstance(thing, str)):
            called = _numbered(called, written)
        chosen.append(schedule)
        written.append(called)
    return tuple(chosen), tuple(written)


def choose_schedule(thing: Any, name: str | None = None) -> Chosen:
    """One schedule with its values; a declaration gets its defaults."""
    if isinstance(thing, str):
        return SCHEDULES.choose(thing)
    if isinstance(thing, OpenLoop | Feedback | PythonSchedule):
        return Chosen(thing, thing.read(Spec(thing.name)))
    return Chosen(declared(thing, name), {})


def tried(schedule: Chosen, lr: float, steps: int) -> Chosen:
    """The schedule itself, after a look at what it would do, so that a contradiction shows now.

    Raises
    ------
    RequestError
        Its values do not go together in such a run, its file is missing or too short, or its table
        does not fit into memory.
    """
    running = schedule.at(lr, steps)
    if isinstance(running.component, OpenLoop):
        require(TABLE_BYTES * steps, f"a table of {steps:,} rates", "take fewer steps")
        rates_of(running, lr, steps)
    return schedule


def remarks(
    schedule: Chosen, written: str, lr: float, steps: int, optimizer: str = ""
) -> list[str]:
    """What a careful reader would want to know before the numbers, of a run with `optimizer`."""
    lines = []
    floor = schedule.at(lr, steps).values.get("min_lr", 0.0)
    if isinstance(floor, float) and lr < floor:
        lines.append(
            f"{written}: the start rate {lr:g} lies below its min_lr {floor:g}, so the rate can"
            " rise but never fall"
        )
    if schedule.component.remark:
        lines.append(f"{written}: {schedule.component.remark}")
    made_for = getattr(schedule.component, "made_for", "")
    if made_for and optimizer not in ("", made_for):
        lines.append(
            f"{written}: its rate is made for {made_for}; with {optimizer} it multiplies another"
            " direction"
        )
    return lines


def _numbered(name: str, taken: list[str]) -> str:
    number = 1
    while (called := name if number == 1 else f"{name}-{number}") in taken:
        number += 1
    return called
