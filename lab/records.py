"""The stages that record an arm: its series at each step, its averages, its summary."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lab.engine import builtin
from lab.engine.stage import Output, Rows, Stage, Value, bind
from lab.engine.workspace import Layout
from lab.trajectories import Keep, Recorder

#: The landscape's kernel on rows, called every so many steps.
Landscape = Callable[[Mapping[str, Value], int], Stage]


@dataclass(frozen=True)
class Records:
    """What is recorded of arm `number`, from its rows and numbers by name."""

    recorder: Recorder
    keep: Keep
    number: int
    fields: dict[str, Value]
    steps: int

    def at_look(self, layout: Layout, landscape: Landscape) -> list[Stage]:
        """What the last look at the landscape does not record: x_t, f at step T - 1, averages."""
        counted = self.fields["counted_x"]
        assert isinstance(counted, Rows)
        stages = [self._once("last", self.fields["counted_value"], self.steps)]
        if self.keep.below is not None:
            self.fields.update(bound=layout.row(), below=layout.row(-1.0))
            given = {**self.fields, "value": self.fields["counted_value"]}
            stages.append(bind(first_below, {**given, "share": self.keep.below}))
        if self.keep.average:
            stages += self._averages(layout, landscape, counted.height)
        if self.keep.x:
            stages.append(self.recorder.record_rows("x", self.number, counted, self.steps))
        return stages

    def summary(self) -> list[Stage]:
        """What remains of a lane after the last step."""
        kept = [(name, self.fields[name]) for name in ("reached", "area")]
        return [
            self._once("final", self.fields["counted_value"]),
            *([] if self.keep.below is None else [self._once("below", self.fields["below"])]),
            *(
                bind(
                    builtin.record_rows_once,
                    {**self.fields, "rows": rows, "out": self._out(name, rows)},
                )
                for name, rows in kept
            ),
        ]

    def _out(self, name: str, rows: Value) -> Output:
        assert isinstance(rows, Rows)
        return Output(self.recorder.array(name, self.number, rows.height))

    def _once(self, name: str, row: Value, every: int = 1) -> Stage:
        """The stage that records a row as a value of the whole run."""
        out = Output(self.recorder.array(name, self.number, 1))
        return bind(builtin.record_once, {**self.fields, "row": row, "out": out}, every)

    def _averages(self, layout: Layout, landscape: Landscape, dim: int) -> list[Stage]:
        """Sums of x and f in every step; at the numbers of steps asked for, what they come to.

        The oracle looks at the mean iterate as often as the greatest common divisor of those
        numbers says, since a stage can be called every so many steps only.
        """
        every = math.gcd(*self.keep.average)
        at = tuple(count - 1 for count in self.keep.average)
        counted = {"x": self.fields["counted_x"], "value": self.fields["counted_value"]}
        sums = {"x_sum": layout.rows(dim), "value_sum": layout.row()}
        means: dict[str, Value] = {
            "x_mean": layout.rows(dim), "mean_loss": layout.row(), "loss_of_mean": layout.row()
        }  # fmt: skip
        mean_point = {
            "x": means["x_mean"], "grad": layout.rows(dim), "seen": layout.row(),
            "value": means["loss_of_mean"],
        }  # fmt: skip
        return [
            bind(builtin.add_to_sums, {**counted, **sums}),
            bind(builtin.take_means, {**sums, **means}, every),
            landscape({**self.fields, **mean_point}, every),
            bind(builtin.bury, {**self.fields, **means}, every),
            *(
                self._sampled(name, means[name], at, every)
                for name in ("mean_loss", "loss_of_mean")
            ),
        ]

    def _sampled(self, name: str, row: Value, at: tuple[int, ...], every: int) -> Stage:
        return self.recorder.sample(name, self.number, row, self.steps, at, every)


def first_below(value, bound, below, minimum, share, step):
    """The first step whose value is less than minimum + share (value_0 - minimum).

    All fields are (lanes,); `below` is -1 until there is one.
    """
    for k in range(value.shape[0]):
        bound[k] = minimum + share * (value[k] - minimum) if step == 0 else bound[k]
        met = (below[k] < 0.0) & (value[k] < bound[k])
        below[k] = float(step) if met else below[k]
