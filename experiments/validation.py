"""Whether a user's component keeps the contract: it compiles, it runs, its gradient is right."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.components import CHANNELS, LANDSCAPES, NOISES, OPTIMIZERS, SCHEDULES
from experiments.gradient_check import worst_gradient_error
from lab.component import Chosen, Parameter, written
from lab.errors import PASSING, LabError
from lab.oracle import fields_at
from lab.scenario import Arm, Scenario
from lab.simulation import simulate
from lab.spec import Spec

POINTS, LANES, STEPS = 256, 128, 20
#: Relative error of a gradient that is more than rounding; differences leave up to 1e-8.
TOLERANCE = 1e-7


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `detail` says what was seen."""

    component: str
    check: str
    passed: bool
    detail: str


def validate(component: Any) -> Iterator[Finding]:
    """Every check of one component at its default parameters."""
    name = f"{component.kind} {component.name}"
    needed = [p.name for p in component.parameters if p.required]
    spec = Spec(component.name, {p.name: _example(p) for p in component.parameters if p.required})
    try:
        chosen = Chosen(component, component.read(spec))
        if needed:
            yield Finding(name, "parameters", True, f"tried with {spec}")
        if component.kind == "landscape":
            if astray := _outside(chosen):
                yield Finding(name, "indices", False, astray)
                return
            yield _gradient(name, chosen)
        yield _run(name, chosen)
    except LabError as error:
        yield Finding(name, "runs", False, str(error))


def _example(parameter: Parameter) -> str:
    """The default of a required parameter, which is there to show its type."""
    return written(parameter.default)


def _outside(chosen: Chosen) -> str:
    """What is wrong with the kernel's indices; nothing if they stay inside its arrays.

    Compiled code does not look at them: it would write where it likes. So the kernel runs as plain
    Python first, on a few lanes, of another number than there are coordinates.
    """
    component, values = chosen.component, chosen.values
    dim = component.facts(values).dim
    lanes = dim + 3 if dim < 50 else 5
    given = {
        "step": 0, "lane": 0, "seed": 0,
        **component.kernel_values(values), **component.constants(values),
        **fields_at(chosen, np.random.default_rng(0).standard_normal((dim, lanes))),
    }  # fmt: skip
    asked = inspect.signature(component.kernel).parameters
    try:
        with np.errstate(all="ignore"):
            component.kernel(**{name: given[name] for name in asked})
    except IndexError as error:
        return f"the kernel reaches outside its arrays: {error}"
    except PASSING:
        raise
    except BaseException:  # what compiled code may do, or the compiler will say
        return ""
    return ""


def _gradient(name: str, chosen: Chosen) -> Finding:
    dim = chosen.component.facts(chosen.values).dim
    points = np.random.default_rng(0).standard_normal((dim, POINTS))
    worst = worst_gradient_error(chosen, points)
    where = ", ".join(f"{x:.6g}" for x in worst.point[:8]) + (", ..." if dim > 8 else "")
    detail = (
        f"largest relative error {worst.error:.2g}, in coordinate {worst.coordinate} at ({where})"
    )
    return Finding(name, "gradient", bool(worst.error <= TOLERANCE), detail)


def _run(name: str, chosen: Chosen) -> Finding:
    """A short run with the component in its place and defaults elsewhere."""
    parts: dict[str, Chosen] = {
        "landscape": LANDSCAPES.choose("quadratic"),
        "noise": NOISES.choose("gaussian"),
        "channel": CHANNELS.choose("batch"),
        "schedule": SCHEDULES.choose("constant"),
        "optimizer": OPTIMIZERS.choose("sgd"),
        chosen.component.kind: chosen,
    }
    events = [parts["perturbation"]] if "perturbation" in parts else []
    scenario = Scenario(parts["landscape"], parts["noise"], parts["channel"], 0.1)
    arm = Arm(parts["schedule"], parts["optimizer"], scenario.facts.base_lr)
    found = simulate(scenario, [arm], STEPS, LANES, perturbations=events, threads=1)
    lost = int(np.isfinite(found.summary["diverged"]).sum())
    detail = f"{LANES} lanes, {STEPS} steps; {lost} diverged"
    return Finding(name, "runs", lost < LANES, detail)
