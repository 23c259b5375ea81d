"""What a simulation yields: which series to keep, the arrays they are recorded in, the result."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from lab.engine import builtin
from lab.engine.abi import BLOCK
from lab.engine.bits import to_integer
from lab.engine.builtin import record_sum
from lab.engine.result_memory import recording
from lab.engine.stage import Output, Rows, Stage, Value, bind
from lab.scenario import Arm, Scenario, resolved, table
from lab.sketch import record_places, sample_places

LOG10_2 = math.log10(2.0)
#: What is kept of every lane.
SUMMARY = ("final", "last", "best", "best_step", "log_area", "diverged", "evaluations")
#: Numbers that a lane takes while its summary is made: two more are recorded, and two are there
#: for a moment besides.
SUMMARY_NUMBERS = len(SUMMARY) + 4


@dataclass(frozen=True)
class Keep:
    """Which series to keep besides the summary of each lane.

    loss: f_t of every step, or of the steps `loss_at` alone (ascending, of 0 .. T). average:
    numbers of steps t (ascending, of 1 .. T) after which to keep what the first t iterates
    x_0 .. x_(t-1) come to: the mean of their losses, and the loss of their mean. below: a share of
    the first suboptimality (of the loss where f* is unknown), to keep the first of the steps 0 ..
    T - 1 that is below it. lr_mean: the mean
    rate over the lanes in every step, or in the steps `lr_mean_at` alone (ascending, of 0 ..
    T - 1). The others: of every step. lane: of all that has a value in every step keep this lane's
    alone, which are then series of one lane. places: the losses not as such but as
    `lab.sketch.record_places` writes them, for histograms.
    """

    loss: bool = True
    loss_at: tuple[int, ...] | None = None
    places: bool = False
    average: tuple[int, ...] = ()
    below: float | None = None
    lr_mean: bool = True
    lr_mean_at: tuple[int, ...] | None = None
    lr: bool = False
    observed: bool = False
    term: bool = False
    x: bool = False
    lane: int | None = None

    def rows(self, steps: int, dim: int) -> int:
        """Numbers that a lane takes while it runs; of one that is kept alone, a block's share."""
        losses = 0
        if self.loss:
            losses = steps + 1 if self.loss_at is None else len(self.loss_at)
            losses = -(-losses // 4) if self.places else losses
        series = self.lr + self.observed + self.term + dim * self.x
        once = 2 * len(self.average) + (self.below is not None) + SUMMARY_NUMBERS
        every = losses + steps * series
        return once + (every if self.lane is None else -(-every // BLOCK))


@dataclass
class Trajectories:
    """What a simulation yields; the first axis of every array is the arm.

    summary: final, last (f at step T - 1), best (suboptimality), best_step, log_area (mean over
    steps of log10 suboptimality), diverged (step, or inf), evaluations (of f, that the schedule
    asked for besides the one of each step), each of shape (arms, lanes).
    loss: f_t for t = 0 .. T, shape (arms, T + 1, lanes), or at the steps asked for.
    below: (arms, lanes), a step, or -1 where there is none.
    mean_loss, loss_of_mean: (arms, numbers of steps, lanes). lr, observed, term: (arms, T, lanes).
    x: (arms, T, dim, lanes). lr_mean: (arms, T), or at the steps asked for. What was not asked for
    is None. places: in place of the loss, of the same shape but for a quarter of the lanes, rounded
    up to whole blocks.
    """

    summary: dict[str, np.ndarray]
    loss: np.ndarray | None = None
    places: np.ndarray | None = None
    below: np.ndarray | None = None
    mean_loss: np.ndarray | None = None
    loss_of_mean: np.ndarray | None = None
    lr_mean: np.ndarray | None = None
    lr: np.ndarray | None = None
    observed: np.ndarray | None = None
    term: np.ndarray | None = None
    x: np.ndarray | None = None


@dataclass
class Recorder:
    """Arrays that stages write into: (arms, rows, lanes rounded up to whole blocks).

    rate_sums: of some arms, the sum of the rates over each block's lanes, (steps, blocks), in every
    step or in the steps `rates_at`. place_numbers: how losses become places, where they do. only:
    the lane whose series are kept alone.
    """

    arms: int
    lanes: int
    first: int
    rates_at: tuple[int, ...] | None = None
    place_numbers: Mapping[str, float | int] | None = None
    only: int | None = None
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    rate_sums: dict[int, np.ndarray] = field(default_factory=dict)

    def array(self, name: str, arm: int, rows: int) -> np.ndarray:
        if name not in self.arrays:
            padded = -(-self.lanes // BLOCK) * BLOCK
            if name == "places":
                padded //= 4
            self.arrays[name] = recording((self.arms, rows, padded))
        return self.arrays[name][arm]

    def take(self, name: str) -> np.ndarray | None:
        found = self.arrays.get(name)
        return None if found is None else found[:, :, : self.lanes]

    def taken(self, name: str) -> np.ndarray:
        """What was recorded once under this name, shape (values, arms, lanes)."""
        return self.arrays[name][:, :, : self.lanes].swapaxes(0, 1)

    def record(self, name: str, arm: int, row: Value, rows: int) -> Stage:
        """The stage that records a row in every step."""
        if name == "loss" and self.place_numbers is not None:
            return bind(record_places, self._places(arm, row, rows))
        if self.only is not None:
            given = {"row": row, "out": self._alone(name, arm, rows), "only": self.only}
            return bind(builtin.record_lane, given)
        out = Output(self.array(name, arm, rows))
        return bind(builtin.record, {"first": self.first, "row": row, "out": out})

    def record_rows(self, name: str, arm: int, rows: Rows, steps: int) -> Stage:
        """The stage that records the rows of a vector in every step."""
        count = steps * rows.height
        if self.only is not None:
            given = {"rows": rows, "out": self._alone(name, arm, count), "only": self.only}
            return bind(builtin.record_lane_rows, given)
        out = Output(self.array(name, arm, count))
        return bind(builtin.record_rows, {"first": self.first, "rows": rows, "out": out})

    def _alone(self, name: str, arm: int, rows: int) -> Output:
        """Where one lane's series goes."""
        if name not in self.arrays:
            self.arrays[name] = recording((self.arms, rows, 1))
        return Output(self.arrays[name][arm])

    def record_sum(self, arm: int, row: Value, steps: int) -> Stage:
        """The stage that records the sum of a row of rates over each block of lanes."""
        at = self.rates_at
        count = steps if at is None else len(at)
        assert isinstance(row, Rows)
        blocks = -(-self.lanes // BLOCK) * (BLOCK // row.lanes)
        out = self.rate_sums[arm] = np.zeros((count, blocks))
        given = {"first": self.first, "lanes": self.lanes, "row": row, "out": Output(out)}
        if at is None:
            return bind(record_sum, given)
        return bind(sample_sum, {**given, "slots": _slots(at, steps)})

    def sample(
        self, name: str, arm: int, row: Value, steps: int, at: tuple[int, ...], every: int = 1
    ) -> Stage:
        """The stage that records a row in the steps `at` only, of 0 .. `steps`."""
        slots = _slots(at, steps)
        if name == "loss" and self.place_numbers is not None:
            return bind(sample_places, {**self._places(arm, row, len(at)), "slots": slots})
        out = Output(self.array(name, arm, len(at)))
        given = {"first": self.first, "row": row, "out": out, "slots": slots}
        return bind(builtin.record_sample, given, every)

    def _places(self, arm: int, row: Value, rows: int) -> dict[str, Value]:
        """What records losses as places of histograms."""
        out = Output(self.array("places", arm, rows))
        numbers = self.place_numbers or {}
        return {"first": self.first, "lanes": self.lanes, "row": row, "out": out, **numbers}


def sample_sum(row, out, slots, step, lane, first, lanes):
    """Record the sum of a row in the steps that have a slot of 0 or more."""
    slot = to_integer(slots[step])
    if slot >= 0:
        record_sum(row, out, slot, lane, first, lanes)


def _slots(at: tuple[int, ...], steps: int) -> np.ndarray:
    """For each step of 0 .. `steps` the position among `at`, or -1."""
    slots = np.full(steps + 1, -1.0)
    slots[list(at)] = np.arange(len(at))
    return slots


def collect(
    recorder: Recorder,
    arms: Sequence[Arm],
    scenario: Scenario,
    steps: int,
    keep: Keep,
) -> Trajectories:
    """The recorded arrays without the padding of the last block."""
    best, best_step, diverged, evaluations = recorder.taken("reached")
    mantissa, exponent = recorder.taken("area")
    (final,), (last,) = recorder.taken("final"), recorder.taken("last")
    area = (exponent + np.log2(mantissa)) * LOG10_2 / (steps + 1)
    known = scenario.facts.minimum is not None
    log_area = np.where(np.isinf(diverged) & known, area, np.inf)
    x = recorder.take("x")
    ends = diverged
    if keep.lane is not None:
        ends = diverged[:, keep.lane - recorder.first, None]
    return Trajectories(
        {
            "final": final,
            "last": last,
            "best": best,
            "best_step": best_step,
            "log_area": log_area,
            "diverged": diverged,
            "evaluations": evaluations,
        },
        loss=recorder.take("loss"),
        places=recorder.arrays.get("places"),
        below=None if keep.below is None else recorder.taken("below")[0],
        mean_loss=recorder.take("mean_loss"),
        loss_of_mean=recorder.take("loss_of_mean"),
        lr_mean=_mean_rates(recorder, arms, steps, diverged) if keep.lr_mean else None,
        lr=recorder.take("lr"),
        observed=_settled(recorder.take("observed"), ends, math.inf),
        term=_settled(recorder.take("term"), ends, 0.0),
        x=None if x is None else x.reshape(len(arms), steps, scenario.facts.dim, -1),
    )


def _settled(series: np.ndarray | None, diverged: np.ndarray, value: float) -> np.ndarray | None:
    """The series with `value` from a lane's divergence on, where a term may be 0 times infinity."""
    if series is not None:
        series[np.arange(series.shape[1])[:, None] >= diverged[:, None]] = value
    return series


def _mean_rates(
    recorder: Recorder, arms: Sequence[Arm], steps: int, diverged: np.ndarray
) -> np.ndarray:
    """Mean rate over the lanes in each step asked for; a diverged lane keeps its last step's.

    An open-loop schedule's rates that nothing else changes are those of its table: they are not
    recorded but counted.
    """
    at = np.arange(steps) if recorder.rates_at is None else np.array(recorder.rates_at, dtype=int)
    means = np.empty((len(arms), len(at)))
    for number, arm in enumerate(arms):
        if number in recorder.rate_sums:
            means[number] = recorder.rate_sums[number].sum(axis=1) / recorder.lanes
        else:
            rates = _frozen_mean(table(resolved(arm, steps), steps), diverged[number])
            means[number] = rates[at]
    return means


def _frozen_mean(rates: np.ndarray, diverged: np.ndarray) -> np.ndarray:
    """Mean over lanes that follow `rates` and keep the one of the step at which they diverge."""
    steps = len(rates)
    counts = np.bincount(diverged[diverged < steps].astype(np.int64), minlength=steps)
    if not counts.any():
        return rates
    kept = np.cumsum(counts * rates)
    return (kept + (len(diverged) - np.cumsum(counts)) * rates) / len(diverged)
