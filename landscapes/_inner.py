"""What landscapes made of others share: the inner landscape under names of its own.

The kernel of a composite calls the inner kernel as the plain function it is, so both are compiled
into one stage. The numbers and workspaces that the inner kernel asks for are handed to the outer
one with a prefix, so that landscapes may hold each other to any depth.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping

import numpy as np

from lab.component import Chosen, Composite, Constants, Facts, Landscape
from lab.spec import Spec
from landscapes import LANDSCAPES

#: Fields that the engine gives to every kernel that asks: no prefix.
COMMON = frozenset(
    {
        *("x", "value", "grad", "seen", "instance", "step_uniform", "step_normal"),
        *("step", "lane", "seed"),
    }
)


class Inner:
    """A landscape inside another one, its names marked by a prefix."""

    def __init__(self, spec: Spec, prefix: str) -> None:
        self.chosen: Chosen = LANDSCAPES.choose(spec)
        self.prefix = prefix

    @property
    def landscape(self) -> Landscape:
        """Its declaration."""
        return self.chosen.component

    @property
    def facts(self) -> Facts:
        """What is known of it."""
        return self.landscape.facts(self.chosen.values)

    @property
    def normals(self) -> int:
        """How many normals its own instance takes."""
        return self.landscape.instance_normals(self.chosen.values)

    @property
    def uniforms(self) -> int:
        """How many uniforms it draws in every step."""
        return self.landscape.step_uniforms(self.chosen.values)

    @property
    def step_normals(self) -> int:
        """How many normals it draws in every step."""
        return self.landscape.step_normals(self.chosen.values)

    def constants(self) -> Constants:
        """Its parameters and constants, with the prefix."""
        landscape, values = self.landscape, self.chosen.values
        numbers = {**landscape.kernel_values(values), **landscape.constants(values)}
        return {self.prefix + name: number for name, number in numbers.items()}

    def workspace(self) -> dict[str, int]:
        """Its workspaces, with the prefix."""
        rows = self.landscape.workspace(self.chosen.values)
        return {self.prefix + name: count for name, count in rows.items()}

    def start(self) -> types.FunctionType | None:
        """The kernel of its start distribution, with the prefix."""
        begin = self.landscape.start
        if begin is None:
            return None
        names = outer_names(begin, self.prefix, {"start": "start"})
        text = f"def start({', '.join(names)}):\n    begin({', '.join(names)})\n"
        return compiled(text, "start", {"begin": begin})


def landscape_around(outer: Composite, inner: Inner, kernel: types.FunctionType) -> Landscape:
    """The landscape that a composite's declaration, one inner landscape and a kernel make.

    It draws in every step what the inner one draws, and starts where that starts.
    """
    landscape = inner.landscape
    return Landscape(
        name=outer.name,
        summary=outer.summary,
        source=f"{outer.source}; {landscape.source}",
        parameters=outer.parameters,
        notes=f"{outer.notes} {landscape.notes}",
        formula=f"{outer.formula}, where f(x) = {landscape.formula}",
        kernel=kernel,
        facts=outer.facts,
        constants=outer.constants,
        instance_normals=outer.instance_normals,
        step_uniforms=lambda _: inner.uniforms,
        step_normals=lambda _: inner.step_normals,
        workspace=outer.workspace,
        contents=outer.contents,
        fingerprint=outer.fingerprint,
        start=inner.start(),
        start_text=landscape.start_text,
    )


def outer_names(
    kernel: Callable, prefix: str, given: Mapping[str, str] = types.MappingProxyType({})
) -> list[str]:
    """Names, in the outer kernel, of the arguments of an inner one: `given`, common or prefixed."""
    return [
        given.get(name, name if name in COMMON else prefix + name)
        for name in inspect.signature(kernel).parameters
    ]


def compiled(text: str, name: str, functions: Mapping[str, object]) -> types.FunctionType:
    """The function `name` that `text` defines, with `functions` as its globals."""
    namespace: dict[str, object] = dict(functions)
    exec(text, namespace)
    function = namespace[name]
    assert isinstance(function, types.FunctionType)
    return function


def merged(*names: list[str]) -> str:
    """Argument names in the order of their first appearance, as the text of a signature."""
    return ", ".join(dict.fromkeys(name for group in names for name in group))


def known_minimiser(facts: Facts) -> np.ndarray:
    """The minimiser, or 0 where none is known: what rotations and stretches leave in place."""
    return np.zeros(facts.dim) if facts.minimiser is None else facts.minimiser
