"""From declared components to a pass: workspaces laid out, stages listed for every arm."""

from __future__ import annotations

import inspect
import math
from collections.abc import Sequence
from dataclasses import replace
from types import FunctionType
from typing import Any

import numpy as np

from lab.component import Chosen, OpenLoop, PythonSchedule
from lab.engine import builtin, philox
from lab.engine.abi import BLOCK
from lab.engine.plan import Pass, Program, tile_steps
from lab.engine.stage import Output, Rows, Stage, Tile, Value, bind
from lab.engine.state import allocate
from lab.engine.workspace import Layout
from lab.python_lanes import PythonLanes
from lab.scenario import Arm, Cadence, Scenario, Spread, resolved, table
from lab.trajectories import Keep, Recorder


class Assembly:
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
        recorder: Recorder,
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
        self.workspace: dict[str, Value] = {}
        self.shared: dict[str, Value] = {"first": recorder.first, "lanes": recorder.lanes}
        self.python: list[PythonLanes] = []

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
        for name, count in component.workspace(values).items():
            self.workspace[name] = self.block.rows(count)
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
            shapes = noise.draws(self.scenario.noise.values)
            width += 1 + 2 * scalar + sum(shapes) + self.dim * channel.vector
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
        uniforms, normals = noise.draws(self.scenario.noise.values)
        if uniforms:
            draw("uniform", uniforms, philox.SHAPE, uniform=True)
        if normals:
            draw("normal", normals, philox.SHAPE_NORMAL)
        if channel.vector:
            draw("direction", self.dim, philox.VECTOR)
        if scalar:
            draw("scalar", 1, philox.SCALAR)
        steps = [bind(noise.kernel, {**values, **sized})]
        if noise.colour is not None:
            steps += self._colour(noise.colour, {**values, **sized})
        values["shock"] = values["size"] = sized["size"]
        if scalar and noise.respond is None:
            values["shock"] = layout.row()
            steps.append(bind(builtin.scale, values))
        return layout, tiles, steps

    def _colour(self, kernel: FunctionType, given: dict[str, Value]) -> list[Stage]:
        """Stages that make the unit draws depend on those of the steps before."""
        stages: list[Stage] = []
        for name in ("scalar", "direction"):
            unit = given.get(name)
            if isinstance(unit, Rows):
                own = {"draw": replace(unit, single=False), "memory": self.block.rows(unit.count)}
                stages.append(bind(kernel, {**given, **own}))
        return stages

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
        if arm.schedule.component.hears_loss:
            program.setup += self._spread(fields["lr"])
        look = self._look(fields, layout, number)
        program.step += [*self._events("start", fields), *look]
        program.step += self._where(fields, layout, number)
        program.step += self._noise(fields, layout)
        before, after = self._schedule(arm, fields, layout, program)
        program.step += before
        program.step.append(self._optimizer(arm, fields, layout))
        program.step += self._series(arm, fields, number)
        program.step += [*after, *self._events("end", fields)]
        program.step.append(bind(builtin.freeze, fields))
        program.finish += [*look, *self._summary(fields, number)]
        return program

    def _spread(self, rate: Value) -> list[Stage]:
        """The lane's own initial rate in place of the arm's, wherever it is kept."""
        if self.spread is None:
            return []
        return [bind(builtin.spread_rate, {**self.shared, "lr": rate, **vars(self.spread)})]

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
            self._oracle(fields),
            *self._events("oracle", fields),
            bind(builtin.guard, fields),
            bind(builtin.measure, fields),
        ]
        if self.keep.loss and self.keep.loss_at is None:
            stages.append(self.recorder.record("loss", number, fields["value"], self.steps + 1))
        elif self.keep.loss and self.keep.loss_at:
            stages.append(
                self.recorder.sample("loss", number, fields["value"], self.steps, self.keep.loss_at)
            )
        return stages

    def _oracle(self, fields: dict[str, Value]) -> Stage:
        """The landscape's kernel on these rows."""
        kernel = self.scenario.landscape.component.kernel
        return bind(kernel, {**fields, **self._landscape_values(), **self.workspace})

    def _where(self, fields: dict[str, Value], layout: Layout, number: int) -> list[Stage]:
        """Records that the last look does not make: x_t, f at step T - 1, averages."""
        out = Output(self.recorder.array("last", number, 1))
        stages = [
            bind(builtin.record_once, {**fields, "row": fields["value"], "out": out}, self.steps)
        ]
        if self.keep.average:
            stages += self._averages(fields, layout, number)
        if self.keep.x:
            out = Output(self.recorder.array("x", number, self.steps * self.dim))
            stages.append(bind(builtin.record_rows, {**fields, "rows": fields["x"], "out": out}))
        return stages

    def _averages(self, fields: dict[str, Value], layout: Layout, number: int) -> list[Stage]:
        """Sums of x and f in every step; at the numbers of steps asked for, what they come to.

        The oracle looks at the mean iterate as often as the greatest common divisor of those
        numbers says, since a stage can be called every so many steps only.
        """
        every = math.gcd(*self.keep.average)
        sums = {"x_sum": layout.rows(self.dim), "value_sum": layout.row()}
        means: dict[str, Value] = {
            "x_mean": layout.rows(self.dim), "mean_loss": layout.row(), "loss_of_mean": layout.row()
        }  # fmt: skip
        aside = {"x": means["x_mean"], "grad": layout.rows(self.dim), "seen": layout.row()}
        at = tuple(count - 1 for count in self.keep.average)
        oracle = self._oracle({**fields, **aside, "value": means["loss_of_mean"]})
        return [
            bind(builtin.add_to_sums, {**fields, **sums}),
            bind(builtin.take_means, {**sums, **means}, every),
            replace(oracle, every=every),
            bind(builtin.bury, {**fields, **means}, every),
            self.recorder.sample("mean_loss", number, means["mean_loss"], self.steps, at, every),
            self.recorder.sample(
                "loss_of_mean", number, means["loss_of_mean"], self.steps, at, every
            ),
        ]

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
        self, arm: Arm, fields: dict[str, Value], layout: Layout, program: Program
    ) -> tuple[list[Stage], list[Stage]]:
        """Stages that act before the step, and after it."""
        schedule, values = arm.schedule.component, arm.schedule.values
        if not schedule.hears_loss:
            return [], [bind(builtin.follow_table, {**fields, "table": self._table(arm)})]
        stages: list[Stage] = []
        every = self.cadence.every
        metric = fields["value"] if self.cadence.metric == "clean" else fields["observed"]
        if self.cadence.metric == "mean" and every > 1:
            fields.update(total=layout.row(), metric=layout.row(), every=float(every))
            stages.append(bind(builtin.accumulate, fields))
            stages.append(bind(builtin.average, fields, every))
            metric = fields["metric"]
        if isinstance(schedule, PythonSchedule):
            return [], [*stages, self._objects(arm, {**fields, "metric": metric}, program)]
        state = allocate(layout, schedule.state, values, arm.lr, self.dim)
        for name, kept in schedule.state.items():
            if kept.initial == "lr":
                program.setup += self._spread(state[name])
        given = {
            **fields, **state, **schedule.kernel_values(values), **schedule.constants(values),
            "metric": metric,
        }  # fmt: skip
        stages.append(bind(schedule.kernel, given, every))
        return (stages, []) if schedule.before else ([], stages)

    def _objects(self, arm: Arm, fields: dict[str, Any], program: Program) -> Stage:
        """The stage of a Python schedule; its objects are made before the run and let go after."""
        objects = PythonLanes(arm.schedule, self.recorder.first, self.recorder.lanes)
        self.python.append(objects)
        program.setup.append(objects.begin(fields["lr"]))
        program.finish.append(objects.end_block())
        rows = (fields["metric"], fields["lr"], fields["diverged"])
        return objects.act(*rows, self.cadence.every)

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
                stages.append(self.recorder.record(name, number, fields[name], self.steps))
        if keep.lr_mean and arm.schedule.component.hears_loss:
            blocks = -(-self.recorder.lanes // BLOCK)
            out = self.recorder.arrays.setdefault(
                "lr_sum", np.zeros((len(self.arms), self.steps, blocks))
            )
            given = {**fields, "row": fields["lr"], "out": Output(out[number])}
            stages.append(bind(builtin.record_sum, given))
        return stages

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
