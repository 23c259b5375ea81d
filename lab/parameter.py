"""One parameter of a component: its type, its range, and how it is read and written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lab.errors import RequestError, unknown
from lab.spec import Spec, parse, quoted


@dataclass(frozen=True)
class Percent:
    """A share of the initial rate, written `10%`; `Chosen.at` turns it into a number."""

    percent: float

    def of(self, lr: float) -> float:
        """The share of this rate."""
        return self.percent / 100.0 * lr


@dataclass(frozen=True)
class Parameter:
    """One parameter of a component.

    Parameters
    ----------
    name, default:
        The default's type is the parameter's type: bool, int, float, str (with `choices`), a tuple
        of floats (a list), a `Spec` (a nested component), a `Percent` (a float). `required`
        parameters have a default that only shows the type.
    meaning:
        One line for `lab show`, with the unit where there is one.
    interval:
        Allowed range of a number, or of every number of a list, such as "(0, 1]" or "[1, inf)".
    choices:
        Allowed words; a kernel receives the position of the word.
    rate:
        The number is a learning rate: it may be written as a share of the initial one, `10%`.
    zero_is_steps:
        0 stands for the number of steps of the run.
    """

    name: str
    default: Any
    meaning: str
    interval: str = "(-inf, inf)"
    choices: tuple[str, ...] = ()
    source: str = ""
    required: bool = False
    rate: bool = False
    zero_is_steps: bool = False

    @property
    def type_name(self) -> str:
        """The type in words."""
        if self.choices:
            return " | ".join(self.choices)
        kinds = {bool: "true | false", int: "integer", float: "number", tuple: "list a/b/...",
                 Percent: "number", Spec: "component", str: "text"}  # fmt: skip
        return kinds[type(self.default)]

    def read(self, raw: Any, where: str) -> Any:
        """The value that `raw` (text from the command line, or a Python value) stands for.

        Raises
        ------
        RequestError
            Wrong type, or outside the interval or the choices.
        """
        if isinstance(self.default, Spec):
            return raw if isinstance(raw, Spec) else parse(str(raw))
        if isinstance(raw, Spec):
            raise self._refuse(f"({raw})", where)
        if self.choices or isinstance(self.default, str):
            return self._read_word(str(raw), where)
        if isinstance(self.default, bool):
            return self._read_bool(raw, where)
        if isinstance(self.default, tuple):
            items = str(raw).split("/") if isinstance(raw, str | float | int) else list(raw)
            return tuple(self._read_number(item, float, where) for item in items)
        if isinstance(raw, Percent):
            raw = written(raw)
        if self.rate and isinstance(raw, str) and raw.endswith("%"):
            return Percent(float(self._read_number(raw[:-1], float, where)))
        return self._read_number(raw, int if isinstance(self.default, int) else float, where)

    def waits(self, value: Any) -> bool:
        """Whether a value becomes a number only with the initial rate or the number of steps."""
        return isinstance(value, Percent) or (self.zero_is_steps and value == 0)

    def _read_word(self, raw: str, where: str) -> str:
        if self.choices and raw not in self.choices:
            raise unknown(f"{self.name}", raw, self.choices, where)
        return raw

    def _read_bool(self, raw: Any, where: str) -> bool:
        words = {"true": True, "false": False}
        word = str(raw).lower() if isinstance(raw, bool) else str(raw)
        if word not in words:
            raise self._refuse(raw, where)
        return words[word]

    def _read_number(self, raw: Any, kind: type, where: str) -> float | int:
        try:
            number = float(raw)
            if isinstance(raw, bool) or math.isnan(number):
                raise ValueError(raw)
            if kind is int:
                # A kernel counts in float64: whole numbers beyond 2^53 would not be exact.
                if not abs(number) <= 2**53 or number != int(number):
                    raise ValueError(raw)
                number = int(number)
        except (TypeError, ValueError):
            raise self._refuse(raw, where) from None
        if not inside(number, self.interval):
            raise self._refuse(raw, where)
        return number

    def _refuse(self, raw: Any, where: str) -> RequestError:
        allowed = self.type_name
        if self.interval != "(-inf, inf)" and not self.choices:
            allowed += f" in {self.interval}"
        return RequestError(f"{where}: {self.name}={raw} is not allowed (allowed: {allowed})")


def inside(number: float, interval: str) -> bool:
    """Whether a number lies in an interval written as "[a, b)"."""
    low, high = (float(bound) for bound in interval[1:-1].split(","))
    above = number >= low if interval[0] == "[" else number > low
    below = number <= high if interval[-1] == "]" else number < high
    return above and below


def written(value: Any) -> str:
    """A parameter value as the grammar writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Percent):
        return f"{written(value.percent)}%"
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "/".join(written(item) for item in value)
    if isinstance(value, Spec):
        return f"({value})"
    return quoted(str(value))
