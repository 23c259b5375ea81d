"""Schedules that are Python objects: one object a lane, told the loss and asked for the rate.

In a run they are stages like compiled ones, called block by block, so that a lane's numbers do not
depend on the threads or on what runs beside it; only the speed is Python's.
"""

from __future__ import annotations

import inspect
import math
import reprlib
import traceback
from collections.abc import Callable, MutableSequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from lab.component import Chosen
from lab.engine.callback import python_stage
from lab.engine.stage import Rows, Stage
from lab.errors import PASSING, WorkError, said
from lab.plugin import aside

Cells = MutableSequence[float]


def new_object(schedule: Chosen, lr: float, lane: int) -> Any:
    """The object of one lane, from the lane's initial rate.

    Raises
    ------
    WorkError
        The factory failed, or what it made has no `step`; the message names it and the lane.
    """
    factory = schedule.component.factory
    called = getattr(factory, "__name__", type(factory).__name__)
    try:
        made = factory(lr, **schedule.values)
        step = getattr(made, "step", None)
    except PASSING:
        raise
    except BaseException as error:
        raise _failed(schedule, called, lane, f"cannot be made: {_line(error)}") from error
    if not callable(step):
        raise _failed(schedule, type(made).__name__, lane, "has no method step(loss)")
    if inspect.iscoroutinefunction(step):
        raise _failed(schedule, type(made).__name__, lane, "has a step that is async")
    return made


def next_rate(schedule: Chosen, made: Any, loss: float, lane: int, step: int) -> float:
    """The rate that the object of one lane answers to the loss of a step.

    Raises
    ------
    WorkError
        Its `step` failed, or returned something that is no rate; the message names the class, the
        lane and the step.
    """
    try:
        answer = made.step(loss)
    except PASSING:
        raise
    except BaseException as error:
        what, cause = f"raised {_line(error)}", error
    else:
        try:
            rate = float(answer) if hasattr(answer, "__float__") else math.nan
        except PASSING:
            raise
        except BaseException:
            rate = math.nan
        if 0.0 < rate < math.inf:
            return rate
        shown = reprlib.repr(answer)
        what, cause = f"returned {shown}, which is no rate (a finite number above 0)", None
    where = f"{lane}, step {step}"
    raise _failed(schedule, type(made).__name__, where, f"step({loss!r}) {what}") from cause


def quietly(schedule: Chosen) -> AbstractContextManager[None]:
    """Where the objects of a plug-in work; those that a script hands over print as it likes.

    For many calls at a time: it takes as long as a call.
    """
    return aside if schedule.component.file else nullcontext()


def _failed(schedule: Chosen, name: str, where: object, what: str) -> WorkError:
    return WorkError(f"schedule {schedule.component.name!r}: {name} in lane {where}: {what}")


def _line(error: BaseException) -> str:
    """An exception in one line, with the place that raised it."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{said(error)} ({Path(last.filename).name} line {last.lineno})"


class PythonLanes:
    """The objects of one arm, and the stages through which they take part in a run.

    Once an object has failed, `failure` holds why, and no object is called any more.
    """

    def __init__(self, schedule: Chosen, first: int, lanes: int) -> None:
        self.schedule = schedule
        self.end = first + lanes
        self.blocks: dict[int, list[Any]] = {}
        self.failure: BaseException | None = None

    def begin(self, lr: Rows) -> Stage:
        """Before the first step: an object for each lane, from its initial rate."""

        def make(lane: int, step: int, rates: Cells) -> None:
            count = min(len(rates), self.end - lane)
            self.blocks[lane] = [
                new_object(self.schedule, rates[k], lane + k) for k in range(count)
            ]

        return python_stage(self._guarded(make), (lr,))

    def act(self, metric: Rows, lr: Rows, diverged: Rows, every: int) -> Stage:
        """After a step: each lane that has not diverged hears its loss and sets its rate."""

        def ask(lane: int, step: int, losses: Cells, rates: Cells, ends: Cells) -> None:
            for k, made in enumerate(self.blocks[lane]):
                if ends[k] > step:
                    rates[k] = next_rate(self.schedule, made, losses[k], lane + k, step)

        return python_stage(self._guarded(ask), (metric, lr, diverged), every)

    def end_block(self) -> Stage:
        """After the last step: the block's objects are let go."""

        def drop(lane: int, step: int) -> None:
            del self.blocks[lane]

        return python_stage(self._guarded(drop), ())

    def check(self) -> None:
        """Raise what an object raised."""
        if self.failure is not None:
            raise self.failure

    def _guarded(self, function: Callable[..., None]) -> Callable[..., None]:
        """The function with what it raises kept for `check`."""

        def call(*arguments: Any) -> None:
            if self.failure is None:
                try:
                    with quietly(self.schedule):
                        function(*arguments)
                except BaseException as error:
                    self.failure = error

        return call
