"""Claim C8: F >= 0.5 is stable and its value matters little, F = 0.25 diverges.

The paper's ablation is one model over 250 steps (GreedyLR, arXiv 2512.14527, the experiment on F);
here every landscape, with and without noise, with sgd and adam, under the release (greedy) and
Algorithm 1 (greedy-simple), each F on the same seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from experiments.components import LANDSCAPES
from experiments.request import Request, make_request
from lab.ensemble import suboptimality
from lab.simulation import Keep, simulate
from lab.spec import Spec
from lab.statistics.half_samples import half_sample_medians
from lab.statistics.interval import Interval
from lab.statistics.pooled import half_flags
from lab.statistics.quantiles import quantiles

#: The paper's four factors and some around them.
FACTORS = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
#: The factor that the claim says diverges, and the least of those it says are stable.
LOW, STABLE = 0.25, 0.5
#: "Within 1.5 %".
ALIKE = 1.015
SCHEDULES = {"greedy": "factor", "greedy-simple": "F"}
NOISES = ("none", "gaussian")
OPTIMIZERS = ("adam", "sgd")
STEPS, SEEDS = 250, 500
RESAMPLES = 1000
LEVELS = (0.025, 0.975)

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Halves:
    """What each statement comes to over random halves of the seeds: shape (halves,), boolean."""

    stable: np.ndarray
    low_diverges: np.ndarray
    alike: np.ndarray


@dataclass(frozen=True)
class Stability:
    """One schedule in one scenario, over `FACTORS`.

    start: median suboptimality (or loss) at x_0. medians: of the final one. worse: share of lanes
    that end above where they began, or diverged; diverged: of those alone. spread: largest over
    smallest median of the factors from `STABLE` on. low: the median at `LOW` over the smallest of
    those. Ratios are None where a median is 0 or infinite on both sides.
    """

    request: Request
    schedule: str
    start: float
    medians: np.ndarray
    worse: np.ndarray
    diverged: np.ndarray
    spread: Interval
    low: Interval
    halves: Halves

    @property
    def low_diverges(self) -> bool:
        """Whether most lanes end above their start, or diverge, at `LOW`."""
        return bool(self.worse[FACTORS.index(LOW)] > 0.5)

    @property
    def stable(self) -> bool:
        """Whether at every factor from `STABLE` on most lanes end below their start."""
        return bool((self.worse[FACTORS.index(STABLE) :] <= 0.5).all())

    @property
    def alike(self) -> bool:
        """Whether the medians from `STABLE` on lie within 1.5 % of one another."""
        return self.spread.estimate is not None and self.spread.estimate <= ALIKE


def run_stability(
    seeds: int = SEEDS,
    seed: int = 0,
    threads: int | None = None,
    progress: Progress = lambda text: None,
    landscapes: Sequence[str] | None = None,
) -> list[Stability]:
    """Every landscape of the registry, or those named, in every scenario.

    Left out are landscapes made of others, and those that start at their minimum, from where every
    step leads up.
    """
    found: list[Stability] = []
    for landscape in standing() if landscapes is None else landscapes:
        progress(f"F-stability on {landscape}")
        for noise in NOISES:
            for optimizer in OPTIMIZERS:
                found += _scenario(landscape, noise, optimizer, seeds, seed, threads)
    return found


def standing() -> list[str]:
    """Landscapes that stand for themselves."""
    return [
        name
        for name, component in LANDSCAPES.all().items()
        if not any(isinstance(parameter.default, Spec) for parameter in component.parameters)
    ]


def _scenario(
    landscape: str, noise: str, optimizer: str, seeds: int, seed: int, threads: int | None
) -> list[Stability]:
    schedules = [f"{name}:{key}={F}" for name, key in SCHEDULES.items() for F in FACTORS]
    request = make_request(
        landscape, noise, schedules=schedules, optimizer=optimizer, steps=STEPS, seeds=seeds,
        seed=seed, tune=False,
    )  # fmt: skip
    scenario = request.scenario(request.strengths[0])
    run = simulate(
        scenario, request.arms(), STEPS, seeds, seed=seed, threads=threads,
        keep=Keep(lr_mean=False, loss_at=(0, STEPS)),
    )  # fmt: skip
    assert run.loss is not None
    gaps = suboptimality(scenario, run.loss)
    if not (gaps[:, 0] > 0.0).any():
        return []
    diverged = np.isfinite(run.summary["diverged"])
    count = len(FACTORS)
    return [
        _stability(request, name, gaps[part, 0], gaps[part, 1], diverged[part])
        for name, part in zip(
            SCHEDULES, (slice(count), slice(count, 2 * count)), strict=True
        )
    ]  # fmt: skip


def _stability(
    request: Request, schedule: str, first: np.ndarray, final: np.ndarray, diverged: np.ndarray
) -> Stability:
    """From losses (factors, seeds) at the start and at the end."""
    medians = quantiles(final, 0.5)
    halves = half_sample_medians(final, RESAMPLES, request.seed)
    worse = diverged | ~(final < first)
    return Stability(
        request,
        schedule,
        float(quantiles(first[0], 0.5)),
        medians,
        worse.mean(axis=1),
        diverged.mean(axis=1),
        _interval(_spread, medians, halves, request.seeds),
        _interval(_low, medians, halves, request.seeds),
        _statements(worse, halves, request.seed),
    )


def _statements(worse: np.ndarray, medians: np.ndarray, seed: int) -> Halves:
    """The statements over halves: `worse` (factors, seeds), `medians` (halves, factors)."""
    flags = _flags(worse.shape[1], seed)
    most = flags @ worse.T > 0.5 * flags.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        alike = _spread(medians) <= ALIKE
    first = FACTORS.index(STABLE)
    return Halves(~most[:, first:].any(axis=1), most[:, FACTORS.index(LOW)], alike)


@lru_cache(maxsize=1)
def _flags(seeds: int, seed: int) -> np.ndarray:
    return half_flags(seeds, RESAMPLES, seed)


def _spread(medians: np.ndarray) -> np.ndarray:
    stable = medians[..., FACTORS.index(STABLE) :]
    return stable.max(axis=-1) / stable.min(axis=-1)


def _low(medians: np.ndarray) -> np.ndarray:
    stable = medians[..., FACTORS.index(STABLE) :]
    return medians[..., FACTORS.index(LOW)] / stable.min(axis=-1)


def _interval(
    ratio: Callable[[np.ndarray], np.ndarray], medians: np.ndarray, halves: np.ndarray, n: int
) -> Interval:
    """A ratio of medians with a percentile interval over halves of the seeds."""
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate, replicates = float(ratio(medians)), ratio(halves)
    if np.isnan(estimate):
        return Interval(None, None, None, n, "0 / 0 or inf / inf")
    low = quantiles(np.where(np.isnan(replicates), 0.0, replicates), LEVELS[0])
    high = quantiles(np.where(np.isnan(replicates), np.inf, replicates), LEVELS[1])
    return Interval(estimate, float(low), float(high), n)
