"""From declared components to a pass: workspaces laid out, stages listed for every arm."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import FunctionType

import numpy as np

from lab import feedback
from lab.component import Chosen, OpenLoop, PythonSchedule
from lab.engine import aside, builtin, philox
from lab.engine.plan import Draws, Pass, Program, tile_steps
from lab.engine.stage import Rows, Stage, Tile, Value, argument_names, bind
from lab.engine.state import allocate
from lab.engine.wanted import draw_wanted
from lab.engine.workspace import Layout, block_lanes
from lab.python_lanes import PythonLanes
from lab.records import Records
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
        self.lanes = block_lanes(self._rows_passed())
        self.block = Layout("block", lanes=self.lanes)
        self.workspace: dict[str, Value] = {}
        self.shared: dict[str, Value] = {"first": recorder.first, "lanes": recorder.lanes}
        self.python: list[PythonLanes] = []

    def _rows_passed(self) -> int:
        """Rows of vectors that the stages of an arm pass through in a step."""
        states = (arm.optimizer.component.state.values() for arm in self.arms)
        vectors = max(sum(kept.rows == "vector" for kept in state) for state in states)
        drawn = self.channel.vector and not self.scenario.silent
        return self.dim * (2 + vectors + drawn)

    def build(self) -> Pass:
        setup = self._starts()
        draw_layout, draws = self._draws()
        layouts: list[Layout] = []
        programs: list[Program] = []
        for number, arm in enumerate(self.arms):
            layout = Layout("arm", lanes=self.lanes)
            layouts.append(layout)
            programs.append(self._program(number, arm, layout))
        return Pass(
            self.steps, self.seed, layouts, self.block, draw_layout, setup, draws, programs,
        )  # fmt: skip

    def _starts(self) -> list[Stage]:
        """Start points and instances of the block's seeds."""
        landscape = self.scenario.landscape
        component, values = landscape.component, landscape.values
        stages: list[Stage] = []
        rows = self.block.rows(-(-self.dim // 4) * 4)
        self.shared["start"] = rows._replace(height=self.dim)
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
            self.shared["instance"] = rows._replace(height=normals)
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
                self.shared[f"event {number}"] = rows._replace(height=self.dim)
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

    def _draws(self) -> tuple[Layout, Draws]:
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
        layout, draws = Layout("draws", tile_steps(width, self.lanes), self.lanes), Draws()
        values = self.shared

        def draw(name: str, count: int, stream: int, uniform: bool = False) -> None:
            rows = values[name] = layout.rows(count)
            kernel = builtin.draw_uniforms if uniform else builtin.draw_normals
            given = {"tile": Tile(rows), "width": count, "stream": stream}
            draws.tile.append(bind(kernel, given))

        if uniforms:
            draw("step_uniform", uniforms, philox.BATCH, uniform=True)
        if normals:
            draw("step_normal", normals, philox.BATCH_NORMAL)
        if self.scenario.silent:
            return layout, draws
        size = layout.row()
        sized: dict[str, Value] = {
            "strength": self.scenario.strength,
            **noise.kernel_values(self.scenario.noise.values),
            **noise.constants(self.scenario.noise.values),
            "size": size,
        }
        uniforms, normals = noise.draws(self.scenario.noise.values)
        if uniforms:
            draw("uniform", uniforms, philox.SHAPE, uniform=True)
        if normals:
            draw("normal", normals, philox.SHAPE_NORMAL)
        draws.step.append(bind(noise.kernel, {**values, **sized}))
        if channel.vector:
            draws.unit_tile.append(
                self._unit("direction", layout.rows(self.dim), philox.VECTOR, size, layout)
            )
        if scalar:
            draws.unit_tile.append(self._unit("scalar", layout.row(), philox.SCALAR, size, layout))
        if noise.colour is not None:
            draws.unit_step += self._colour(noise.colour, {**values, **sized})
        values["shock"] = values["size"] = size
        if scalar and noise.respond is None:
            values["shock"] = layout.row()
            draws.unit_step.append(bind(builtin.scale, values))
        return layout, draws

    def _unit(self, name: str, rows: Rows, stream: int, size: Rows, layout: Layout) -> Stage:
        """The stage of a unit draw: all of it, or what is not going to be multiplied by 0.

        All where the size is always the same, or known in the arms only, or where a draw depends on
        those before it.
        """
        self.shared[name] = rows
        given = {"tile": Tile(rows), "width": rows.height, "stream": stream}
        asked = argument_names(self.noise.kernel)
        varies = any(name in asked for name in ("step", "uniform", "normal"))
        if not varies or self.noise.respond is not None or self.noise.colour is not None:
            return bind(builtin.draw_normals, given)
        room = {"chosen": self.block.rows(2), "found": self.block.rows(4)}
        cells = {"sizes": Tile(size), "drawn": Tile(layout.row())}
        return bind(draw_wanted, {**given, **cells, **room})

    def _colour(self, kernel: FunctionType, given: dict[str, Value]) -> list[Stage]:
        """Stages that make the unit draws depend on those of the steps before."""
        stages: list[Stage] = []
        for name in ("scalar", "direction"):
            unit = given.get(name)
            if isinstance(unit, Rows):
                own = {"draw": unit._replace(single=False), "memory": self.block.rows(unit.height)}
                stages.append(bind(kernel, {**given, **own}))
        return stages

    def _program(self, number: int, arm: Arm, layout: Layout) -> Program:
        rows = {
            "x": layout.rows(self.dim),
            "grad": layout.rows(self.dim),
            "value": layout.row(),
            "observed": layout.row(),
            "term": layout.row(),
        }
        fields: dict[str, Value] = {**self.shared, **rows}
        if isinstance(arm.schedule.component, OpenLoop):
            rates = fields["table"] = table(arm, self.steps)
            fields["lr"] = layout.row(float(rates[0]))
        else:
            fields["lr"] = layout.row(arm.lr)
        program = Program(setup=[bind(builtin.begin, fields)])
        if not isinstance(arm.schedule.component, OpenLoop):
            program.setup += self._spread(fields["lr"])
        memory = self._memory(arm, fields, layout)
        if "update" in feedback.asked(arm.schedule.component):
            fields["update"] = layout.rows(self.dim)
        look = self._look(arm, fields, memory, layout, number)
        program.step += [*self._events("start", fields), *look]
        records = Records(self.recorder, self.keep, number, fields, self.steps)
        program.step += records.at_look(layout, self._landscape)
        program.step += self._noise(fields, layout)
        before, after = self._schedule(arm, fields, memory, layout, program)
        program.step += [*before, *self._step(arm, fields, memory, layout)]
        program.step += self._series(arm, fields, number)
        program.step += [*after, *self._events("end", fields)]
        program.step.append(bind(builtin.freeze, fields))
        program.finish += [*look, *records.summary()]
        return program

    def _spread(self, rate: Value) -> list[Stage]:
        """The lane's own initial rate in place of the arm's, wherever it is kept."""
        if self.spread is None:
            return []
        return [bind(builtin.spread_rate, {**self.shared, "lr": rate, **vars(self.spread)})]

    def _events(self, place: str, fields: Mapping[str, Value]) -> list[Stage]:
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

    def _look(
        self,
        arm: Arm,
        fields: dict[str, Value],
        memory: dict[str, Value],
        layout: Layout,
        number: int,
    ) -> list[Stage]:
        """The clean oracle at x_t, the mark of divergence, the measures, the record."""
        component = self.scenario.landscape.component
        kept = {"best": math.inf, "best_step": 0.0, "diverged": math.inf, "evaluations": 0.0}
        fields.update(
            count=layout.row(), check=layout.row(), held_lr=layout.row(),
            **layout.together("reached", **kept),
            **layout.together("area", mantissa=1.0, exponent=0.0),
            minimum=0.0 if self.facts.minimum is None else float(self.facts.minimum),
            floor=-math.inf if self.facts.minimum is None else 0.0,
        )  # fmt: skip
        fields["held_x"] = layout.rows(self.dim)
        fields["seen"] = fields["value"]
        if "seen" in argument_names(component.kernel):
            fields["seen"] = layout.row()
        stages = [*self._oracle(fields), bind(builtin.guard, fields)]
        stages += self._counted(arm, fields, memory, layout)
        value = fields["counted_value"]
        stages.append(bind(builtin.measure, {**fields, "value": value}))
        if self.keep.loss and self.keep.loss_at is None:
            stages.append(self.recorder.record("loss", number, value, self.steps + 1))
        elif self.keep.loss and self.keep.loss_at:
            stages.append(
                self.recorder.sample("loss", number, value, self.steps, self.keep.loss_at)
            )
        return stages

    def _counted(
        self, arm: Arm, fields: dict[str, Value], memory: dict[str, Value], layout: Layout
    ) -> list[Stage]:
        """The iterate whose loss counts: x itself, or what the optimizer makes of it."""
        kernel = arm.optimizer.component.evaluated
        if kernel is None:
            fields.update(counted_x=fields["x"], counted_value=fields["value"])
            return []
        point: dict[str, Value] = {
            "x": layout.rows(self.dim), "grad": layout.rows(self.dim),
            "value": layout.row(), "seen": layout.row(),
        }  # fmt: skip
        fields.update(counted_x=point["x"], counted_value=point["value"])
        return [
            bind(kernel, {**fields, **memory, "evaluated": point["x"]}),
            *self._oracle({**fields, **point}),
            bind(aside.settle, {**fields, **point}),
        ]

    def _landscape(self, fields: Mapping[str, Value], every: int = 1) -> Stage:
        """The landscape's kernel on these rows."""
        kernel = self.scenario.landscape.component.kernel
        return bind(kernel, {**fields, **self._landscape_values(), **self.workspace}, every)

    def _oracle(self, fields: Mapping[str, Value]) -> list[Stage]:
        """The landscape's kernel on these rows, and events that change what it says."""
        return [self._landscape(fields), *self._events("oracle", fields)]

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
        self,
        arm: Arm,
        fields: dict[str, Value],
        memory: dict[str, Value],
        layout: Layout,
        program: Program,
    ) -> feedback.Acts:
        """Stages that act before the step, and after it."""
        schedule = arm.schedule.component
        if isinstance(schedule, OpenLoop):
            return [], [bind(builtin.follow_table, fields)]
        around = feedback.Surroundings(
            arm, self.cadence, layout, program, fields, memory,
            lambda point: self._oracle({**fields, **point}), self._spread,
            self.facts.minimum is not None,
        )  # fmt: skip
        if isinstance(schedule, PythonSchedule):
            objects = PythonLanes(arm.schedule, self.recorder.first, self.recorder.lanes)
            self.python.append(objects)
            return [], feedback.python_acts(around, objects)
        return feedback.acts(around)

    def _memory(self, arm: Arm, fields: dict[str, Value], layout: Layout) -> dict[str, Value]:
        """The optimizer's rows and numbers."""
        optimizer, values = arm.optimizer.component, arm.optimizer.values
        first = layout.size
        state = allocate(layout, optimizer.state, values, arm.lr, self.dim)
        fields["optimizer_state"] = layout.since(first)
        return {
            **state, **optimizer.kernel_values(values), **optimizer.constants(values, self.steps)
        }  # fmt: skip

    def _step(
        self, arm: Arm, fields: dict[str, Value], memory: dict[str, Value], layout: Layout
    ) -> list[Stage]:
        """The optimizer's step, and what it added to x where the schedule wants to know."""
        step = bind(arm.optimizer.component.kernel, {**fields, **memory})
        if "update" not in fields:
            return [step]
        copied = {"source": fields["x"], "target": fields["update"]}
        return [bind(aside.copy_rows, copied), step, bind(aside.difference, fields)]

    def _series(self, arm: Arm, fields: dict[str, Value], number: int) -> list[Stage]:
        """Records of the step just taken: the rate it used, what was observed, where it began."""
        keep = self.keep
        stages: list[Stage] = []
        for name in ("lr", "observed", "term"):
            if getattr(keep, name):
                stages.append(self.recorder.record(name, number, fields[name], self.steps))
        table = isinstance(arm.schedule.component, OpenLoop)
        if keep.lr_mean and (not table or self._rates_are_changed()):
            stages.append(self.recorder.record_sum(number, fields["lr"], self.steps))
        return stages

    def _rates_are_changed(self) -> bool:
        """Whether an event changes rates, so that an open-loop schedule's table does not hold."""
        return any("lr" in argument_names(event.component.kernel) for event in self.perturbations)
