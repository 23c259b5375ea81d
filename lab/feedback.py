"""The stages of a feedback schedule: what it hears, the trial points it asks for, when it acts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lab.component import Feedback
from lab.engine import aside, builtin
from lab.engine.plan import Program
from lab.engine.stage import Rows, Stage, Value, argument_names, bind
from lab.engine.state import allocate
from lab.engine.workspace import Layout
from lab.errors import RequestError
from lab.python_lanes import PythonLanes
from lab.scenario import Arm, Cadence

#: Stages that act before the step, and after it.
Acts = tuple[list[Stage], list[Stage]]


@dataclass(frozen=True)
class Surroundings:
    """What a schedule's stages need of the arm around it.

    fields: rows and numbers by name. memory: the optimizer's, and its numbers. oracle: the stages
    that evaluate the landscape on rows in place of the iterate's own. spread: the stages that give
    a row of initial rates those of the lanes. known_minimum: whether the number `minimum` is f*.
    """

    arm: Arm
    cadence: Cadence
    layout: Layout
    program: Program
    fields: Mapping[str, Value]
    memory: Mapping[str, Value]
    oracle: Callable[[Mapping[str, Value]], list[Stage]]
    spread: Callable[[Value], list[Stage]]
    known_minimum: bool


def acts(around: Surroundings) -> Acts:
    """The stages of a compiled feedback schedule.

    Raises
    ------
    RequestError
        It asks for f* of a landscape whose f* is unknown.
    """
    schedule, values = around.arm.schedule.component, around.arm.schedule.values
    if "minimum" in asked(schedule) and not around.known_minimum:
        raise RequestError(
            f"schedule {schedule.name!r} needs the minimum of the landscape, which is unknown here"
        )
    stages, given, every = _heard(around, {**around.fields, **_own(around)})
    if schedule.judge is None:
        stages.append(bind(schedule.kernel, given, every))
    else:
        given["searching"] = around.layout.row()
        stages += [bind(schedule.kernel, given), _search(around, schedule.trials(values), given)]
    if not schedule.before:
        return [], stages
    return [*stages, bind(aside.hold_rates, given)], []


def python_acts(around: Surroundings, objects: PythonLanes) -> list[Stage]:
    """The stages of a schedule of Python objects, which act after the step.

    The objects are made before the run and let go after it.
    """
    stages, given, every = _heard(around, around.fields)
    lr, diverged = row(given["lr"]), row(given["diverged"])
    around.program.setup.append(objects.begin(lr))
    around.program.finish.append(objects.end_block())
    return [*stages, objects.act(row(given["metric"]), lr, diverged, every)]


def asked(schedule: Any) -> set[str]:
    """Names that the kernels of a schedule ask for; none where it is not compiled."""
    if not isinstance(schedule, Feedback):
        return set()
    kernels = [schedule.kernel, *([] if schedule.judge is None else [schedule.judge])]
    return {name for kernel in kernels for name in argument_names(kernel)}


def row(value: Value) -> Rows:
    """A value that is known to be rows of a workspace."""
    assert isinstance(value, Rows)
    return value


def _own(around: Surroundings) -> dict[str, Value]:
    """The schedule's memory, parameters and constants."""
    schedule, values = around.arm.schedule.component, around.arm.schedule.values
    dim = row(around.fields["x"]).height
    state = allocate(around.layout, schedule.state, values, around.arm.lr, dim)
    for name, kept in schedule.state.items():
        if kept.initial == "lr":
            around.program.setup += around.spread(state[name])
    return {**state, **schedule.kernel_values(values), **schedule.constants(values)}


def _heard(
    around: Surroundings, given: Mapping[str, Value]
) -> tuple[list[Stage], dict[str, Value], int]:
    """Stages that make the metric, what is given with it, and every how many steps it is heard."""
    cadence, layout = around.cadence, around.layout
    if not around.arm.schedule.component.hears_loss:
        return [], dict(given), 1
    if cadence.metric == "mean" and cadence.every > 1:
        own = {"total": layout.row(), "metric": layout.row(), "every": float(cadence.every)}
        stages = [
            bind(builtin.accumulate, {**given, **own}),
            bind(builtin.average, own, cadence.every),
        ]
        return stages, {**given, "metric": own["metric"]}, cadence.every
    metric = given["counted_value" if cadence.metric == "clean" else "observed"]
    return [], {**given, "metric": metric}, cadence.every


def _search(around: Surroundings, trials: int, given: Mapping[str, Value]) -> Stage:
    """Trial points, one after the other, until every lane has found its own.

    The optimizer takes its step at the trial rate from a copy of its memory.
    """
    layout, optimizer = around.layout, around.arm.optimizer.component
    x, memory = row(given["x"]), row(given["optimizer_state"])
    copied = layout.rows(memory.height)
    point: dict[str, Value] = {
        "x": layout.rows(x.height), "grad": layout.rows(x.height),
        "value": layout.row(), "seen": layout.row(),
    }  # fmt: skip
    if given["seen"] == given["value"]:
        point["seen"] = point["value"]
    moved = {
        name: value._replace(first=value.first - memory.first + copied.first)
        for name, value in around.memory.items()
        if isinstance(value, Rows)
    }
    judged = {
        **given, "trial": point["x"], "trial_loss": point["seen"], "sample_loss": given["seen"]
    }  # fmt: skip
    stages = [
        bind(aside.copy_rows, {"source": x, "target": point["x"]}),
        bind(aside.copy_rows, {"source": memory, "target": copied}),
        bind(optimizer.kernel, {**around.fields, **around.memory, **moved, "x": point["x"]}),
        *around.oracle(point),
        bind(aside.count_trials, given),
        bind(around.arm.schedule.component.judge, judged),
    ]
    return aside.repeated(stages, row(given["searching"]), trials)
