"""What every component declares: its name, its parameters, and the memory it keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lab.errors import RequestError, unknown
from lab.parameter import Parameter, Percent
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
    which declares the component, `file` its path, both set when it is loaded.
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
    file: str = ""

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
