"""Docstrings as Markdown: an object's signature, then its numpy docstring section by section."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

#: A section of a numpy docstring: its title over a line of dashes.
SECTION = re.compile(r"^(\w+)\n-{3,}$", re.MULTILINE)
LISTS = ("Parameters", "Attributes", "Returns", "Raises")


def section(path: str, members: list[str]) -> str:
    """Heading, signature and docstring of the object at a dotted path, and of its members."""
    found = _object(path)
    parts = [f"### `{path}`", *_described(path.rpartition(".")[2], found)]
    for name in members:
        member = inspect.getattr_static(found, name)
        parts += [f"#### `{found.__name__}.{name}`", *_described(name, member)]
    return "\n\n".join(parts)


def _object(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)


def _described(name: str, item: Any) -> Iterator[str]:
    if shown := _signature(name, item):
        yield f"```python\n{shown}\n```"
    text = inspect.getdoc(getattr(item, "func", item))  # of a cached property, its function
    if text is None:
        raise LookupError(f"{name} has no docstring")
    head, *rest = SECTION.split(text)
    yield head.strip()
    for title, body in zip(rest[::2], rest[1::2], strict=True):
        yield f"**{title}**"
        yield _list(body) if title in LISTS else _block(body)


def _signature(name: str, item: Any) -> str:
    """How it is called, an argument a line; nothing for what is not called."""
    if isinstance(item, type):
        if not dataclasses.is_dataclass(item):
            return ""
        shown = [f for f in dataclasses.fields(item) if f.name != "fingerprint"]
        return _call(name, [_argument(f.name, f.type, f.default) for f in shown])
    if not callable(item):
        return ""
    signature = inspect.signature(item)
    lines = []
    for p in signature.parameters.values():
        if p.kind is p.KEYWORD_ONLY and "*" not in lines:
            lines.append("*")
        if p.name != "self":
            lines.append(_argument(p.name, p.annotation, p.default))
    return f"{_call(name, lines)} -> {signature.return_annotation}"


def _call(name: str, lines: list[str]) -> str:
    inside = "".join(f"    {line},\n" for line in lines)
    return f"{name}(\n{inside})" if lines else f"{name}()"


def _argument(name: str, kind: Any, default: Any) -> str:
    shown = f"{name}: {kind}"
    if default in (inspect.Parameter.empty, dataclasses.MISSING):
        return shown
    # What a declaration does when nothing is given, its docstring says.
    return f"{shown} = {'...' if callable(default) else repr(default)}"


def _list(body: str) -> str:
    """Entries, a line with the names over what they are, as list items."""
    lines = []
    for line in body.strip("\n").splitlines():
        if line.strip() and not line.startswith(" "):
            names = ", ".join(f"`{name.strip()}`" for name in line.rstrip(":").split(","))
            lines += ["", f"- {names}:"]
        else:
            lines.append(line)
    return "\n".join(lines[1:])


def _block(body: str) -> str:
    return f"```pycon\n{body.strip()}\n```" if ">>>" in body else body.strip()
