"""What a tuned schedule is worth on seeds that its search never saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.request import Request
from experiments.tune.search import LIMIT, finals
from experiments.tune.space import Candidate, Space, place
from experiments.tuning import suits, tune_rates
from lab.simulation import Arm
from lab.statistics.bootstrap import MedianRatio, replicate_ratios
from lab.statistics.interval import Interval
from lab.statistics.paired import probability_better
from lab.statistics.quantiles import quantiles

#: Positions of the tuned schedule, and of the untuned one at tuned rates, among the outcomes.
TUNED, RATE_TUNED = 1, 2


@dataclass(frozen=True)
class Outcome:
    """One way to run, in every scenario, on the judging seeds.

    rates: its initial rate in each scenario. medians: of its final values. ratios: each median /
    that of the untuned schedule, with interval; better: the probability of ending lower on the same
    seed. gain: the geometric mean of the ratios over the scenarios: exp of the objective; at_rate:
    the same of the ratios to the untuned schedule at each scenario's own tuned rate.
    """

    label: str
    rates: tuple[float, ...]
    medians: np.ndarray
    ratios: tuple[Interval, ...]
    better: tuple[Interval, ...]
    gain: MedianRatio
    at_rate: MedianRatio


@dataclass(frozen=True)
class Variation:
    """The tuned schedule with one parameter changed: what the change costs.

    cost: geometric mean over the scenarios of median / median of the tuned one, with interval.
    """

    name: str
    value: Any
    is_tuned: bool
    is_default: bool
    cost: Interval


def judge(
    space: Space, requests: Sequence[Request], best: Candidate, floor: float, threads: int | None
) -> tuple[Outcome, ...]:
    """The untuned schedule, the tuned one, and what they are held against.

    Final values below the floor count as the floor.
    """
    written, seed = requests[0].written, requests[0].seed
    labels = [f"{written[0]}, untuned", f"{space.text(best)}, tuned", f"{written[0]}, lr tuned"]
    for name in written[1:]:
        labels += [name, f"{name}, lr tuned"]
    arms = [_arms(space, request, best, threads) for request in requests]
    values = [_finals(r, each, floor, threads) for r, each in zip(requests, arms, strict=True)]
    found = [replicate_ratios(v, 0, seed=seed) for v in values]
    rated = [replicate_ratios(v, RATE_TUNED, seed=seed) for v in values]
    return tuple(
        Outcome(
            label,
            tuple(each[i].lr for each in arms),
            np.array([float(quantiles(v[i], 0.5)) for v in values]),
            tuple(ratios[i].interval() for ratios in found),
            tuple(probability_better(v[i], v[0]) for v in values),
            geometric_mean([ratios[i] for ratios in found]),
            geometric_mean([ratios[i] for ratios in rated]),
        )
        for i, label in enumerate(labels)
    )


def _arms(space: Space, request: Request, best: Candidate, threads: int | None) -> list[Arm]:
    """Every schedule of a scenario at the shared and at its own tuned rate; the tuned one."""
    own = [rate.lr for rate in tune_rates(request, request.strengths[0], threads)]
    arms = [
        Arm(schedule, request.optimizer, lr)
        for schedule, tuned in zip(request.schedules, own, strict=True)
        for lr in (request.lr, tuned)
    ]
    arms.insert(TUNED, space.arm(best, request))
    return arms


def _finals(request: Request, arms: Sequence[Arm], floor: float, threads: int | None) -> np.ndarray:
    """Final values on the judging seeds, +inf where a schedule does not allow its rate."""
    ran = [i for i, arm in enumerate(arms) if suits(arm.schedule, arm.lr, request.steps)]
    values = np.full((len(arms), request.seeds), np.inf)
    values[ran] = finals(request, [arms[i] for i in ran], request.seeds, 0, threads)
    return np.maximum(values, floor)


def geometric_mean(ratios: Sequence[MedianRatio]) -> MedianRatio:
    """Geometric mean of ratios over scenarios that share their seeds, ready for intervals.

    The same halves of the seeds give all scenarios their replicates, so that what they share by
    common starts and draws is in the interval. Logarithms are limited as in the objective; a ratio
    that is undefined (0 / 0, or both infinite), or that of the reference to itself, counts as 1.
    """
    estimate = float(np.exp(np.mean([_limited(np.array(r.estimate)) for r in ratios])))
    n = min(ratio.n for ratio in ratios)
    if not all(len(ratio.replicates) for ratio in ratios):
        return MedianRatio(estimate, np.empty(0), n, "too few seeds for an interval")
    logs = np.mean([_limited(ratio.replicates) for ratio in ratios], axis=0)
    return MedianRatio(estimate, np.exp(logs), n, "")


def _limited(ratios: np.ndarray) -> np.ndarray:
    """Logarithms of ratios, limited; 0 where undefined."""
    with np.errstate(divide="ignore"):
        return np.clip(np.log(np.where(np.isnan(ratios), 1.0, ratios)), -LIMIT, LIMIT)


def vary(
    space: Space, requests: Sequence[Request], best: Candidate, floor: float, threads: int | None
) -> tuple[Variation, ...]:
    """Every axis through its values, the others as tuned; the untuned value is among them."""
    default = space.default
    changes = variations(space, best)
    found = []
    for request in requests:
        arms = [space.arm({**best, name: value}, request) for name, value in changes]
        values = _finals(request, [*arms, space.arm(best, request)], floor, threads)
        found.append(replicate_ratios(values, len(arms), seed=request.seed))
    return tuple(
        Variation(
            name,
            value,
            value == best[name],
            value == default[name],
            geometric_mean([ratios[i] for ratios in found]).interval(),
        )
        for i, (name, value) in enumerate(changes)
    )


def variations(space: Space, best: Candidate) -> list[tuple[str, Any]]:
    """Every axis with each of its values, the tuned and the untuned one among them."""
    default = space.default
    return [
        (axis.name, value)
        for axis in space.axes
        for value in sorted(
            dict.fromkeys((*axis.values, best[axis.name], default[axis.name])),
            key=place if axis.span is not None else lambda value: 0,
        )
    ]
