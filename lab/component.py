"""What a component is: its declaration, its parameters, and the kernel that does the work.

A landscape, noise model, channel, schedule or optimizer is one module that holds one declaration.
Its kernel is a plain Python function over arrays of lanes; it names what it needs by its parameter
names, and `lab.engine.stage` fetches each (see `docs/adding-a-component.md`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

import numpy as np

from lab.declaration import Component, Constants, State, Values
from lab.facts import Facts, Sample
from lab.parameter import Parameter, Percent, written

__all__ = [
    "HEARD",
    "Channel",
    "Chosen",
    "Component",
    "Composite",
    "Constants",
    "Facts",
    "Feedback",
    "Landscape",
    "NoiseModel",
    "OpenLoop",
    "Optimizer",
    "Parameter",
    "Percent",
    "Perturbation",
    "PythonSchedule",
    "Sample",
    "Schedule",
    "State",
    "Values",
    "written",
]


@dataclass(frozen=True, kw_only=True)
class Landscape(Component):
    """An objective. From `x` (dim, lanes) the kernel fills `value` (lanes,), `grad` (dim, lanes).

    facts: Facts of the checked parameter values.
    formula: the function in plain mathematical notation.
    constants: further numbers and arrays for the kernel, from the checked values.
    instance_normals: how many standard normals a seed's own instance is made of; the kernel takes
    them as `instance`, shape (n, lanes).
    step_uniforms, step_normals: how many draws a step the kernel takes as `step_uniform` and
    `step_normal`, shape (n, lanes): the batch of a finite sum, the jitter of a moving target.
    A kernel with an argument `seen` (lanes,) writes there what the schedule is shown, such as the
    loss of the drawn batch, with `grad` its gradient; `value` stays the clean, full f.
    workspace: fields that the kernel may write over as it likes, by the names it takes them under,
    with their numbers of rows: shape (rows, lanes), of unknown content at every call.
    start: kernel (start, ...) that turns `start`, standard normals of shape (dim, lanes), into
    start points in place; None leaves N(0, I). start_text says it in words.
    """

    kernel: FunctionType
    facts: Callable[[Values], Facts]
    formula: str
    constants: Callable[[Values], Constants] = lambda values: {}
    instance_normals: Callable[[Values], int] = lambda values: 0
    step_uniforms: Callable[[Values], int] = lambda values: 0
    step_normals: Callable[[Values], int] = lambda values: 0
    workspace: Callable[[Values], Mapping[str, int]] = lambda values: {}
    start: FunctionType | None = None
    start_text: str = "N(0, 1) in each coordinate"

    kind = "landscape"


def unbuilt() -> None:
    """The kernel of a composite until values say what it is made of."""


@dataclass(frozen=True, kw_only=True)
class Composite(Landscape):
    """A landscape made of others, which its parameters name.

    build: the landscape that checked parameter values mean; it has the same parameters.
    """

    build: Callable[[Values], Landscape]
    kernel: FunctionType = unbuilt

    def built(self, values: Values) -> Landscape:
        return self.build(values)


@dataclass(frozen=True, kw_only=True)
class NoiseModel(Component):
    """A scalar sequence eta_t = base * size_t * unit draw.

    The kernel writes `size` (lanes,) from `strength` and `step`, and, where it asks for them,
    `uniform` (uniforms, lanes) on [0, 1) and `normal` (normals, lanes).

    gaussian: the unit draw is N(0, 1); otherwise it is 1 and all randomness is in the size.
    proportional: base is the previous clean size of what the channel corrupts (1 at t = 0);
    otherwise base is 1.
    respond: kernel (effect, size, value, ...state) for a model that depends on the lane's own past:
    it writes `effect` (lanes,) in place of `size`, seeing the clean value f_t after `effect`'s use
    is fixed by earlier values only.
    colour: kernel (draw, memory, ...) for unit draws that depend on those of the steps before: it
    changes `draw` (n, lanes), the scalar's or the vector's standard normals, in place; `memory`, of
    the same shape, keeps what it likes until the next step and holds anything at step 0.
    uniforms, normals: numbers of rows, or functions of the checked parameter values.
    """

    kernel: FunctionType
    formula: str
    uniforms: int | Callable[[Values], int] = 0
    normals: int | Callable[[Values], int] = 0
    gaussian: bool = False
    proportional: bool = False
    constants: Callable[[Values], Constants] = lambda values: {}
    respond: FunctionType | None = None
    colour: FunctionType | None = None
    state: Mapping[str, State] = field(default_factory=dict)

    kind = "noise"

    def draws(self, values: Values) -> tuple[int, int]:
        """Rows of uniforms and of normals that the kernel takes."""
        uniforms = self.uniforms if isinstance(self.uniforms, int) else self.uniforms(values)
        normals = self.normals if isinstance(self.normals, int) else self.normals(values)
        return uniforms, normals


@dataclass(frozen=True, kw_only=True)
class Channel(Component):
    """Where the noise enters. The kernel changes `observed`, `term`, `grad` or `x` in place.

    It may ask for `shock` (lanes,), the metric's part before its base; `size` (lanes,); `direction`
    (dim, lanes), standard normals; `metric_base`, `vector_base` (lanes,) and `proportional` (bool).
    acts_on_metric, acts_on_steps: what a feedback schedule, and what the trajectory, can notice.
    """

    kernel: FunctionType
    acts_on_metric: bool
    acts_on_steps: bool
    scalar: bool
    vector: bool

    kind = "channel"


@dataclass(frozen=True, kw_only=True)
class Perturbation(Component):
    """A one-off event at a known step, or from it on; what recovery is measured from.

    The kernel is called in every step and compares `step` with its parameters. `place` says when:
    "start" before f and its gradient are taken (it moves `x`), "oracle" right after (it changes
    `value` or `grad`), "end" after the schedule (it changes `lr` or `optimizer_state`, shape
    (n, lanes)). It may ask for `minimum` (f*, 0 where unknown) and, with `vector`, for `direction`
    (dim, lanes): standard normals of its own, the same in every step.
    """

    kernel: FunctionType
    place: str
    vector: bool = False

    kind = "perturbation"


@dataclass(frozen=True, kw_only=True)
class Optimizer(Component):
    """What turns a gradient and a rate into a step. The kernel changes `x` (dim, lanes) in place.

    It may ask for `grad` (dim, lanes), `lr` (lanes,), `step`, its state and parameters.
    default_lr: the initial rate when none is given; None means the landscape's own base rate.
    constants: tables over the steps, from the checked values and the number of steps.
    evaluated: kernel (evaluated, x, ...) of a method that takes its gradients at one point and
    answers with another: it writes `evaluated` (dim, lanes), the iterate whose loss is recorded,
    from `x`, the state and the parameters. None: the iterate is x itself.
    """

    kernel: FunctionType
    state: Mapping[str, State] = field(default_factory=dict)
    default_lr: float | None = None
    constants: Callable[[Values, int], Constants] = lambda values, steps: {}
    evaluated: FunctionType | None = None

    kind = "optimizer"


@dataclass(frozen=True, kw_only=True)
class OpenLoop(Component):
    """A schedule that is a table: `rates(lr, steps, values)` returns float64 of shape (steps,)."""

    rates: Callable[[float, int, Values], np.ndarray]

    kind = "schedule"
    hears: tuple[str, ...] = ()
    hears_loss = False
    remark = ""


#: What a schedule may hear, in words.
HEARD = {
    "loss": "the loss",
    "gradient": "the gradient",
    "trials": "the loss at trial points",
}


@dataclass(frozen=True, kw_only=True)
class Feedback(Component):
    """A schedule that is a state machine on what it hears of the run.

    The kernel changes `lr` (lanes,) and its state in place. `before` makes it act before the step,
    on the rate that the same step uses (design: step 3); otherwise it sets the rate of the next
    step (step 5).

    hears: "loss": the kernel takes `metric` (lanes,), at evaluations only where these are rarer
    than steps. "gradient": it takes `grad` (dim, lanes), the one that the optimizer uses. "trials":
    see judge. A schedule that does not hear the loss acts in every step. Besides, a kernel may ask
    for `x` and `start`, the present and the first iterate (dim, lanes); for `update` (dim, lanes),
    what the last step added to x, 0 before the first; for `minimum`, the number f*, which refuses
    landscapes where it is unknown; and for `diverged` (lanes,), the step of divergence or inf.

    judge: of a schedule that acts before the step and looks at trial points. Its kernel sets `lr`
    to a first trial rate and `searching` (lanes,) to 1 where it wants to look. Then, at most
    trials(values) times and until no lane is searching, `trial` (dim, lanes) becomes the point that
    the optimizer would reach with `lr`, `trial_loss` (lanes,) the loss there of the same sample as
    `sample_loss` at x, and the judge, which sees all this, changes `lr` or sets `searching` to 0.
    A term that the noise adds to the loss is the same draw at both points and left out of both.

    made_for: the optimizer whose step the rate is made for, where it is one.
    """

    kernel: FunctionType
    state: Mapping[str, State] = field(default_factory=dict)
    before: bool = False
    constants: Callable[[Values], Constants] = lambda values: {}
    hears: tuple[str, ...] = ("loss",)
    judge: FunctionType | None = None
    trials: Callable[[Values], int] = lambda values: 0
    made_for: str = ""

    kind = "schedule"

    @property
    def hears_loss(self) -> bool:
        """Whether the observed loss has any effect on the rates."""
        return "loss" in self.hears

    @property
    def heard(self) -> str:
        """What it hears, in words."""
        return " and ".join(HEARD[word] for word in self.hears)

    @property
    def remark(self) -> str:
        """What tables say of it: what it hears besides the loss."""
        return "" if self.hears == ("loss",) else f"hears {self.heard}"


@dataclass(frozen=True, kw_only=True)
class PythonSchedule(Component):
    """A schedule that is a Python object: the slow path, for what is not worth a kernel.

    factory(lr, **parameters) makes an object for one lane, from its initial rate and the checked
    parameter values under their names. Its method `step(loss)` is told the observed loss after each
    step and returns the rate of the next one, finite and above 0. A diverged lane is told no more.
    """

    factory: Callable[..., Any]

    kind = "schedule"
    hears: tuple[str, ...] = ("loss",)
    hears_loss = True
    #: What tables and notes say of it.
    remark = "slow path: Python class"


Schedule = OpenLoop | Feedback | PythonSchedule


@dataclass(frozen=True)
class Chosen:
    """A component with checked parameter values: what a study is made of."""

    component: Any
    values: Values

    @property
    def text(self) -> str:
        """Name with all parameter values, defaults included."""
        name = self.component.name
        shown = [f"{key}={written(value)}" for key, value in self.values.items()]
        return f"{name}:{','.join(shown)}" if shown else name

    @property
    def hidden(self) -> str:
        """Digests of what the text does not show: files it names, the plug-in it comes from."""
        parts = (self.component.fingerprint, self.component.contents(self.values))
        return " ".join(part for part in parts if part)

    @property
    def identity(self) -> str:
        """All that determines what it does: two of the same identity act the same."""
        return f"{self.text} {self.hidden}".rstrip()

    def at(self, lr: float, steps: int) -> Chosen:
        """The same with the numbers that a run of `steps` steps from the rate `lr` uses."""
        return Chosen(self.component, self.component.resolve(self.values, lr, steps))
