"""The study file as far as form goes: TOML, known keys, plain values."""

from __future__ import annotations

import json
import math
import re
import tomllib
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError

from lab.errors import RequestError, nearest
from lab.files import read_regular

#: A study file is written by a person; what is larger is something else.
LARGEST = 10_000_000
#: Keys that TOML takes without quotes.
BARE = re.compile(r"[A-Za-z0-9_-]+")
#: Characters of a wrong value that a message shows.
SHOWN = 60
INF = math.inf


def plain(value: Any) -> str | float | int:
    """Text without control characters, or a finite number.

    Raises
    ------
    ValueError
        Anything else: true, false, dates, tables, lists, infinities.
    """
    if isinstance(value, str) and value and value.isprintable():
        return value
    # Compared and not asked with isfinite, which refuses whole numbers too long for a float.
    if isinstance(value, int | float) and not isinstance(value, bool) and -INF < value < INF:
        return value
    raise ValueError("text or a finite number is needed")


def one_line(value: Any) -> str:
    """One line of text.

    Raises
    ------
    ValueError
        Something else, or control characters.
    """
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError("one line of text is needed")
    return value


Value = Annotated[str | float | int, PlainValidator(plain)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
Key = Annotated[str, Field(min_length=1)]
Values = Annotated[list[Value], Field(min_length=1)]
Strict = ConfigDict(extra="forbid", strict=True)


class Keep(BaseModel):
    """What a study keeps of its lanes.

    rows: a row a lane. bands: quantiles at so many log-spaced steps, at "all", or at none (0).
    losses: steps whose loss each row has.
    """

    model_config = Strict

    rows: bool = True
    bands: Literal["all"] | Annotated[int, Field(ge=0, le=10_000)] = 40
    losses: Annotated[list[Annotated[int, Field(ge=0)]], Field(max_length=100)] = []


class Document(BaseModel):
    """A study file's content; `experiments.study.declaration` says what it means."""

    model_config = Strict

    title: Annotated[str, PlainValidator(one_line)] = ""
    seeds: Annotated[int, Field(ge=1, lt=2**39)] = 1000
    seed: Annotated[int, Field(ge=0, lt=2**64)] = 0
    components: dict[Name, Key] = {}
    constants: dict[Key, Value] = {}
    axes: dict[Key, Values] = {}
    zip: list[Annotated[dict[Key, Values], Field(min_length=1)]] = []
    exclude: list[Annotated[dict[Key, Value | Values], Field(min_length=1)]] = []
    keep: Keep = Keep()


def read_toml(path: Path) -> dict[str, Any]:
    """A file's tables.

    Raises
    ------
    RequestError
        The file cannot be read, or is not TOML; then with the line.
    """
    name = f"study {str(path)!r}"
    try:
        content = read_regular(path, LARGEST).removeprefix(BOM_UTF8)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise RequestError(f"{name} cannot be read: {reason}") from error
    try:
        return tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise RequestError(f"{name} is not UTF-8 text (at line {line})") from error
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else error
        raise RequestError(f"{name} is not TOML: {reason}") from error


def read_document(content: Any) -> Document:
    """Check the form of a study.

    Raises
    ------
    RequestError
        With the key path, the value and what is allowed.
    """
    try:
        return Document.model_validate(content)
    except ValidationError as error:
        raise RequestError(_first(error, content)) from error


def shown(value: Any) -> str:
    """A value in a message, cut where it is long."""
    try:
        text = value.isoformat() if isinstance(value, date | time) else repr(value)
    except ValueError:  # Python writes no more than some thousands of digits
        text = "a very long number"
    return text if len(text) <= SHOWN else text[:SHOWN] + "..."


def _first(error: ValidationError, content: Any) -> str:
    """The first complaint of a validation as one line with its key path."""
    found = error.errors(include_url=False)[0]
    place = list(_real(found["loc"], content))
    path = key_path(place)
    if found["type"] == "extra_forbidden":
        model = Keep if len(place) > 1 else Document
        match = nearest(str(place[-1]), model.model_fields)
        hint = f"; did you mean {match!r}?" if match else ""
        return f"unknown key {path!r}{hint} (allowed: {', '.join(model.model_fields)})"
    if found["type"] == "list_type" and len(place) == 1 and isinstance(found["input"], dict):
        return f"{path} is a table, a list of tables is needed: write [[{path}]]"
    if "[key]" in found["loc"]:
        return f"name {path!r} is not allowed: {_allowed(found)}"
    return f"{path} = {shown(found['input'])} is not allowed: {_allowed(found)}"


#: Complaints in the words of this laboratory; others stand as the validator says them.
ALLOWED: dict[str, str] = {
    "string_pattern_mismatch": "a letter, then letters, digits, '_' and '-'",
    "string_type": "text is needed",
    "string_too_short": "text is needed",
    "int_type": "a whole number is needed",
    "bool_type": "true or false is needed",
    "list_type": "a list is needed",
    "too_short": "at least one entry is needed",
    "model_type": "a table is needed",
    "dict_type": "a table is needed",
    "literal_error": "a whole number or 'all' is needed",
}


def _allowed(found: Any) -> str:
    """What a complaint says is allowed."""
    message: str = found["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return ALLOWED.get(str(found["type"]), message)


def key_path(place: Sequence[Any]) -> str:
    """A location as TOML writes it: `axes.schedule[2]`, `axes."a b"`."""
    return "".join(f"[{p}]" if isinstance(p, int) else f".{_key(p)}" for p in place)[1:]


def _key(name: str) -> str:
    return name if BARE.fullmatch(name) else json.dumps(name)


def _real(location: Sequence[Any], content: Any) -> Iterator[Any]:
    """The parts of a location that are in the file; the branches of a union are not."""
    for part in location:
        try:
            content = content[part]
        except (KeyError, IndexError, TypeError):
            continue
        yield part
