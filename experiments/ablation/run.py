"""Which of GreedyLR's parameters matter, where, and through which others.

All parameters are varied at once, over a design of `experiments.ablation.indices`, in every
scenario. The response of a design point is

    log10(median final value / median final value of the schedule as written),

on the same seeds, final values below a floor counted as the floor. It is limited to +-`BOUND`
decades, and a median that is infinite counts as +`BOUND`: how far beyond tenfold a setting
fails is not what an ablation asks. Indices are those of a scenario; they are averaged over
scenarios afterwards (`lab.statistics.pool`). What depends on the seeds is a median of many of
them; their noise is not in the intervals.

The settings of the design with the lowest mean response are then judged on other seeds
(`experiments.ablation.judge`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from experiments.ablation.effects import main_effects
from experiments.ablation.indices import Indices, estimate
from experiments.ablation.judge import Choice, choose, judge
from experiments.ablation.knobs import turned
from experiments.ablation.request import ALL, BOUND, Ablation
from experiments.ablation.result import NEGLIGIBLE, Ablated
from experiments.grid import require_seeds
from experiments.request import Request
from experiments.tune.search import ARMS, RUN_NUMBERS, finals, log_ratios
from experiments.tuning import FIRST_SEED, tune_rates
from lab.component import Chosen
from lab.simulation import Arm
from lab.statistics.pool import pooled
from lab.statistics.quantiles import quantiles

BOUNDS_OF_THE_RATE = ("min_lr", "max_lr")

Progress = Callable[[str], None]


def ablate(
    grid: Ablation, threads: int | None = None, progress: Progress = lambda text: None
) -> Ablated:
    """Run the design in every scenario, decompose its variance, judge its best settings.

    Raises
    ------
    RequestError
        As `foresee`.
    """
    foresee(grid)
    if grid.tuned:
        progress("every scenario's own rate")
        grid = at_tuned_rates(grid, threads)
    schedules = [turned(grid.first.written[0], grid.knobs, values) for values in grid.settings]
    responses = np.empty((len(grid.requests), len(schedules)))
    for number, request in enumerate(grid.requests):
        progress(
            f"scenario {number + 1} of {len(grid.requests)}: {request.landscape.text},"
            f" {request.optimizer.component.name}, {len(schedules):,} settings"
        )
        responses[number] = respond(grid, request, schedules, threads)
    inputs, seed = len(grid.knobs), grid.first.seed
    indices = estimate(responses, inputs, seed)
    effects, replicates = main_effects(grid.unit, responses, grid.points, seed)
    progress(f"judging on {grid.first.seeds:,} other seeds")
    groups = grid.groups
    several = [name for name in (ALL, *grid.optimizers) if name in groups]
    first, *own = [choose(name, groups[name], grid.settings, responses) for name in several]
    choices = [first, trim(grid, indices, first), *own]
    judged = judge(grid.requests, grid.knobs, choices, groups, grid.floor, BOUND, threads)
    return Ablated(grid, responses, indices, effects, replicates, judged)


def foresee(grid: Ablation) -> None:
    """Refuse a design, or its judgement, that does not fit into memory.

    Raises
    ------
    RequestError
        With what is needed and what there is.
    """
    settings = min(ARMS, 1 + len(grid.unit))
    require_seeds(settings * RUN_NUMBERS, grid.design_seeds, f"{settings} settings", "design seeds")
    judged = 3 + len(grid.optimizers) + len(grid.knobs)
    require_seeds(judged * RUN_NUMBERS, grid.first.seeds, f"{judged} settings")


def trim(grid: Ablation, indices: Indices, choice: Choice) -> Choice:
    """The choice without the knobs whose mean total index is negligible under every optimizer.

    The two bounds of the rate stay together: one alone could contradict the other as written.
    """
    d = len(grid.knobs)
    totals = np.zeros((len(grid.optimizers), d))
    for row, optimizer in enumerate(grid.optimizers):
        members = grid.members(optimizer)
        names = [grid.requests[i].landscape.text for i in members]
        for k in range(d):
            totals[row, k] = pooled(indices.estimates[members, d + k], names).estimate or 0.0
    kept = totals.max(axis=0) >= NEGLIGIBLE
    bounds = [i for i, knob in enumerate(grid.knobs) if knob.name in BOUNDS_OF_THE_RATE]
    kept[bounds] = kept[bounds].any()
    values = np.where(kept, choice.values, np.nan)
    return replace(choice, values=values, objective=math.nan, trimmed=True)


def at_tuned_rates(grid: Ablation, threads: int | None) -> Ablation:
    """The same at the rate, in each scenario, with the lowest median of the schedule as written.

    One of nine over four decades (`experiments.tuning`), on seeds that the judgement never sees.
    """
    rates = [tune_rates(r, r.strengths[0], threads)[0].lr for r in grid.requests]
    requests = [replace(r, lr=lr) for r, lr in zip(grid.requests, rates, strict=True)]
    return replace(grid, requests=tuple(requests))


def respond(
    grid: Ablation, request: Request, schedules: Sequence[Chosen], threads: int | None
) -> np.ndarray:
    """Responses of some schedules in a scenario, in decades, on the seeds of the design."""
    every_schedule = [request.schedules[0], *schedules]
    medians = np.empty(len(every_schedule))
    for first in range(0, len(every_schedule), ARMS):
        part = every_schedule[first : first + ARMS]
        arms = [Arm(schedule, request.optimizer, request.lr) for schedule in part]
        values = finals(request, arms, grid.design_seeds, FIRST_SEED, threads)
        medians[first : first + ARMS] = quantiles(np.maximum(values, grid.floor), 0.5)
    decades = log_ratios(medians[1:], medians[:1]) / math.log(10.0)
    return np.clip(decades, -BOUND, BOUND)
