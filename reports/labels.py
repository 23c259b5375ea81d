"""Short names for components that are written in full: what tells them apart, and no more."""

from __future__ import annotations

from collections.abc import Iterable

from lab.errors import LabError
from lab.spec import Spec, parse


def short(texts: Iterable[str]) -> dict[str, str]:
    """A label for each text: its name, and those parameters in which its namesakes differ.

    Text that is not a component stays as it is.
    """
    every = list(dict.fromkeys(texts))
    specs = {text: _spec(text) for text in every}
    families: dict[str, list[Spec]] = {}
    for spec in specs.values():
        if spec is not None:
            families.setdefault(spec.name, []).append(spec)
    return {
        text: text if spec is None else _label(spec, families[spec.name])
        for text, spec in specs.items()
    }


def _spec(text: str) -> Spec | None:
    try:
        return parse(text)
    except LabError:
        return None


def _label(spec: Spec, family: list[Spec]) -> str:
    """The name with the values that are not the same in the whole family."""
    telling = [
        f"{key}={value}"
        for key, value in spec.values.items()
        if any(other.values.get(key) != value for other in family)
    ]
    return " ".join([spec.name, *telling])
