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

from lab.errors import RequestError, unknown
from lab.parameter import Parameter, Percent, written
from lab.spec import Spec

#: Checked values of a component's parameters, by name.
Values = Mapping[str, Any]
#: Numbers and arrays that a kernel takes besides its parameters.
Constants = Mapping[str, "float | int | np.ndarray"]


@dataclass(frozen=True)
class State:
    """Memory that a kernel keeps between steps, one value a lane and row.

    `rows` is "scalar" (the kernel sees shape (lanes,)), "vector" (shape (dim, lanes)) or a function
    of the checked parameter values (shape (n, lanes)). `initial` is a number, "lr" for the initial
    rate, or the name of a parameter.
    """

    rows: str | Callable[[Values], int] = "scalar"
    initial: float | str = 0.0


@dataclass(frozen=True, kw_only=True)
class Component:
    """What every component declares.

    `name` is the kebab-case name on the command line; `summary` one line; `source` the paper or
    reference implementation; `notes` what a reader must know besides, such as what the name does
    not mean; `aliases` other names with equal semantics; `not_the_same` names of reference
    libraries that a reader could take for this one, with the difference. `presets` are sets of
    values, by the words of a parameter `preset`, for the parameters that are not given; `rule` says
    what is wrong with values that are allowed one by one, or nothing. `contents` is a digest of
    what values only point to, such as a file, or nothing; `fingerprint` that of the plug-in file
    which declares the component, set when it is loaded.
    """

    name: str
    summary: str
    source: str
    parameters: tuple[Parameter, ...] = ()
    notes: str = ""
    aliases: tuple[str, ...] = ()
    not_the_same: Mapping[str, str] = field(default_factory=dict)
    presets: Mapping[str, Values] = field(default_factory=dict)
    rule: Callable[[Values], str] = lambda values: ""
    contents: Callable[[Values], str] = lambda values: ""
    fingerprint: str = ""

    #: The word for this kind of component in messages.
    kind = "component"

    def read(self, spec: Spec) -> Values:
        """Checked values of all parameters, defaults filled in.

        Raises
        ------
        RequestError
            An unknown key, a wrong type or range, or a missing required parameter.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for key in spec.values:
            if key not in known:
                raise unknown("parameter", key, known, f"{self.kind} {self.name!r}")
        where = f"{self.kind} {self.name!r}"
        preset = self.presets.get(str(spec.values.get("preset")), {})
        values: dict[str, Any] = {}
        for name, parameter in known.items():
            if name in spec.values:
                values[name] = parameter.read(spec.values[name], where)
            elif parameter.required:
                raise RequestError(f"{where}: {name} is required ({parameter.meaning})")
            else:
                values[name] = preset.get(name, parameter.default)
        if not any(p.waits(values[p.name]) for p in self.parameters):
            self._obey_rule(values)
        return values

    def resolve(self, values: Values, lr: float, steps: int) -> Values:
        """Values for a run of `steps` steps from the rate `lr`: numbers for what depends on them.

        Raises
        ------
        RequestError
            The values do not go together.
        """
        out = dict(values)
        for parameter in self.parameters:
            value = values[parameter.name]
            if isinstance(value, Percent):
                out[parameter.name] = value.of(lr)
            elif parameter.waits(value):
                out[parameter.name] = max(steps, 1)
        self._obey_rule(out)
        return out

    def _obey_rule(self, values: Values) -> None:
        if reason := self.rule(values):
            raise RequestError(f"{self.kind} {self.name!r}: {reason}")

    def built(self, values: Values) -> Component:
        """What the values make of it: itself, unless it is made of other components."""
        return self

    def kernel_values(self, values: Values) -> dict[str, float | int | bool]:
        """What a kernel receives for each scalar parameter; a word becomes its position."""
        out: dict[str, float | int | bool] = {}
        for parameter in self.parameters:
            value = values[parameter.name]
            if parameter.choices:
                out[parameter.name] = parameter.choices.index(value)
            elif isinstance(value, bool | int | float):
                out[parameter.name] = value
        return out


@dataclass(frozen=True)
class Facts:
    """What is known of a landscape with its parameters fixed.

    dim: coordinates. minimum: f* or None. minimiser: array of shape (dim,) or None (unknown, or
    drawn anew for every seed). L, mu: smoothness and strong convexity over the whole space, or None
    with `reason` saying why. base_lr: the rate that sgd, momentum and nesterov start from.
    domain: where the function is meant to be looked at, per coordinate (low, high).
    """

    dim: int
    minimum: float | None
    minimiser: np.ndarray | None
    base_lr: float
    L: float | None = None
    mu: float | None = None
    reason: str = ""
    domain: tuple[float, float] = (-5.0, 5.0)


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
    """

    kernel: FunctionType
    state: Mapping[str, State] = field(default_factory=dict)
    default_lr: float | None = None
    constants: Callable[[Values, int], Constants] = lambda values, steps: {}

    kind = "optimizer"


@dataclass(frozen=True, kw_only=True)
class OpenLoop(Component):
    """A schedule that is a table: `rates(lr, steps, values)` returns float64 of shape (steps,)."""

    rates: Callable[[float, int, Values], np.ndarray]

    kind = "schedule"
    hears_loss = False


@dataclass(frozen=True, kw_only=True)
class Feedback(Component):
    """A schedule that is a state machine on the observed loss.

    The kernel sees `metric` (lanes,) and changes `lr` (lanes,) and its state in place. `before`
    makes it act before the step, on the rate that the same step uses (design: step 3); otherwise it
    sets the rate of the next step (step 5).
    """

    kernel: FunctionType
    state: Mapping[str, State] = field(default_factory=dict)
    before: bool = False
    constants: Callable[[Values], Constants] = lambda values: {}

    kind = "schedule"
    hears_loss = True


@dataclass(frozen=True, kw_only=True)
class PythonSchedule(Component):
    """A schedule that is a Python object: the slow path, for what is not worth a kernel.

    factory(lr, **parameters) makes an object for one lane, from its initial rate and the checked
    parameter values under their names. Its method `step(loss)` is told the observed loss after each
    step and returns the rate of the next one, finite and above 0. A diverged lane is told no more.
    """

    factory: Callable[..., Any]

    kind = "schedule"
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
