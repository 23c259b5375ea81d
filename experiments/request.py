"""What one comparison was asked for: checked, completed with defaults, with a hash of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from experiments.components import (
    CHANNELS,
    LANDSCAPES,
    NOISES,
    OPTIMIZERS,
    PERTURBATIONS,
)
from experiments.schedules import choose_schedules, remarks, tried
from lab.component import Chosen, Facts
from lab.errors import RequestError, unknown
from lab.simulation import Arm, Cadence, Scenario
from lab.store.manifest import identity_hash

#: What GreedyLR is compared with when nothing else is asked for; each with its own defaults.
DEFAULT_SCHEDULES = (
    "greedy",
    "constant",
    "linear",
    "cosine",
    "cosine-restarts",
    "exponential",
    "reduce-on-plateau",
)
METRICS = ("last", "mean", "clean")


@dataclass(frozen=True)
class Request:
    """A comparison of schedules in one scenario at one or several strengths.

    `written` holds the schedules as they were spelled, for tables and JSON.
    """

    landscape: Chosen
    noise: Chosen
    channel: Chosen
    strengths: tuple[float, ...]
    schedules: tuple[Chosen, ...]
    written: tuple[str, ...]
    optimizer: Chosen
    lr: float
    steps: int
    seeds: int
    seed: int
    cadence: Cadence = field(default_factory=Cadence)
    start: tuple[float, ...] | None = None
    tune: bool = True
    perturbations: tuple[Chosen, ...] = ()

    @property
    def facts(self) -> Facts:
        """What is known of the landscape."""
        return self.landscape.component.facts(self.landscape.values)

    @property
    def measure(self) -> str:
        """What tables show: f - f* where f* is known, otherwise f."""
        return "loss" if self.facts.minimum is None else "suboptimality"

    @property
    def reference(self) -> int:
        """Position of the schedule the others are compared with: greedy, else the first."""
        names = [schedule.component.name for schedule in self.schedules]
        return names.index("greedy") if "greedy" in names else 0

    def running(self, schedule: Chosen) -> Chosen:
        """A schedule with the numbers that it runs with at the shared rate."""
        return schedule.at(self.lr, self.steps)

    @property
    def options(self) -> dict[str, Any]:
        """What every simulation of the request has in common, for `lab.simulation.simulate`."""
        return {
            "seed": self.seed,
            "cadence": self.cadence,
            "start": self.start,
            "perturbations": self.perturbations,
        }

    @property
    def events(self) -> str:
        """The perturbations as they are written on the command line; empty without any."""
        return " and ".join(event.text for event in self.perturbations)

    @property
    def name(self) -> str:
        """Short name for a result directory."""
        return f"run-{self.landscape.component.name}-{self.noise.component.name}"

    def scenario(self, strength: float) -> Scenario:
        """The scenario at one strength."""
        return Scenario(self.landscape, self.noise, self.channel, strength)

    def arms(self, rates: Sequence[float] | None = None) -> list[Arm]:
        """An arm a schedule, at the shared rate or at a rate of its own."""
        given = rates or [self.lr] * len(self.schedules)
        return [
            Arm(schedule, self.optimizer, lr)
            for schedule, lr in zip(self.schedules, given, strict=True)
        ]

    def inert(self, schedule: Chosen, strength: float) -> bool:
        """Whether the noise cannot act on this schedule's lanes: see `Scenario.inert`."""
        return self.scenario(strength).inert(schedule, self.cadence.metric)

    def identity(self) -> dict[str, Any]:
        """All that determines the numbers, as plain JSON values."""
        identity = {
            "experiment": "run",
            "landscape": self.landscape.identity,
            "noise": self.noise.identity,
            "channel": self.channel.identity,
            "strengths": list(self.strengths),
            "schedules": [schedule.identity for schedule in self.schedules],
            "written": list(self.written),
            "optimizer": self.optimizer.identity,
            "lr": self.lr,
            "steps": self.steps,
            "seeds": self.seeds,
            "seed": self.seed,
            "metric_every": self.cadence.every,
            "metric": self.cadence.metric,
            "start": None if self.start is None else list(self.start),
            "tune": self.tune,
        }
        if self.perturbations:
            identity["perturbations"] = [event.identity for event in self.perturbations]
        return identity

    @property
    def hash(self) -> str:
        """Ten hexadecimal digits of the identity."""
        return identity_hash(self.identity())

    def warnings(self) -> list[str]:
        """What a careful reader would want to know before the numbers."""
        pairs = zip(self.schedules, self.written, strict=True)
        name = self.optimizer.component.name
        return [line for pair in pairs for line in remarks(*pair, self.lr, self.steps, name)]


def make_request(
    landscape: str,
    noise: str = "none",
    *,
    channel: str = "batch",
    strength: float | Sequence[float] = 0.5,
    schedules: Sequence[Any] = (),
    optimizer: str = "adam",
    lr: float | None = None,
    steps: int = 200,
    seeds: int = 2000,
    seed: int = 0,
    metric_every: int = 1,
    metric: str = "last",
    start: Sequence[float] | None = None,
    tune: bool = True,
    perturbations: Sequence[str] = (),
) -> Request:
    """Check a comparison's parts and fill in what was left to the defaults.

    `schedules` are as `experiments.schedules.choose_schedules` takes them.

    Raises
    ------
    RequestError
        With the value, what is allowed, and the nearest match.
    """
    chosen = LANDSCAPES.choose(landscape)
    chosen_optimizer = OPTIMIZERS.choose(optimizer)
    facts = chosen.component.facts(chosen.values)
    strengths = (strength,) if isinstance(strength, int | float) else tuple(strength)
    if not strengths:
        raise RequestError("strength: at least one number is needed")
    if twice := [value for value in set(strengths) if strengths.count(value) > 1]:
        raise RequestError(f"strength: {min(twice):g} is given twice")
    for value in strengths:
        _number("strength", value, 0.0, math.inf, closed=True)
    default = chosen_optimizer.component.default_lr
    rate = (facts.base_lr if default is None else default) if lr is None else lr
    _number("lr", rate, 0.0, math.inf)
    _whole("steps", steps, 1, 2**31 - 1)
    _whole("seeds", seeds, 1, 2**39)
    _whole("seed", seed, 0, 2**64 - 1)
    cadence = make_cadence(metric_every, metric)
    if start is not None and len(start) != facts.dim:
        raise RequestError(
            f"start: {len(start)} numbers given, {chosen.text} has {facts.dim} coordinates"
        )
    for value in start or ():
        _number("start", value, -math.inf, math.inf)
    given, written = choose_schedules(schedules or DEFAULT_SCHEDULES)
    return Request(
        chosen,
        NOISES.choose(noise),
        CHANNELS.choose(channel),
        tuple(float(value) for value in strengths),
        tuple(tried(schedule, float(rate), steps) for schedule in given),
        written,
        chosen_optimizer,
        float(rate),
        steps,
        seeds,
        seed,
        cadence,
        None if start is None else tuple(float(value) for value in start),
        tune,
        tuple(choose_event(text, steps) for text in perturbations),
    )


def make_cadence(every: int, metric: str) -> Cadence:
    """When a feedback schedule acts and on what, checked.

    Raises
    ------
    RequestError
        `every` is not a whole number from 1, or there is no such metric.
    """
    _whole("metric-every", every, 1, 2**31 - 1)
    if metric not in METRICS:
        raise unknown("metric", metric, METRICS)
    return Cadence(every, metric)


def choose_event(text: str, steps: int) -> Chosen:
    """The perturbation that `text` means, in a run of so many steps.

    Raises
    ------
    RequestError
        No such event, or it lies beyond the last step.
    """
    event = PERTURBATIONS.choose(text)
    at = event.values.get("at", 0)
    if at >= steps:
        raise RequestError(
            f"perturbation {event.component.name!r}: at={at} lies beyond the run, whose last of"
            f" {steps} steps is number {steps - 1}"
        )
    return event


def _number(name: str, value: Any, low: float, high: float, closed: bool = False) -> None:
    sound = isinstance(value, int | float) and not isinstance(value, bool)
    inside = sound and (low <= value < high if closed else low < value < high)
    if not inside:
        bracket = "[" if closed else "("
        raise RequestError(f"{name}: {value} is not allowed (allowed: {bracket}{low:g}, {high:g}))")


def _whole(name: str, value: Any, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise RequestError(f"{name}: {value} is not allowed (allowed: {low} to {high})")
