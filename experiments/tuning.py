"""Each schedule's own best initial rate, with the same budget for every schedule.

Nine rates over four decades around the shared one; the median final loss of 250 seeds that the
comparison itself never uses decides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.request import Request
from lab.component import Chosen
from lab.errors import RequestError
from lab.simulation import Arm, Keep, simulate
from lab.statistics.quantiles import quantiles

#: Rates relative to the shared one, half a decade apart.
GRID = tuple(10.0 ** (exponent / 2) for exponent in range(-4, 5))
SEEDS = 250
#: Seed indices from here on belong to tuning; comparisons stay below.
FIRST_SEED = 2**40


@dataclass(frozen=True)
class Tuned:
    """A tuned rate; `at_edge` says that a better one may lie beyond the grid."""

    lr: float
    at_edge: bool


def tune_rates(request: Request, strength: float, threads: int | None = None) -> list[Tuned]:
    """The grid's best rate for each schedule; the shared rate where no rate stands out."""
    rates = [request.lr * factor for factor in GRID]
    medians = np.full((len(request.schedules), len(rates)), np.inf)
    tried = [
        (i, j)
        for i, schedule in enumerate(request.schedules)
        for j, lr in enumerate(rates)
        if suits(schedule, lr, request.steps)
    ]
    arms = [Arm(request.schedules[i], request.optimizer, rates[j]) for i, j in tried]
    outcome = simulate(
        request.scenario(strength),
        arms,
        request.steps,
        SEEDS,
        first_lane=FIRST_SEED,
        keep=Keep(loss=False, lr_mean=False),
        threads=threads,
        **request.options,
    )
    medians[tuple(np.transpose(tried))] = quantiles(outcome.summary["final"], 0.5)
    return [best_rate(rates, row) for row in medians]


def tuned_arms(request: Request, threads: int | None = None) -> list[Arm]:
    """Every schedule of a request at the rate tuned for it, at the request's first strength."""
    return request.arms([t.lr for t in tune_rates(request, request.strengths[0], threads)])


def suits(schedule: Chosen, lr: float, steps: int) -> bool:
    """Whether a schedule can start from this rate: its bounds may forbid it."""
    try:
        schedule.at(lr, steps)
    except RequestError:
        return False
    return True


def best_rate(rates: list[float], medians: np.ndarray) -> Tuned:
    """Lowest median; among equals the rate nearest to the shared one, in the middle."""
    middle = len(rates) // 2
    lowest = np.flatnonzero(medians == medians.min())
    best = int(lowest[np.argmin(np.abs(lowest - middle))])
    return Tuned(rates[best], best in (0, len(rates) - 1))
