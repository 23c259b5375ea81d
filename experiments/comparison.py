"""The main experiment: schedules against each other on paired seeds, in one scenario.

Two questions are kept apart: who is ahead at the shared rate, and who is ahead when each schedule
runs at a rate tuned for it. A third figure says what the noise itself did.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from experiments.request import Request
from experiments.tuning import Tuned, tune_rates
from lab.component import Chosen
from lab.distribution import EXACT_LANES
from lab.ensemble import Ensemble, run_ensemble, suboptimality
from lab.simulation import Arm, Keep, simulate
from lab.statistics.bootstrap import median_ratios
from lab.statistics.interval import Interval
from lab.statistics.paired import probability_better
from lab.statistics.quantiles import quantiles
from lab.statistics.ranks import large_median_ratios

#: The quantiles that every table and band shows.
LEVELS = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)
#: The tuned comparison and the noise effect need no more lanes than this.
SECONDARY_SEEDS = 4000


@dataclass(frozen=True)
class Paired:
    """One schedule against the reference on the same seeds."""

    against: str
    ratio: Interval
    probability_better: Interval


@dataclass
class ArmResult:
    """One schedule in one scenario.

    final, best: quantiles at `LEVELS`. diverged: fraction of lanes. paired is None for the
    reference itself; noise_effect is None without noise; tuned is None when it was not asked for.
    """

    schedule: Chosen
    written: str
    final: np.ndarray
    best: np.ndarray
    diverged: float
    inert: bool
    noise_effect: Interval | None
    paired: Paired | None
    tuned: TunedResult | None


@dataclass(frozen=True)
class TunedResult:
    """The same schedule at the rate tuned for it."""

    rate: Tuned
    p50: float
    paired: Paired | None


@dataclass
class Comparison:
    """All schedules at one strength.

    shared: all lanes at the shared rate, bands at `LEVELS`; tuned: the summary of the first
    `tuned_seeds` lanes at the tuned rates.
    """

    strength: float
    arms: list[ArmResult]
    shared: Ensemble
    tuned: dict[str, np.ndarray] | None
    tuned_seeds: int


Progress = Callable[[str], None]


def compare(
    request: Request,
    threads: int | None = None,
    progress: Progress = lambda text: None,
) -> list[Comparison]:
    """Run the comparison at each of the request's strengths."""
    return [_compare_at(request, s, threads, progress) for s in request.strengths]


def _compare_at(
    request: Request, strength: float, threads: int | None, progress: Progress
) -> Comparison:
    scenario = request.scenario(strength)
    progress(f"{request.seeds:,} seeds, strength {strength:g}")
    shared = run_ensemble(
        scenario, request.arms(), request.steps, request.seeds, LEVELS, threads=threads,
        **request.options,
    )  # fmt: skip
    samples = suboptimality(scenario, shared.summary["final"])
    few = min(request.seeds, SECONDARY_SEEDS)
    effects: list[Interval | None] = [None] * len(request.schedules)
    if not scenario.silent:
        progress("the same lanes without noise")
        quiet = _finals(request, 0.0, request.arms(), few, threads)["final"]
        effects = _noise_effects(request, samples[:, :few], suboptimality(scenario, quiet))
    rates, tuned = None, None
    if request.tune:
        progress("each schedule's own rate")
        rates = tune_rates(request, strength, threads)
        arms = request.arms([rate.lr for rate in rates])
        tuned = _finals(request, strength, arms, few, threads)
    progress("statistics")
    paired = _paired(request, samples)
    at_tuned: list[TunedResult | None] = [None] * len(request.schedules)
    if rates is not None and tuned is not None:
        at_tuned = _at_tuned(request, rates, suboptimality(scenario, tuned["final"]))
    final, best = quantiles(samples, LEVELS).T, quantiles(shared.summary["best"], LEVELS).T
    diverged = np.isfinite(shared.summary["diverged"]).mean(axis=1)
    results = [
        ArmResult(
            schedule, request.written[i], final[i], best[i], float(diverged[i]),
            request.inert(schedule, strength), effects[i], paired[i], at_tuned[i],
        )
        for i, schedule in enumerate(request.schedules)
    ]  # fmt: skip
    return Comparison(strength, results, shared, tuned, few)


def _finals(
    request: Request, strength: float, arms: list[Arm], lanes: int, threads: int | None
) -> dict[str, np.ndarray]:
    """Summaries alone: no series is kept."""
    keep = Keep(loss=False, lr_mean=False)
    options = {**request.options, "keep": keep, "threads": threads}
    return simulate(request.scenario(strength), arms, request.steps, lanes, **options).summary


def _paired(request: Request, samples: np.ndarray) -> list[Paired | None]:
    """Each schedule against the reference; the reference has no partner."""
    reference = request.reference
    ratios = _ratios(samples, reference, request.seed)
    return [
        None
        if i == reference
        else Paired(
            request.written[reference],
            ratios[i],
            probability_better(samples[i], samples[reference]),
        )
        for i in range(len(samples))
    ]


def _noise_effects(request: Request, noisy: np.ndarray, quiet: np.ndarray) -> list[Interval | None]:
    """Median with noise / median of the same lanes without, a schedule at a time."""
    count = len(noisy)
    without = [*range(count, 2 * count)]
    found = _ratios(np.concatenate([noisy, quiet]), 2 * without, request.seed)
    return [*found[:count]]


def _ratios(samples: np.ndarray, reference: int | list[int], seed: int) -> list[Interval]:
    """Ratios of medians; losses below 0, where f* is unknown, have none."""
    if (samples < 0.0).any():
        n = samples.shape[1]
        return [Interval(None, None, None, n, "losses below 0 have no ratio")] * len(samples)
    if samples.shape[1] > EXACT_LANES:
        return large_median_ratios(samples, reference, seed=seed)
    return median_ratios(samples, reference, seed=seed)


def _at_tuned(
    request: Request, rates: list[Tuned], samples: np.ndarray
) -> list[TunedResult | None]:
    paired = _paired(request, samples)
    medians = quantiles(samples, 0.5)
    return [TunedResult(rates[i], float(medians[i]), paired[i]) for i in range(len(rates))]
