"""What is compared: the scenario that all arms share, and the arms."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lab.component import Chosen, Facts
from lab.errors import RequestError


@dataclass(frozen=True)
class Scenario:
    """What all arms of a comparison share: landscape, noise, channel, strength."""

    landscape: Chosen
    noise: Chosen
    channel: Chosen
    strength: float

    @property
    def facts(self) -> Facts:
        """What is known of the landscape."""
        return self.landscape.component.facts(self.landscape.values)

    @property
    def silent(self) -> bool:
        """Whether there is no noise at all, so that no noise stage runs."""
        return self.noise.component.name == "none" or self.strength == 0.0

    def inert(self, schedule: Chosen, metric: str = "last") -> bool:
        """Whether the noise cannot act on this schedule's lanes, by construction.

        So it is in the published channel, in the metric channel for a schedule that is open-loop or
        told the clean `metric`, and at strength 0; the model `none` is no noise and has no mark.
        """
        if self.noise.component.name == "none":
            return False
        channel = self.channel.component
        listens = schedule.component.hears_loss and metric != "clean"
        heard = channel.acts_on_metric and listens
        return self.silent or not (channel.acts_on_steps or heard)


@dataclass(frozen=True)
class Arm:
    """One way to descend: schedule, optimizer and initial rate."""

    schedule: Chosen
    optimizer: Chosen
    lr: float


def resolved(arm: Arm, steps: int) -> Arm:
    """The same arm with the schedule's numbers for its rate and so many steps."""
    return Arm(arm.schedule.at(arm.lr, steps), arm.optimizer, arm.lr)


def table(arm: Arm, steps: int) -> np.ndarray:
    """Rates of an open-loop arm, shape (steps,)."""
    return rates_of(arm.schedule, arm.lr, steps)


def rates_of(schedule: Chosen, lr: float, steps: int) -> np.ndarray:
    """Rates of an open-loop schedule, shape (steps,), looked at: a plug-in may return anything.

    Raises
    ------
    RequestError
        They are not numbers from 0 on, a rate a step.
    """
    name = schedule.component.name
    found = np.asarray(schedule.component.rates(lr, steps, schedule.values))
    if found.shape != (steps,) or found.dtype.kind not in "fiu":
        raise RequestError(
            f"schedule {name!r}: rates must be {steps:,} real numbers, one a step, not an array of"
            f" {found.dtype} of shape {found.shape}"
        )
    if not ((found >= 0.0) & (found < math.inf)).all():
        step = int(np.argmin((found >= 0.0) & (found < math.inf)))
        raise RequestError(
            f"schedule {name!r}: step {step}: {found[step]} is not a rate (allowed: a number in"
            " [0, inf))"
        )
    return found.astype(np.float64, copy=False)


@dataclass(frozen=True)
class Cadence:
    """When a feedback schedule acts: every `every` steps, on one metric.

    metric: the `last` or the `mean` observed loss of those steps, or the `clean` loss.
    """

    every: int = 1
    metric: str = "last"


@dataclass(frozen=True)
class Spread:
    """Initial rates that differ from seed to seed, the same in every arm.

    lr 10^((U - 1/2) decades), clamped to [lowest, highest]. For feedback schedules; an open-loop
    table keeps its rates.
    """

    decades: float
    lowest: float = 0.0
    highest: float = math.inf
