"""What `lab ablate` is asked for: knobs, design and scenarios, checked and completed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from experiments.ablation.indices import unit_design
from experiments.ablation.knobs import Knob, knobs_of
from experiments.families import every, family
from experiments.grid import Grid, make_scenarios
from experiments.request import Request
from experiments.tune.run import FLOOR
from lab.errors import RequestError

#: Decades that a response may lie above or below that of the schedule as written.
BOUND = 1.0
#: The group of all scenarios.
ALL = "all"
NOISES = ("none", "gaussian", "spikes", "adversarial")
OPTIMIZERS = ("adam", "sgd")
#: Rows of the design, and noises, of the full and of the quick ablation.
POINTS, QUICK_POINTS, QUICK_NOISES = 128, 32, ("gaussian",)


@dataclass(frozen=True)
class Ablation(Grid):
    """What `lab ablate` was asked for.

    knobs: what is varied. points: rows n of the design, of n (knobs + 2) points. design_seeds:
    seeds of the medians there; those of the judgement are the requests'. tuned: whether every
    scenario starts from the rate that is the best for its schedule as written.
    """

    knobs: tuple[Knob, ...]
    points: int
    design_seeds: int
    floor: float
    tuned: bool

    def identity(self) -> dict[str, Any]:
        return {
            **super().identity(),
            "knobs": [[k.name, k.scale, k.low, k.high] for k in self.knobs],
            "points": self.points,
            "design_seeds": self.design_seeds,
            "floor": self.floor,
            "bound": BOUND,
            "tuned": self.tuned,
        }

    @property
    def name(self) -> str:
        """Short name for a result directory."""
        return f"{self.experiment}-{self.first.schedules[0].component.name}"

    @property
    def optimizers(self) -> list[str]:
        """The optimizers, in the order given."""
        return list(dict.fromkeys(r.optimizer.text for r in self.requests))

    @property
    def families(self) -> list[str]:
        """The families of the landscapes."""
        return list(dict.fromkeys(family(r.landscape) for r in self.requests))

    def members(self, optimizer: str = "", of: str = "") -> np.ndarray:
        """Positions of the scenarios of an optimizer and a family; of all of them where empty.

        They have the same order for every optimizer.
        """
        chosen = [
            optimizer in ("", r.optimizer.text) and of in ("", family(r.landscape))
            for r in self.requests
        ]
        return np.flatnonzero(chosen)

    @property
    def groups(self) -> Mapping[str, np.ndarray]:
        """All scenarios, those of each optimizer if there are several, those of each family."""
        several = self.optimizers if len(self.optimizers) > 1 else []
        return {
            ALL: self.members(),
            **{name: self.members(name) for name in several},
            **{name: self.members(of=name) for name in self.families},
        }

    @cached_property
    def unit(self) -> np.ndarray:
        """The design on the unit cube, shape (points, knobs)."""
        return unit_design(self.points, len(self.knobs), self.first.seed)

    @cached_property
    def settings(self) -> np.ndarray:
        """Values of the knobs at every point, shape (points, knobs)."""
        columns = [
            [knob.value(u) for u in column]
            for knob, column in zip(self.knobs, self.unit.T, strict=True)
        ]
        return np.array(columns).T


def make_ablation(
    landscapes: Sequence[str] = (),
    noises: Sequence[str] = (),
    channels: Sequence[str] = ("batch",),
    strengths: Sequence[float] = (0.5,),
    *,
    optimizers: Sequence[str] = OPTIMIZERS,
    schedule: str = "greedy",
    points: int | None = None,
    design_seeds: int = 128,
    floor: float = FLOOR,
    quick: bool = False,
    tuned: bool = False,
    **options: Any,
) -> Ablation:
    """Check an ablation's parts and fill in the defaults; further options as in `make_request`.

    Raises
    ------
    RequestError
        With the value and what is allowed.
    """
    rows = (QUICK_POINTS if quick else POINTS) if points is None else points
    if not 8 <= rows <= 2**16 or rows & (rows - 1):
        raise RequestError(f"points: {rows} is not allowed (allowed: a power of 2, 8 to 65536)")
    if not 1 <= design_seeds <= 2**31:
        raise RequestError(
            f"design-seeds: {design_seeds} is not allowed (allowed: from 1 to 2147483648)"
        )
    if not 0.0 < floor < math.inf:
        raise RequestError(f"floor: {floor} is not allowed (allowed: (0, inf))")
    chosen = tuple(landscapes) or every()
    knobs = knobs_of(schedule)
    requests: list[Request] = []
    for noise in noises or (QUICK_NOISES if quick else NOISES):
        silent = noise == "none"
        for channel in channels[:1] if silent else channels:
            requests += make_scenarios(
                chosen, optimizers, strengths[:1] if silent else strengths, noise=noise,
                channel=channel, schedules=(schedule,), **options,
            )  # fmt: skip
    return Ablation("ablate", tuple(requests), knobs, rows, design_seeds, floor, tuned)
