"""Finding components by name: files of a folder, entry points of other packages, plug-ins.

A registry is never edited: a new file in the folder is a new component.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from lab.component import Chosen, Component
from lab.contract import check_declaration
from lab.errors import RequestError, unknown
from lab.plugin import aside, owned
from lab.spec import Spec, parse


class Registry:
    """All components of one kind.

    Parameters
    ----------
    kind:
        The word for it in messages, such as "landscape".
    package:
        Name of the package whose modules hold the components, one each; the module's name is the
        component's with `_` for `-`.
    classes:
        Which declarations count.
    """

    def __init__(self, kind: str, package: str, classes: tuple[type[Component], ...]) -> None:
        self.kind = kind
        self.package = package
        self.classes = classes
        self._added: dict[str, Any] = {}

    @property
    def entry_point_group(self) -> str:
        """Group under which another distribution registers modules of this kind."""
        return f"greedylr_lab.{self.kind}"

    def choose(self, text: str | Spec) -> Chosen:
        """The component that `name:key=value,...` means, with checked parameter values."""
        spec = parse(text) if isinstance(text, str) else text
        component = self.find(spec.name)
        values = component.read(spec)
        built = component.built(values)
        if component.file and built is not component:
            built = owned(built, component.fingerprint, component.file)
        return Chosen(built, values)

    def find(self, name: str) -> Any:
        """The component of this name or alias.

        Raises
        ------
        RequestError
            No such component; the message has the nearest name, or says what a similar name of
            another library means.
        """
        if name in self._added:
            return self._added[name]
        module = self._module(name)
        if module is not None:
            for component in self._declared(module):
                if component.name == name:
                    return component
        every = self.all()
        if name in every:
            return every[name]
        for component in every.values():
            if name in component.aliases:
                return component
            if name in component.not_the_same:
                raise RequestError(
                    f"{self.kind} {name!r} is not {component.name!r}:"
                    f" {component.not_the_same[name]}"
                )
        raise unknown(self.kind, name, every)

    def all(self) -> dict[str, Any]:
        """Every component by name, sorted; imports them all."""
        found = {c.name: c for c in self._built_in}
        found.update(self._added)
        return dict(sorted(found.items()))

    def add_module(self, module: ModuleType, fingerprint: str = "") -> list[str]:
        """Register a module's components, marked with its fingerprint; returns their names.

        Raises
        ------
        RequestError
            A declaration is none that anything can be made of, or its name is taken.
        """
        names: list[str] = []
        for component in self._declared(module):
            if any(component is imported for imported in self._built_in):
                continue
            with aside:
                check_declaration(component)
            if component.name in names:
                raise RequestError(f"two {self.kind}s are called {component.name!r}")
            self._refuse_taken(component.name, str(module.__file__))
            self._added[component.name] = owned(component, fingerprint, str(module.__file__))
            names.append(component.name)
        return names

    def _refuse_taken(self, name: str, file: str) -> None:
        """Refuse a name under which tables would show something else than it meant before."""
        if any(name in (component.name, *component.aliases) for component in self._built_in):
            raise RequestError(f"{self.kind} {name!r} is built in: give yours a name of its own")
        other = self._added.get(name)
        if other is not None and Path(other.file).resolve() != Path(file).resolve():
            raise RequestError(f"{self.kind} {name!r} is that of plug-in {other.file!r} already")

    def _module(self, name: str) -> ModuleType | None:
        stem = name.replace("-", "_")
        if not stem.isidentifier() or stem.startswith("_"):
            return None
        full = f"{self.package}.{stem}"
        if importlib.util.find_spec(full) is None:
            return None
        return importlib.import_module(full)

    def _declared(self, module: ModuleType) -> Iterator[Any]:
        """The declarations of a module, each once, under however many names."""
        found = {id(v): v for v in vars(module).values() if isinstance(v, self.classes)}
        yield from found.values()

    @cached_property
    def _built_in(self) -> list[Any]:
        package = importlib.import_module(self.package)
        found: list[Any] = []
        for info in pkgutil.iter_modules(package.__path__):
            if not info.ispkg and not info.name.startswith("_"):
                found += self._declared(importlib.import_module(f"{self.package}.{info.name}"))
        from importlib.metadata import entry_points

        for point in entry_points(group=self.entry_point_group):
            module = point.load()
            found += self._declared(module)
        return found
