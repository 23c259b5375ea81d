"""How much the result depends on the initial rate, and who wins at which.

Every schedule runs at rates over some decades around the scenario's own. What counts is not who is
ahead at one rate, but how low each schedule gets at the rate that suits it, and how wide the range
of rates is that do. A rate is badly chosen where even the lowest median there is more than twice
the lowest that any schedule has at its tuned rate.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from experiments.comparison import Comparison, compare
from experiments.grid import Grid, make_scenarios, require_seeds
from experiments.rate_ranges import GOOD, Width, good_range
from experiments.request import Request
from experiments.tuning import suits
from lab.ensemble import suboptimality
from lab.errors import RequestError
from lab.simulation import Arm, Keep, simulate
from lab.statistics.bootstrap import FEWEST
from lab.statistics.half_samples import half_sample_medians
from lab.statistics.interval import Interval
from lab.statistics.quantiles import quantiles
from lab.trajectories import SUMMARY_NUMBERS

LANDSCAPES = ("rosenbrock", "quadratic", "rastrigin")
#: Levels of the bands.
LEVELS = (0.10, 0.50, 0.90)
#: Random halves of the seeds that the uncertainty of widths and of lowest medians rests on.
RESAMPLES = 400
#: Most rates: an arm each, of every schedule.
MOST_RATES = 1001
#: Copies of a schedule's final values that their quantiles take.
COPIES = 4
#: Most seeds that are resampled.
RESAMPLED_SEEDS = 4000
#: A median is called the lowest when the next is `MARGIN` times it or more in a share `SURE` of the
#: resamples.
MARGIN, SURE = 1.01, 0.95

Progress = Callable[[str], None]


@dataclass(frozen=True)
class SensitivityGrid(Grid):
    """rates, decades: how many rates, over how many decades around each scenario's own."""

    rates: int
    decades: float

    def identity(self) -> dict[str, Any]:
        return {**super().identity(), "rates": self.rates, "decades": self.decades}

    def of(self, request: Request) -> list[float]:
        """The rates of a scenario, ascending; its own is the one in the middle."""
        half = self.rates // 2
        return [
            request.lr * 10.0 ** (0.5 * self.decades * (i - half) / half) for i in range(self.rates)
        ]


@dataclass(frozen=True)
class ArmSensitivity:
    """One schedule over the rates.

    bands: quantiles at `LEVELS` of the final value at each rate, shape (rates, levels), +inf where
    the rate is not allowed (`ran` says which are). diverged: share of lanes at each rate.
    over_rates: the quantiles of all its lanes at all its rates together: what a rate picked blindly
    from the grid gives. own, best: the range within `GOOD` times its own lowest median, and the
    lowest of all schedules. lowest_at: positions of the rates where its median is the lowest of all
    (`MARGIN`, `SURE`); badly_chosen: those among them that are badly chosen.
    """

    written: str
    ran: np.ndarray
    bands: np.ndarray
    diverged: np.ndarray
    over_rates: np.ndarray
    own: Width
    own_interval: Interval
    best: Width
    best_interval: Interval
    lowest_at: tuple[int, ...]
    badly_chosen: tuple[int, ...]


@dataclass(frozen=True)
class ScenarioSensitivity:
    """All schedules in one scenario; `comparison` holds them at the shared and the tuned rates."""

    request: Request
    rates: tuple[float, ...]
    arms: tuple[ArmSensitivity, ...]
    comparison: Comparison

    @property
    def tuned_medians(self) -> list[float]:
        """Median of each schedule at its tuned rate."""
        return [arm.tuned.p50 for arm in self.comparison.arms if arm.tuned is not None]

    def only_badly(self, arm: int) -> bool:
        """Whether a schedule has the lowest median at badly chosen rates and nowhere else."""
        found = self.arms[arm]
        tuned = self.tuned_medians
        return (
            bool(found.lowest_at)
            and found.lowest_at == found.badly_chosen
            and tuned[arm] > min(tuned)
        )


@dataclass(frozen=True)
class Sensitivity:
    """What the experiment shows."""

    grid: SensitivityGrid
    scenarios: tuple[ScenarioSensitivity, ...]


def make_sensitivity(
    landscapes: Sequence[str] = (),
    optimizers: Sequence[str] = (),
    strengths: Sequence[float] = (0.5,),
    *,
    rates: int = 17,
    decades: float = 4.0,
    **options: Any,
) -> SensitivityGrid:
    """Check an experiment's parts and fill in the defaults; further options as in `make_request`.

    Raises
    ------
    RequestError
        With the value and what is allowed.
    """
    if not 3 <= rates <= MOST_RATES or rates % 2 == 0:
        raise RequestError(
            f"rates: {rates} is not allowed (allowed: an odd number from 3 to {MOST_RATES})"
        )
    if not 0.0 < decades <= 20.0:
        raise RequestError(f"decades: {decades} is not allowed (allowed: (0, 20])")
    requests = make_scenarios(
        landscapes or LANDSCAPES, optimizers or ("adam",), strengths, **options
    )
    grid = SensitivityGrid("sensitivity", requests, rates, decades)
    for request in requests:
        if len({rate for rate in grid.of(request) if 0.0 < rate < math.inf}) < rates:
            raise RequestError(
                f"decades: {decades:g} is not allowed, it holds no {rates} different rates around"
                f" lr {request.lr:g} (allowed: (0, 20], of rates above 0 and finite)"
            )
    return grid


def measure_sensitivity(
    grid: SensitivityGrid, threads: int | None = None, progress: Progress = lambda text: None
) -> Sensitivity:
    """Run the experiment.

    Raises
    ------
    RequestError
        There is no room for the final values of a schedule at all rates.
    """
    require_seeds(grid.rates * (SUMMARY_NUMBERS + COPIES), grid.first.seeds, f"{grid.rates} rates")
    found = []
    for number, request in enumerate(grid.requests, 1):
        progress(
            f"scenario {number} of {len(grid.requests)}: {request.landscape.text},"
            f" {request.optimizer.component.name}, {grid.rates} rates"
        )
        comparison = compare(replace(request, tune=True), threads)[0]
        found.append(_scenario(request, tuple(grid.of(request)), comparison, threads))
    return Sensitivity(grid, tuple(found))


def _scenario(
    request: Request, rates: tuple[float, ...], comparison: Comparison, threads: int | None
) -> ScenarioSensitivity:
    few = min(request.seeds, RESAMPLED_SEEDS)
    ran, bands, diverged, pooled, kept = [], [], [], [], []
    for number in range(len(request.schedules)):
        allowed, finals = _finals(request, number, rates, threads)
        ran.append(allowed)
        bands.append(quantiles(finals, LEVELS).T)
        diverged.append(np.isinf(finals).mean(axis=1))
        pooled.append(quantiles(finals[allowed].ravel(), LEVELS))
        kept.append(finals[:, :few].copy())
    medians = np.stack(bands)[:, :, LEVELS.index(0.50)]
    replicates = _replicates(np.stack(kept), request.seed)
    lowest = _lowest(medians, replicates)
    tuned = min(arm.tuned.p50 for arm in comparison.arms if arm.tuned is not None)
    arms = []
    for i, written in enumerate(request.written):
        own = _width(rates, medians[i], replicates[:, i], medians[i], replicates[:, i], few)
        best = _width(rates, medians[i], replicates[:, i], medians, replicates, few)
        at = tuple(int(j) for j in np.flatnonzero(lowest[i]))
        badly = tuple(j for j in at if medians[i, j] > GOOD * tuned)
        arms.append(
            ArmSensitivity(
                written, ran[i], bands[i], diverged[i], pooled[i], *own, *best, at, badly
            )
        )
    return ScenarioSensitivity(request, rates, tuple(arms), comparison)


def _finals(
    request: Request, number: int, rates: tuple[float, ...], threads: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """Which rates a schedule allows, and its final values at each, +inf where it does not."""
    schedule = request.schedules[number]
    allowed = np.array([suits(schedule, lr, request.steps) for lr in rates])
    arms = [
        Arm(schedule, request.optimizer, lr) for lr, ok in zip(rates, allowed, strict=True) if ok
    ]
    scenario = request.scenario(request.strengths[0])
    keep = Keep(loss=False, lr_mean=False)
    options = {**request.options, "keep": keep, "threads": threads}
    summary = simulate(scenario, arms, request.steps, request.seeds, **options).summary
    finals = np.full((len(rates), request.seeds), np.inf)
    finals[allowed] = suboptimality(scenario, summary["final"])
    return allowed, finals


def _replicates(finals: np.ndarray, seed: int) -> np.ndarray:
    """Medians over random halves of the seeds, shape (resamples, schedules, rates).

    None of them, shape (0, ...), where there are too few seeds.
    """
    schedules, rates, n = finals.shape
    if n < FEWEST:
        return np.empty((0, schedules, rates))
    medians = half_sample_medians(finals.reshape(-1, n), RESAMPLES, seed)
    return medians.reshape(-1, schedules, rates)


def _lowest(medians: np.ndarray, replicates: np.ndarray) -> np.ndarray:
    """Where each schedule's median is surely the lowest, shape (schedules, rates)."""
    if len(medians) == 1:
        return np.zeros(medians.shape, bool)
    shares = np.zeros(medians.shape)
    for i in range(len(medians)):
        others = np.delete(replicates, i, axis=1).min(axis=1)
        wins = MARGIN * replicates[:, i] <= others
        shares[i] = wins.mean(axis=0) if len(wins) else 0.0
    return (shares >= SURE) & np.isfinite(medians)


def _width(
    rates: tuple[float, ...],
    medians: np.ndarray,
    replicates: np.ndarray,
    of: np.ndarray,
    of_replicates: np.ndarray,
    n: int,
) -> tuple[Width, Interval]:
    """The range within `GOOD` times the lowest of `of`, and its 95 % interval."""
    width = good_range(rates, medians.tolist(), GOOD * float(of.min()))
    if not len(replicates):
        note = f"no interval from fewer than {FEWEST} seeds"
        return width, Interval(width.decades, None, None, n, note)
    bounds = GOOD * of_replicates.reshape(len(replicates), -1).min(axis=1)
    widths = [
        good_range(rates, row, bound).decades
        for row, bound in zip(replicates.tolist(), bounds.tolist(), strict=True)
    ]
    low, high = quantiles(widths, (0.025, 0.975))
    interval = Interval(
        width.decades, float(min(low, width.decades)), float(max(high, width.decades)), n
    )
    return width, interval
