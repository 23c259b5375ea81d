"""Whether a user's component keeps the contract: it compiles, it runs, its gradient is right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.components import CHANNELS, LANDSCAPES, NOISES, OPTIMIZERS, SCHEDULES
from experiments.gradient_check import worst_gradient_error
from lab.component import Chosen, Parameter, written
from lab.errors import LabError
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
            yield _gradient(name, chosen)
        yield _run(name, chosen)
    except LabError as error:
        yield Finding(name, "runs", False, str(error))


def _example(parameter: Parameter) -> str:
    """The default of a required parameter, which is there to show its type."""
    return written(parameter.default)


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
