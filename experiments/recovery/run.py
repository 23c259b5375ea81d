"""How long a schedule takes to recover from a perturbation, lane by lane against its twin.

Every lane runs twice: perturbed, and as its own twin without the event, from the same start with
the same draws. `experiments.recovery.times` says what recovery is. All lanes are followed to the
same horizon, so the restricted mean recovery time is the mean of min(time, horizon).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from experiments.grid import Grid, lane_chunks, make_scenarios
from experiments.recovery.published import PublishedRecovery, published_recovery
from experiments.recovery.times import RecoveryTimes, horizon_of, recovery_times
from experiments.request import Request, choose_event
from experiments.tuning import tuned_arms
from lab.component import Chosen
from lab.ensemble import suboptimality
from lab.errors import RequestError
from lab.simulation import Arm, Keep, simulate
from lab.statistics.holm import holm_p_values
from lab.statistics.interval import Interval
from lab.statistics.means import mean_intervals
from lab.statistics.median import median_interval
from lab.statistics.quantiles import quantiles
from lab.statistics.survival import LogRank, SurvivalCurve, kaplan_meier, log_rank

LANDSCAPES = ("rosenbrock", "quadratic", "rastrigin")
#: Events when none is asked for; each in the middle of the run.
EVENTS = (
    "kick:size=0.3", "kick:size=3", "jump:size=1", "rescale:factor=10",
    "gradient-burst:size=10", "lr-shock:factor=30", "reset",
)  # fmt: skip

#: Family-wise level at which a difference from the reference is called one.
LEVEL = 0.05
#: Numbers of each lane, schedule and event in the end, with the copies that the means take.
KEPT = 10.0

Progress = Callable[[str], None]


@dataclass(frozen=True)
class RecoveryGrid(Grid):
    """Every event in every scenario.

    factor, hold: see `experiments.recovery.times`. tuned: every schedule runs at the rate tuned for
    it (on other seeds, without events) in place of the shared one. published: whether the paper's
    two measures are taken too.
    """

    events: tuple[Chosen, ...]
    factor: float
    hold: int
    tuned: bool
    published: bool

    def identity(self) -> dict[str, Any]:
        return {
            **super().identity(),
            "events": [event.identity for event in self.events],
            "factor": self.factor,
            "hold": self.hold,
            "tuned": self.tuned,
            "published": self.published,
        }


@dataclass(frozen=True)
class Against:
    """One schedule's times against those of the reference schedule, on the lanes that both have.

    difference: restricted mean of this less that of the reference, in steps, paired by seed.
    p_difference: of a paired t-test that it is 0. log_rank: the unpaired test, on all lanes.
    Both p-values are Holm-corrected over the whole experiment: p_log_rank is that of `log_rank`.
    """

    reference: str
    difference: Interval
    p_difference: float
    log_rank: LogRank
    p_log_rank: float

    @property
    def sign(self) -> int:
        """-1 where this recovers sooner than the reference, 1 later, 0 not told apart."""
        mean = self.difference.estimate
        if mean is None or self.p_difference > LEVEL:
            return 0
        return -1 if mean < 0.0 else 1


@dataclass(frozen=True)
class ArmRecovery:
    """One schedule after one event.

    n: lanes at risk; excluded, diverged: lanes, as in `RecoveryTimes`. twin: median loss of their
    twins at the step of the event, which says how far the schedule had come. recovered: share
    within the horizon; unaffected: share with time 0. median: of the time, +inf where fewer than
    half recover. mean: restricted to the horizon. against is None for the reference itself, and
    what needs a lane is None where none is at risk.
    """

    written: str
    lr: float
    n: int
    excluded: int
    diverged: int
    twin: float | None
    recovered: float | None
    unaffected: float | None
    median: Interval | None
    mean: Interval
    curve: SurvivalCurve | None
    against: Against | None


@dataclass(frozen=True)
class EventResult:
    """All schedules after one event in one scenario; `times` has the shape (arms, seeds)."""

    request: Request
    event: Chosen
    horizon: int
    arms: tuple[ArmRecovery, ...]
    times: RecoveryTimes


@dataclass(frozen=True)
class Recovery:
    """What the experiment shows; `published` is None where it was not asked for."""

    grid: RecoveryGrid
    results: tuple[EventResult, ...]
    published: PublishedRecovery | None


def make_recovery(
    landscapes: Sequence[str] = (),
    optimizers: Sequence[str] = (),
    events: Sequence[str] = (),
    strengths: Sequence[float] = (0.5,),
    *,
    factor: float = 1.1,
    hold: int = 5,
    tuned: bool = False,
    steps: int = 200,
    published: bool = True,
    **options: Any,
) -> RecoveryGrid:
    """Check an experiment's parts and fill in the defaults; further options as in `make_request`.

    Raises
    ------
    RequestError
        With the value and what is allowed.
    """
    if not 1.0 <= factor < float("inf"):
        raise RequestError(f"factor: {factor} is not allowed (allowed: [1, inf))")
    if hold < 1:
        raise RequestError(f"hold: {hold} is not allowed (allowed: a whole number from 1)")
    requests = make_scenarios(
        landscapes or LANDSCAPES, optimizers or ("adam",), strengths, steps=steps, **options
    )
    chosen = tuple(choose_event(text, steps) for text in events or _middle(steps))
    for event in chosen:
        if "at" not in event.values:
            raise RequestError(f"perturbation {event.component.name!r} has no step `at`")
        horizon_of(steps, event.values["at"], hold)
    if len({event.text for event in chosen}) < len(chosen):
        raise RequestError("perturb: an event is asked for twice")
    return RecoveryGrid("recovery", requests, chosen, factor, hold, tuned, published)


def _middle(steps: int) -> list[str]:
    """The default events, in the middle of the run."""
    at = f"at={max(1, steps // 2)}"
    return [f"{text},{at}" if ":" in text else f"{text}:{at}" for text in EVENTS]


def recover(
    grid: RecoveryGrid, threads: int | None = None, progress: Progress = lambda text: None
) -> Recovery:
    """Run the experiment."""
    results: list[EventResult] = []
    for number, request in enumerate(grid.requests, 1):
        progress(
            f"scenario {number} of {len(grid.requests)}: {request.landscape.text},"
            f" {request.optimizer.component.name}, {len(grid.events)} events"
        )
        results += _scenario(grid, request, threads)
    published = None
    if grid.published:
        progress("the paper's two measures, in every channel")
        published = published_recovery(grid.requests, threads)
    return Recovery(grid, tuple(_corrected(results)), published)


def _scenario(grid: RecoveryGrid, request: Request, threads: int | None) -> list[EventResult]:
    """All events in one scenario."""
    arms = tuned_arms(request, threads) if grid.tuned else request.arms()
    times, twins = _times(grid, request, arms, threads)
    horizons = [horizon_of(request.steps, event.values["at"], grid.hold) for event in grid.events]
    means, differences = _intervals(request, times, horizons)
    return [
        EventResult(
            request, event, horizons[i],
            tuple(
                _arm(
                    request, arms[arm].lr, times[i], twins[i][arm], arm, horizons[i],
                    means[i][arm], differences[i][arm],
                )
                for arm in range(len(arms))
            ),
            times[i],
        )
        for i, event in enumerate(grid.events)
    ]  # fmt: skip


def _times(
    grid: RecoveryGrid, request: Request, arms: list[Arm], threads: int | None
) -> tuple[list[RecoveryTimes], list[np.ndarray]]:
    """Recovery times after each event, and the twins' losses at its step, shape (arms, seeds).

    Lanes come in chunks; each twin is run once for all events.
    """
    scenario, steps = request.scenario(request.strengths[0]), request.steps
    options = {**request.options, "keep": Keep(lr_mean=False), "threads": threads}
    parts: list[list[RecoveryTimes]] = [[] for _ in grid.events]
    twins: list[list[np.ndarray]] = [[] for _ in grid.events]
    kept = KEPT * len(grid.events)
    for first, count in lane_chunks(request.seeds, len(arms), 2 * (steps + 1), kept):

        def losses(*events: Chosen, first: int = first, count: int = count) -> np.ndarray:
            given = {**options, "perturbations": events, "first_lane": first}
            found = simulate(scenario, arms, steps, count, **given).loss
            assert found is not None
            return suboptimality(scenario, found)

        twin = losses()
        for i, event in enumerate(grid.events):
            at = event.values["at"]
            parts[i].append(recovery_times(losses(event), twin, at, grid.factor, grid.hold))
            twins[i].append(twin[:, at].copy())
    return [_joined(part) for part in parts], [np.concatenate(twin, axis=1) for twin in twins]


def _joined(parts: list[RecoveryTimes]) -> RecoveryTimes:
    return RecoveryTimes(
        *(
            np.concatenate([getattr(part, name) for part in parts], axis=-1)
            for name in ("time", "excluded", "diverged")
        )
    )


def _intervals(
    request: Request, times: list[RecoveryTimes], horizons: list[int]
) -> tuple[list[list[Interval]], list[list[Interval]]]:
    """Restricted means and their differences from the reference, for each event and arm."""
    reference = request.reference
    within = np.stack([np.minimum(t.time, h) for t, h in zip(times, horizons, strict=True)])
    sound = np.stack([~t.excluded for t in times])
    values = np.stack([within, within - within[:, [reference]]])
    present = np.stack([sound, sound & sound[:, [reference]]])
    seeds = within.shape[-1]
    found = iter(
        mean_intervals(values.reshape(-1, seeds), present.reshape(-1, seeds), seed=request.seed)
    )
    arms, events = range(within.shape[1]), range(len(times))
    means, differences = ([[next(found) for _ in arms] for _ in events] for _ in range(2))
    return means, differences


def _arm(
    request: Request,
    lr: float,
    times: RecoveryTimes,
    twin: np.ndarray,
    arm: int,
    horizon: int,
    mean: Interval,
    difference: Interval,
) -> ArmRecovery:
    sound = ~times.excluded[arm]
    sample = times.time[arm, sound]
    n = len(sample)
    return ArmRecovery(
        request.written[arm],
        lr,
        n,
        int(times.excluded[arm].sum()),
        int(times.diverged[arm].sum()),
        float(quantiles(twin[sound], 0.5)) if n else None,
        float(np.isfinite(sample).mean()) if n else None,
        float((sample == 0).mean()) if n else None,
        median_interval(sample) if n else None,
        mean,
        kaplan_meier(sample, horizon) if n else None,
        _against(request, times, arm, horizon, difference),
    )


def _against(
    request: Request, times: RecoveryTimes, arm: int, horizon: int, difference: Interval
) -> Against | None:
    reference = request.reference
    own, other = times.time[arm], times.time[reference]
    sound, other_sound = ~times.excluded[arm], ~times.excluded[reference]
    both = sound & other_sound
    if arm == reference or not both.any():
        return None
    gap = np.minimum(own[both], horizon) - np.minimum(other[both], horizon)
    test = log_rank(own[sound], other[other_sound], horizon)
    return Against(request.written[reference], difference, _t_test(gap), test, test.p_value)


def _t_test(gaps: np.ndarray) -> float:
    """Two-sided p-value of Student's test that the mean of paired differences is 0."""
    from scipy.special import stdtr

    n = len(gaps)
    if n < 2:
        return 1.0
    error = float(gaps.std(ddof=1)) / n**0.5
    if error == 0.0:
        return 0.0 if gaps[0] else 1.0
    return float(2.0 * stdtr(n - 1, -abs(gaps.mean()) / error))


def _corrected(results: list[EventResult]) -> Iterator[EventResult]:
    """The results with both families of p-values Holm-corrected."""
    tests = [arm.against for result in results for arm in result.arms if arm.against is not None]
    differences = iter(holm_p_values([test.p_difference for test in tests]))
    log_ranks = iter(holm_p_values([test.p_log_rank for test in tests]))
    for result in results:
        arms = tuple(
            arm
            if arm.against is None
            else replace(
                arm,
                against=replace(
                    arm.against, p_difference=next(differences), p_log_rank=next(log_ranks)
                ),
            )
            for arm in result.arms
        )
        yield replace(result, arms=arms)
