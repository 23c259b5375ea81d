"""What a simulation yields: which series to keep, the arrays they are recorded in, the result."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from lab.component import OpenLoop
from lab.engine import builtin
from lab.engine.abi import BLOCK
from lab.engine.stage import Output, Stage, Value, bind
from lab.scenario import Arm, Scenario, resolved, table

LOG10_2 = math.log10(2.0)


@dataclass(frozen=True)
class Keep:
    """Which series to keep besides the summary of each lane.

    loss: f_t of every step, or of the steps `loss_at` alone (ascending, of 0 .. T). average:
    numbers of steps t (ascending, of 1 .. T) after which to keep what the first t iterates
    x_0 .. x_(t-1) come to: the mean of their losses, and the loss of their mean. The others: of
    every step.
    """

    loss: bool = True
    loss_at: tuple[int, ...] | None = None
    average: tuple[int, ...] = ()
    lr_mean: bool = True
    lr: bool = False
    observed: bool = False
    term: bool = False
    x: bool = False


@dataclass
class Trajectories:
    """What a simulation yields; the first axis of every array is the arm.

    summary: final, last (f at step T - 1), best (suboptimality), best_step, log_area (mean over
    steps of log10 suboptimality), diverged (step, or inf), each of shape (arms, lanes).
    loss: f_t for t = 0 .. T, shape (arms, T + 1, lanes), or at the steps asked for.
    mean_loss, loss_of_mean: (arms, numbers of steps, lanes). lr, observed, term: (arms, T, lanes).
    x: (arms, T, dim, lanes). lr_mean: (arms, T). What was not asked for is None.
    """

    summary: dict[str, np.ndarray]
    loss: np.ndarray | None = None
    mean_loss: np.ndarray | None = None
    loss_of_mean: np.ndarray | None = None
    lr_mean: np.ndarray | None = None
    lr: np.ndarray | None = None
    observed: np.ndarray | None = None
    term: np.ndarray | None = None
    x: np.ndarray | None = None


SUMMARY = ("final", "last", "best", "best_step", "log_area", "diverged")


@dataclass
class Recorder:
    """Arrays that stages write into: (arms, rows, lanes rounded up to whole blocks)."""

    arms: int
    lanes: int
    first: int
    arrays: dict[str, np.ndarray] = field(default_factory=dict)

    def array(self, name: str, arm: int, rows: int) -> np.ndarray:
        if name not in self.arrays:
            padded = -(-self.lanes // BLOCK) * BLOCK
            self.arrays[name] = np.empty((self.arms, rows, padded))
        return self.arrays[name][arm]

    def take(self, name: str) -> np.ndarray | None:
        found = self.arrays.get(name)
        return None if found is None else found[:, :, : self.lanes]

    def record(self, name: str, arm: int, row: Value, rows: int) -> Stage:
        """The stage that records a row in every step."""
        out = Output(self.array(name, arm, rows))
        return bind(builtin.record, {"first": self.first, "row": row, "out": out})

    def sample(
        self, name: str, arm: int, row: Value, steps: int, at: tuple[int, ...], every: int = 1
    ) -> Stage:
        """The stage that records a row in the steps `at` only, of 0 .. `steps`."""
        slots = np.full(steps + 1, -1.0)
        slots[list(at)] = np.arange(len(at))
        out = Output(self.array(name, arm, len(at)))
        given = {"first": self.first, "row": row, "out": out, "slots": slots}
        return bind(builtin.record_sample, given, every)


def collect(
    recorder: Recorder,
    arms: Sequence[Arm],
    scenario: Scenario,
    steps: int,
    keep: Keep,
) -> Trajectories:
    """The recorded arrays without the padding of the last block."""
    rows = {
        name: array[:, 0] for name in recorder.arrays if (array := recorder.take(name)) is not None
    }
    diverged = rows["diverged"]
    area = (rows["exponent"] + np.log2(rows["mantissa"])) * LOG10_2 / (steps + 1)
    known = scenario.facts.minimum is not None
    rows["log_area"] = np.where(np.isinf(diverged) & known, area, np.inf)
    x = recorder.take("x")
    return Trajectories(
        {name: rows[name] for name in SUMMARY},
        loss=recorder.take("loss"),
        mean_loss=recorder.take("mean_loss"),
        loss_of_mean=recorder.take("loss_of_mean"),
        lr_mean=_mean_rates(recorder, arms, steps) if keep.lr_mean else None,
        lr=recorder.take("lr"),
        observed=_settled(recorder.take("observed"), diverged, math.inf),
        term=_settled(recorder.take("term"), diverged, 0.0),
        x=None if x is None else x.reshape(len(arms), steps, scenario.facts.dim, -1),
    )


def _settled(series: np.ndarray | None, diverged: np.ndarray, value: float) -> np.ndarray | None:
    """The series with `value` from a lane's divergence on, where a term may be 0 times infinity."""
    if series is not None:
        series[np.arange(series.shape[1])[:, None] >= diverged[:, None]] = value
    return series


def _mean_rates(recorder: Recorder, arms: Sequence[Arm], steps: int) -> np.ndarray:
    """Mean rate over the lanes in each step; an open-loop schedule's table is its own mean."""
    means = np.empty((len(arms), steps))
    for number, arm in enumerate(arms):
        schedule = arm.schedule.component
        if isinstance(schedule, OpenLoop):
            means[number] = table(resolved(arm, steps), steps)
        else:
            means[number] = recorder.arrays["lr_sum"][number].sum(axis=1) / recorder.lanes
    return means
