"""Who is ahead early: the decrease after parts of the budget, and the time to many targets.

The relative decrease at step t is 1 - s_t / s_0, with s = f - f* (or f itself where f* is unknown,
as published). What is compared is what remains, s_t / s_0: all schedules of a seed share s_0, so a
ratio of what remains is a ratio of losses.

Targets are relative to each lane's own start: s_t <= target * s_0. The area of a lane is the mean
over targets and steps 0 .. T of whether the target has been reached: 1 is the best, and the mean of
the areas is that of the ECDF of time to target.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.grid import Grid, lane_chunks, make_scenarios
from experiments.request import Request
from experiments.tuning import tuned_arms
from lab.ensemble import suboptimality
from lab.errors import RequestError
from lab.simulation import Keep, simulate
from lab.statistics.bootstrap import median_ratios
from lab.statistics.interval import Interval
from lab.statistics.means import mean_intervals
from lab.statistics.median import median_interval
from lab.statistics.paired import probability_better
from lab.statistics.targets import first_hits, log_targets, runtime_ecdf

LANDSCAPES = ("rosenbrock", "quadratic", "rastrigin")
#: Parts of the budget at which the decrease is taken.
FRACTIONS = (0.05, 0.10, 0.25, 0.50, 1.00)
#: Hardest target and number of targets, log-spaced from just below the start.
HARDEST, TARGETS = 1e-8, 51

Progress = Callable[[str], None]


@dataclass(frozen=True)
class EarlyGrid(Grid):
    """fractions: parts of the budget; hardest, targets: the lowest target, and their number.

    tuned: every schedule runs at the rate tuned for it on other seeds in place of the shared one.
    """

    fractions: tuple[float, ...]
    hardest: float
    targets: int
    tuned: bool

    def identity(self) -> dict[str, Any]:
        mine = {
            "fractions": list(self.fractions), "hardest": self.hardest, "targets": self.targets,
            "tuned": self.tuned,
        }  # fmt: skip
        return {**super().identity(), **mine}

    @property
    def levels(self) -> np.ndarray:
        """The targets, from easy to hard; the start itself is none."""
        return log_targets(1.0, self.hardest, self.targets + 1)[1:]

    def at(self, request: Request) -> list[int]:
        """The steps of the fractions, at least 1 each."""
        return [max(1, round(fraction * request.steps)) for fraction in self.fractions]


@dataclass(frozen=True)
class Checkpoint:
    """One schedule after a part of the budget.

    decrease: median of the relative decrease, -inf where more than half of the lanes diverged.
    ratio: median of what remains / the reference's, paired by seed, with better: probability of
    being lower than the reference. None for the reference, and where losses may be negative.
    """

    step: int
    decrease: Interval
    ratio: Interval | None
    better: Interval | None


@dataclass(frozen=True)
class ArmEarly:
    """One schedule.

    ecdf: share of all pairs of a target and a lane that are reached by each step 0 .. T. area: its
    mean over the steps; difference: that less the reference's, paired by seed, None for the
    reference.
    """

    written: str
    lr: float
    checkpoints: tuple[Checkpoint, ...]
    ecdf: np.ndarray
    area: Interval
    difference: Interval | None


@dataclass(frozen=True)
class ScenarioEarly:
    """All schedules in one scenario; n lanes, without those that start at the minimum."""

    request: Request
    steps: tuple[int, ...]
    n: int
    arms: tuple[ArmEarly, ...]


@dataclass(frozen=True)
class Early:
    """What the experiment shows."""

    grid: EarlyGrid
    scenarios: tuple[ScenarioEarly, ...]


def make_early(
    landscapes: Sequence[str] = (),
    optimizers: Sequence[str] = (),
    strengths: Sequence[float] = (0.5,),
    *,
    fractions: Sequence[float] = FRACTIONS,
    hardest: float = HARDEST,
    targets: int = TARGETS,
    tuned: bool = False,
    **options: Any,
) -> EarlyGrid:
    """Check an experiment's parts and fill in the defaults; further options as in `make_request`.

    Raises
    ------
    RequestError
        With the value and what is allowed.
    """
    for fraction in fractions:
        if not 0.0 < fraction <= 1.0:
            raise RequestError(
                f"at: {100 * fraction:g} is not allowed (allowed: per cent, (0, 100])"
            )
    if not fractions or list(fractions) != sorted(set(fractions)):
        raise RequestError("at: parts of the budget must ascend")
    if not 1e-100 <= hardest < 1.0:
        raise RequestError(f"hardest: {hardest} is not allowed (allowed: [1e-100, 1))")
    if not 1 <= targets <= 1000:
        raise RequestError(f"targets: {targets} is not allowed (allowed: 1 to 1000)")
    requests = make_scenarios(
        landscapes or LANDSCAPES, optimizers or ("adam",), strengths, **options
    )
    return EarlyGrid("early", requests, tuple(fractions), hardest, targets, tuned)


def measure_early(
    grid: EarlyGrid, threads: int | None = None, progress: Progress = lambda text: None
) -> Early:
    """Run the experiment."""
    found = []
    for number, request in enumerate(grid.requests, 1):
        progress(
            f"scenario {number} of {len(grid.requests)}: {request.landscape.text},"
            f" {request.optimizer.component.name}"
        )
        found.append(_scenario(grid, request, threads))
    return Early(grid, tuple(found))


def _scenario(grid: EarlyGrid, request: Request, threads: int | None) -> ScenarioEarly:
    at = grid.at(request)
    scenario, steps = request.scenario(request.strengths[0]), request.steps
    arms = tuned_arms(request, threads) if grid.tuned else request.arms()
    options = {**request.options, "keep": Keep(lr_mean=False), "threads": threads}
    remains, areas, ecdfs = [], [], []
    # Every lane has a row of targets besides its losses, and in the end what remains at each
    # fraction and its area, each with the copies that the statistics take.
    rows, kept = max(steps + 1, grid.targets), 2 * len(at) + 10
    for first, count in lane_chunks(request.seeds, len(arms), rows, kept):
        losses = simulate(scenario, arms, steps, count, first_lane=first, **options).loss
        assert losses is not None
        share = remaining(suboptimality(scenario, losses))
        remains.append(share[:, at])
        area, ecdf = _time_to_target(share, grid.levels)
        areas.append(area)
        ecdfs.append(ecdf * area.shape[-1])
    area = np.concatenate(areas, axis=-1)
    n = area.shape[-1]
    if n == 0:
        raise RequestError(f"{request.landscape.text}: no lane starts away from the minimum")
    rates = [arm.lr for arm in arms]
    found = _arms(request, rates, at, np.concatenate(remains, axis=-1), area, sum(ecdfs) / n)
    return ScenarioEarly(request, tuple(at), n, tuple(found))


def remaining(losses: np.ndarray) -> np.ndarray:
    """s_t / s_0 of losses of shape (arms, T + 1, lanes), without lanes whose start leaves it open.

    1 less the relative decrease (s_0 - s_t) / |s_0|, which for a negative s_0 is 2 - s_t / s_0.
    Lanes that start at 0, or diverged, are left out.
    """
    start = losses[0, 0]
    sound = np.isfinite(start) & (start != 0.0)
    share = losses[..., sound] / start[sound]
    return np.where(start[sound] > 0.0, share, 2.0 - share)


def _time_to_target(share: np.ndarray, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Areas, shape (arms, lanes), and the ECDF, shape (arms, T + 1)."""
    steps = np.arange(share.shape[1])
    areas, ecdfs = [], []
    for lanes in share:
        hits = first_hits(lanes, levels)
        areas.append(np.maximum(1.0 - hits / len(steps), 0.0).mean(axis=0))
        ecdfs.append(runtime_ecdf(hits, steps) if hits.size else np.zeros(len(steps)))
    return np.stack(areas), np.stack(ecdfs)


def _arms(
    request: Request,
    rates: list[float],
    at: list[int],
    remains: np.ndarray,
    areas: np.ndarray,
    ecdf: np.ndarray,
) -> list[ArmEarly]:
    """Every schedule; what remains: (arms, checkpoints, lanes), areas: (arms, lanes)."""
    reference, count = request.reference, len(areas)
    means = mean_intervals(np.concatenate([areas, areas - areas[reference]]), seed=request.seed)
    checkpoints = [_checkpoints(request, step, remains[:, k]) for k, step in enumerate(at)]
    return [
        ArmEarly(
            request.written[i], rates[i], tuple(found[i] for found in checkpoints), ecdf[i],
            means[i], None if i == reference else means[count + i],
        )
        for i in range(count)
    ]  # fmt: skip


def _checkpoints(request: Request, step: int, remains: np.ndarray) -> list[Checkpoint]:
    """All schedules at one step; `remains` has the shape (arms, lanes)."""
    reference = request.reference
    ratios: list[Interval | None] = [None] * len(remains)
    if (remains >= 0.0).all():
        ratios = [*median_ratios(remains, reference, seed=request.seed)]
    found = []
    for i, share in enumerate(remains):
        left = median_interval(share)
        other = i != reference
        found.append(
            Checkpoint(
                step, _decrease(left), ratios[i] if other else None,
                probability_better(share, remains[reference]) if other else None,
            )
        )  # fmt: skip
    return found


def _decrease(left: Interval) -> Interval:
    """1 less what remains."""
    estimate, low, high = (
        None if part is None else 1.0 - part for part in (left.estimate, left.high, left.low)
    )
    return Interval(estimate, low, high, left.n, left.note)
