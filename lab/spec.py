"""The component grammar: `name` or `name:key=value,key=value`.

Values are words, lists `30/80`, nested components `(cosine:T_max=180)` and quoted text for a value
that holds a comma, a colon, an equals sign, a bracket, a quote or a blank. Either kind of quote
does; inside, the same quote is written twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lab.errors import RequestError

#: Characters that end an unquoted value or have a meaning of their own.
SPECIAL = re.compile(r"[,:=()'\"\s]")
#: Components within components: far more than any schedule has, far less than Python's stack.
DEEPEST = 50
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Spec:
    """A component as it was written: a name and raw values, not yet checked against it."""

    name: str
    values: Mapping[str, str | Spec] = field(default_factory=dict)

    def __str__(self) -> str:
        if not self.values:
            return self.name
        return f"{self.name}:{','.join(f'{k}={_written(v)}' for k, v in self.values.items())}"


def parse(text: str) -> Spec:
    """Parse one component.

    Raises
    ------
    RequestError
        The text is empty, ends early, or holds something the grammar does not know; the message
        shows where.
    """
    reader = _Reader(text)
    spec = reader.component()
    if not reader.at_end():
        raise reader.error(f"unexpected {reader.rest()!r}")
    return spec


def _written(value: str | Spec) -> str:
    return f"({value})" if isinstance(value, Spec) else quoted(value)


def quoted(text: str) -> str:
    """Text as the value of a parameter, in quotes where the grammar needs them."""
    if text and not SPECIAL.search(text):
        return text
    quote = '"' if '"' not in text or "'" in text else "'"
    return f"{quote}{text.replace(quote, 2 * quote)}{quote}"


class _Reader:
    """A cursor over the text of a component."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0

    def at_end(self) -> bool:
        return self.at >= len(self.text)

    def rest(self) -> str:
        return self.text[self.at :]

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def error(self, what: str) -> RequestError:
        return RequestError(
            f"component {self.text!r}: {what} (write name or name:key=value,key=value)"
        )

    def take(self, character: str) -> bool:
        if self.peek() != character:
            return False
        self.at += 1
        return True

    def word(self, what: str) -> str:
        match = NAME.match(self.text, self.at)
        if match is None:
            found = f"found {self.peek()!r}" if self.peek() else "the text ends"
            raise self.error(f"expected {what}, {found}")
        self.at = match.end()
        return match.group()

    def component(self) -> Spec:
        name = self.word("a name")
        values: dict[str, str | Spec] = {}
        if self.take(":"):
            while True:
                key = self.word("a key")
                if not self.take("="):
                    raise self.error(f"key {key!r} has no value")
                if key in values:
                    raise self.error(f"key {key!r} is given twice")
                values[key] = self.value(key)
                if not self.take(","):
                    break
        return Spec(name, values)

    def value(self, key: str) -> str | Spec:
        opening = self.peek()
        if opening == "(":
            self.at += 1
            self.depth += 1
            if self.depth > DEEPEST:
                raise self.error(f"more than {DEEPEST} components lie within each other")
            spec = self.component()
            self.depth -= 1
            if not self.take(")"):
                raise self.error(f"the bracket after {key}= is not closed")
            return spec
        if opening in ("'", '"') and opening:
            return self.quoted(key, opening)
        match = SPECIAL.search(self.text, self.at)
        end = match.start() if match else len(self.text)
        text = self.text[self.at : end]
        if not text:
            raise self.error(f"key {key!r} has no value")
        self.at = end
        return text

    def quoted(self, key: str, quote: str) -> str:
        """Text between quotes; two of them in a row stand for one."""
        parts: list[str] = []
        while self.take(quote):
            end = self.text.find(quote, self.at)
            if end < 0:
                raise self.error(f"the quote after {key}= is not closed")
            parts.append(self.text[self.at : end])
            self.at = end + 1
        return quote.join(parts)
