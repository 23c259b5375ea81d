"""Trajectories: one scenario, several arms, many paired lanes.

`simulate` brings declared components and the engine together. It knows no component by name and
writes no file; studies, tables and pictures are made of what it returns.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lab.component import Chosen, Facts, Feedback, OpenLoop
from lab.engine import builtin, philox
from lab.engine.abi import BLOCK
from lab.engine.plan import Pass, Program, tile_steps
from lab.engine.stage import Output, Rows, Stage, Tile, Value, bind
from lab.engine.state import allocate
from lab.engine.workspace import Layout

LOG10_2 = math.log10(2.0)


@dataclass(frozen=True)
class Scenario:
    """What all arms of a comparison share: landscape, noise, channel, strength."""

    landscape: Chosen
    noise: Chosen
    channel: Chosen
    strength: float

    @property
    def facts(self) -> Facts:
        """What is known of the landscape."""
        return self.landscape.component.facts(self.landscape.values)

    @property
    def silent(self) -> bool:
        """Whether there is no noise at all, so that no noise stage runs."""
        return self.noise.component.name == "none" or self.strength == 0.0

    def inert(self, schedule: Chosen) -> bool:
        """Whether the noise cannot act on this schedule's lanes, by construction.

        So it is in the published channel, in the metric channel for an open-loop schedule, and at
        strength 0; the model `none` is no noise and carries no mark.
        """
        if self.noise.component.name == "none":
            return False
        channel = self.channel.component
        heard = channel.acts_on_metric and schedule.component.hears_loss
        return self.silent or not (channel.acts_on_steps or heard)


@dataclass(frozen=True)
class Arm:
    """One way to descend: schedule, optimizer and initial rate."""

    schedule: Chosen
    optimizer: Chosen
    lr: float


def resolved(arm: Arm, steps: int) -> Arm:
    """The same arm with the schedule's numbers for its rate and so many steps."""
    return Arm(arm.schedule.at(arm.lr, steps), arm.optimizer, arm.lr)


def table(arm: Arm, steps: int) -> np.ndarray:
    """Rates of an open-loop arm, shape (steps,)."""
    return arm.schedule.component.rates(arm.lr, steps, arm.schedule.values)


@dataclass(frozen=True)
class Cadence:
    """When a feedback schedule acts: every `every` steps, on one metric.

    metric: the `last` or the `mean` observed loss of those steps, or the `clean` loss.
    """

    every: int = 1
    metric: str = "last"


@dataclass(frozen=True)
class Spread:
    """Initial rates that differ from seed to seed, the same in every arm.

    lr 10^((U - 1/2) decades), clamped to [lowest, highest]. For feedback schedules; an open-loop
    table keeps its rates.
    """

    decades: float
    lowest: float = 0.0
    highest: float = math.inf


@dataclass(frozen=True)
class Keep:
    """Which series of every step to keep, besides the summary of each lane."""

    loss: bool = True
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
    loss: f_t for t = 0 .. T, shape (arms, T + 1, lanes). lr, observed, term: (arms, T, lanes).
    x: (arms, T, dim, lanes). lr_mean: (arms, T). What was not asked for is None.
    """

    summary: dict[str, np.ndarray]
    loss: np.ndarray | None = None
    lr_mean: np.ndarray | None = None
    lr: np.ndarray | None = None
    observed: np.ndarray | None = None
    term: np.ndarray | None = None
    x: np.ndarray | None = None


SUMMARY = ("final", "last", "best", "best_step", "log_area", "diverged")


@dataclass
class _Recorder:
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


def simulate(
    scenario: Scenario,
    arms: Sequence[Arm],
    steps: int,
    lanes: int,
    *,
    seed: int = 0,
    first_lane: int = 0,
    keep: Keep = Keep(),
    cadence: Cadence = Cadence(),
    start: Sequence[float] | None = None,
    perturbations: Sequence[Chosen] = (),
    spread: Spread | None = None,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Trajectories:
    """Run every arm from the same starts with the same draws.

    Parameters
    ----------
    steps, lanes:
        T and the number of seeds. Seed indices are first_lane .. first_lane + lanes - 1.
    seed:
        The study's seed, in [0, 2^64).
    start:
        One start point for all lanes in place of the landscape's start distribution.
    perturbations:
        Events, in the order in which they act where several fall on one step.
    spread:
        Initial rates that differ from seed to seed.
    progress:
        Told the number of finished blocks of `BLOCK` lanes since its last call, from any thread.
    """
    recorder = _Recorder(len(arms), lanes, first_lane)
    one_pass = _Assembly(
        scenario, arms, steps, seed, keep, cadence, start, perturbations, spread, recorder
    ).build()
    one_pass.run(first_lane, lanes, threads, progress)
    return _collect(recorder, arms, scenario, steps, keep)


class _Assembly:
    """Lays out the workspaces and lists the stages of a pass."""

    def __init__(
        self,
        scenario: Scenario,
        arms: Sequence[Arm],
        steps: int,
        seed: int,
        keep: Keep,
        cadence: Cadence,
        start: Sequence[float] | None,
        perturbations: Sequence[Chosen],
        spread: Spread | None,
        recorder: _Recorder,
    ) -> None:
        self.scenario, self.steps, self.seed = scenario, steps, seed
        self.arms = [resolved(arm, steps) for arm in arms]
        self.keep, self.cadence, self.start, self.recorder = keep, cadence, start, recorder
        self.perturbations, self.spread = perturbations, spread
        self.facts = scenario.facts
        self.dim = self.facts.dim
        self.noise = scenario.noise.component
        self.channel = scenario.channel.component
        self.block = Layout("block")
        self.shared: dict[str, Value] = {"first": recorder.first, "lanes": recorder.lanes}

    def build(self) -> Pass:
        setup = self._starts()
        draws, tile_stages, step_stages = self._draws()
        layouts: list[Layout] = []
        programs: list[Program] = []
        for number, arm in enumerate(self.arms):
            layout = Layout("arm")
            layouts.append(layout)
            programs.append(self._program(number, arm, layout))
        return Pass(
            self.steps, self.seed, layouts, self.block, draws,
            setup, tile_stages, step_stages, programs,
        )  # fmt: skip

    def _starts(self) -> list[Stage]:
        """Start points and instances of the block's seeds."""
        landscape = self.scenario.landscape
        component, values = landscape.component, landscape.values
        stages: list[Stage] = []
        rows = self.block.rows(-(-self.dim // 4) * 4)
        self.shared["start"] = Rows("block", rows.first, self.dim)
        if self.start is None:
            stages.append(self._draw_block(rows, philox.START))
            if component.start is not None:
                fields = {**self.shared, **self._landscape_values()}
                stages.append(bind(component.start, fields))
        else:
            point = np.asarray(self.start, dtype=np.float64)
            stages.append(bind(builtin.set_point, {**self.shared, "point": point}))
        normals = component.instance_normals(values)
        if normals:
            rows = self.block.rows(-(-normals // 4) * 4)
            self.shared["instance"] = Rows("block", rows.first, normals)
            stages.append(self._draw_block(rows, philox.INSTANCE))
        if self.spread is not None:
            rows = self.block.rows(2)
            self.shared["rate_uniform"] = rows
            given = {"tile": rows, "width": 0, "stream": philox.RATE}
            stages.append(bind(builtin.draw_uniforms, given))
        for number, event in enumerate(self.perturbations):
            if event.component.vector:
                width = -(-self.dim // 4) * 4
                rows = self.block.rows(width)
                self.shared[f"event {number}"] = Rows("block", rows.first, self.dim)
                stages.append(self._draw_block(rows, philox.EVENT, number * width))
        return stages

    def _draw_block(self, rows: Rows, stream: int, first: int = 0) -> Stage:
        given = {"rows": rows, "first": first, "stream": stream}
        return bind(builtin.draw_block, given)

    def _landscape_values(self) -> dict[str, Value]:
        landscape = self.scenario.landscape
        return {
            **landscape.component.kernel_values(landscape.values),
            **landscape.component.constants(landscape.values),
        }

    def _draws(self) -> tuple[Layout, list[Stage], list[Stage]]:
        """What all arms share in each step: the landscape's draws, the noise's size and draws."""
        noise, channel = self.noise, self.channel
        landscape = self.scenario.landscape
        uniforms = landscape.component.step_uniforms(landscape.values)
        normals = landscape.component.step_normals(landscape.values)
        scalar = noise.gaussian and channel.scalar
        width = uniforms + normals
        if not self.scenario.silent:
            width += 1 + 2 * scalar + noise.uniforms + noise.normals + self.dim * channel.vector
        layout = Layout("draws", tile_steps(width))
        tiles: list[Stage] = []
        values = self.shared

        def draw(name: str, count: int, stream: int, uniform: bool = False) -> None:
            rows = layout.row() if name == "scalar" else layout.rows(count)
            kernel = builtin.draw_uniforms if uniform else builtin.draw_normals
            tiles.append(bind(kernel, {"tile": Tile(rows), "width": count, "stream": stream}))
            values[name] = rows

        if uniforms:
            draw("step_uniform", uniforms, philox.BATCH, uniform=True)
        if normals:
            draw("step_normal", normals, philox.BATCH_NORMAL)
        if self.scenario.silent:
            return layout, tiles, []
        sized: dict[str, Value] = {
            "strength": self.scenario.strength,
            **noise.kernel_values(self.scenario.noise.values),
            **noise.constants(self.scenario.noise.values),
            "size": layout.row(),
        }
        if noise.uniforms:
            draw("uniform", noise.uniforms, philox.SHAPE, uniform=True)
        if noise.normals:
            draw("normal", noise.normals, philox.SHAPE_NORMAL)
        if channel.vector:
            draw("direction", self.dim, philox.VECTOR)
        steps = [bind(noise.kernel, {**values, **sized})]
        values["shock"] = values["size"] = sized["size"]
        if scalar:
            draw("scalar", 1, philox.SCALAR)
            if noise.respond is None:
                values["shock"] = layout.row()
                steps.append(bind(builtin.scale, values))
        return layout, tiles, steps

    def _program(self, number: int, arm: Arm, layout: Layout) -> Program:
        rows = {
            "x": layout.rows(self.dim),
            "grad": layout.rows(self.dim),
            "value": layout.row(),
            "observed": layout.row(),
            "term": layout.row(),
            "lr": layout.row(self._first_rate(arm)),
        }
        fields: dict[str, Value] = {**self.shared, **rows}
        program = Program(setup=[bind(builtin.begin, fields)])
        if self.spread is not None and arm.schedule.component.hears_loss:
            program.setup.append(bind(builtin.spread_rate, {**fields, **vars(self.spread)}))
        look = self._look(fields, layout, number)
        program.step += [*self._events("start", fields), *look, *self._where(fields, number)]
        program.step += self._noise(fields, layout)
        before, after = self._schedule(arm, fields, layout)
        program.step += before
        program.step.append(self._optimizer(arm, fields, layout))
        program.step += self._series(arm, fields, number)
        program.step += [*after, *self._events("end", fields)]
        program.step.append(bind(builtin.freeze, fields))
        program.finish = [*look, *self._summary(fields, number)]
        return program

    def _events(self, place: str, fields: dict[str, Value]) -> list[Stage]:
        """Perturbations that act at one place of the step."""
        stages: list[Stage] = []
        for number, event in enumerate(self.perturbations):
            component = event.component
            if component.place == place:
                given = {**fields, **component.kernel_values(event.values)}
                if component.vector:
                    given["direction"] = self.shared[f"event {number}"]
                stages.append(bind(component.kernel, given))
        return stages

    def _first_rate(self, arm: Arm) -> float:
        schedule = arm.schedule.component
        if isinstance(schedule, OpenLoop):
            return float(self._table(arm)[0])
        return arm.lr

    def _table(self, arm: Arm) -> np.ndarray:
        return table(arm, self.steps)

    def _look(self, fields: dict[str, Value], layout: Layout, number: int) -> list[Stage]:
        """The clean oracle at x_t, the mark of divergence, the measures, the record."""
        component = self.scenario.landscape.component
        fields.update(
            diverged=layout.row(math.inf), count=layout.row(), check=layout.row(),
            held_lr=layout.row(), best=layout.row(math.inf), best_step=layout.row(),
            mantissa=layout.row(1.0), exponent=layout.row(),
            minimum=0.0 if self.facts.minimum is None else float(self.facts.minimum),
            floor=-math.inf if self.facts.minimum is None else 0.0,
        )  # fmt: skip
        fields["held_x"] = layout.rows(self.dim)
        fields["seen"] = fields["value"]
        if "seen" in inspect.signature(component.kernel).parameters:
            fields["seen"] = layout.row()
        stages = [
            bind(component.kernel, {**fields, **self._landscape_values()}),
            *self._events("oracle", fields),
            bind(builtin.guard, fields),
            bind(builtin.measure, fields),
        ]
        if self.keep.loss:
            stages.append(self._record("loss", number, fields["value"], self.steps + 1))
        return stages

    def _where(self, fields: dict[str, Value], number: int) -> list[Stage]:
        """Records that the last look does not make: x_t, and f at step T - 1."""
        out = Output(self.recorder.array("last", number, 1))
        stages = [
            bind(builtin.record_once, {**fields, "row": fields["value"], "out": out}, self.steps)
        ]
        if self.keep.x:
            out = Output(self.recorder.array("x", number, self.steps * self.dim))
            stages.append(bind(builtin.record_rows, {**fields, "rows": fields["x"], "out": out}))
        return stages

    def _noise(self, fields: dict[str, Value], layout: Layout) -> list[Stage]:
        """The observed loss and the used gradient."""
        if self.scenario.silent:
            fields["observed"] = fields["seen"]
            return []
        stages: list[Stage] = []
        if self.noise.respond is not None:
            effect = layout.row()
            state = allocate(layout, self.noise.state, self.scenario.noise.values, 0.0, self.dim)
            stages.append(bind(self.noise.respond, {**fields, **state, "effect": effect}))
            fields.update(size=effect, shock=effect)
            if "scalar" in fields:
                fields["shock"] = layout.row()
                stages.append(bind(builtin.scale, fields))
        fields.update(
            metric_base=layout.row(1.0),
            vector_base=layout.row(1.0),
            proportional=bool(self.noise.proportional),
        )
        channel = self.scenario.channel
        values = channel.component.kernel_values(channel.values)
        stages.append(bind(self.channel.kernel, {**fields, **values, "value": fields["seen"]}))
        return stages

    def _schedule(
        self, arm: Arm, fields: dict[str, Value], layout: Layout
    ) -> tuple[list[Stage], list[Stage]]:
        """Stages that act before the step, and after it."""
        schedule, values = arm.schedule.component, arm.schedule.values
        if not schedule.hears_loss:
            return [], [bind(builtin.follow_table, {**fields, "table": self._table(arm)})]
        state = allocate(layout, schedule.state, values, arm.lr, self.dim)
        stages: list[Stage] = []
        every = self.cadence.every
        metric = fields["value"] if self.cadence.metric == "clean" else fields["observed"]
        if self.cadence.metric == "mean" and every > 1:
            fields.update(total=layout.row(), metric=layout.row(), every=float(every))
            stages.append(bind(builtin.accumulate, fields))
            stages.append(bind(builtin.average, fields, every))
            metric = fields["metric"]
        given = {
            **fields, **state, **schedule.kernel_values(values), **schedule.constants(values),
            "metric": metric,
        }  # fmt: skip
        stages.append(bind(schedule.kernel, given, every))
        return (stages, []) if schedule.before else ([], stages)

    def _optimizer(self, arm: Arm, fields: dict[str, Value], layout: Layout) -> Stage:
        optimizer, values = arm.optimizer.component, arm.optimizer.values
        first = layout.size
        state = allocate(layout, optimizer.state, values, arm.lr, self.dim)
        fields["optimizer_state"] = Rows("arm", first, layout.size - first)
        given = {
            **fields, **state, **optimizer.kernel_values(values),
            **optimizer.constants(values, self.steps),
        }  # fmt: skip
        return bind(optimizer.kernel, given)

    def _series(self, arm: Arm, fields: dict[str, Value], number: int) -> list[Stage]:
        """Records of the step just taken: the rate it used, what was observed, where it began."""
        keep = self.keep
        stages: list[Stage] = []
        for name in ("lr", "observed", "term"):
            if getattr(keep, name):
                stages.append(self._record(name, number, fields[name], self.steps))
        if keep.lr_mean and isinstance(arm.schedule.component, Feedback):
            blocks = -(-self.recorder.lanes // BLOCK)
            out = self.recorder.arrays.setdefault(
                "lr_sum", np.zeros((len(self.arms), self.steps, blocks))
            )
            given = {**fields, "row": fields["lr"], "out": Output(out[number])}
            stages.append(bind(builtin.record_sum, given))
        return stages

    def _record(self, name: str, number: int, row: Any, rows: int) -> Stage:
        out = Output(self.recorder.array(name, number, rows))
        return bind(builtin.record, {**self.shared, "row": row, "out": out})

    def _summary(self, fields: dict[str, Value], number: int) -> list[Stage]:
        rows = {
            "final": fields["value"], "best": fields["best"], "best_step": fields["best_step"],
            "mantissa": fields["mantissa"], "exponent": fields["exponent"],
            "diverged": fields["diverged"],
        }  # fmt: skip
        stages: list[Stage] = []
        for name, row in rows.items():
            out = Output(self.recorder.array(name, number, 1))
            stages.append(bind(builtin.record_once, {**self.shared, "row": row, "out": out}))
        return stages


def _collect(
    recorder: _Recorder,
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
        lr_mean=_mean_rates(recorder, arms, steps) if keep.lr_mean else None,
        lr=recorder.take("lr"),
        observed=recorder.take("observed"),
        term=recorder.take("term"),
        x=None if x is None else x.reshape(len(arms), steps, scenario.facts.dim, -1),
    )


def _mean_rates(recorder: _Recorder, arms: Sequence[Arm], steps: int) -> np.ndarray:
    """Mean rate over the lanes in each step; an open-loop schedule's table is its own mean."""
    means = np.empty((len(arms), steps))
    for number, arm in enumerate(arms):
        schedule = arm.schedule.component
        if isinstance(schedule, OpenLoop):
            means[number] = table(resolved(arm, steps), steps)
        else:
            means[number] = recorder.arrays["lr_sum"][number].sum(axis=1) / recorder.lanes
    return means
