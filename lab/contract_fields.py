"""What the fields of a declaration may hold, and what its functions may answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from types import FunctionType
from typing import Any

import numpy as np

from lab.component import HEARD, Optimizer, State, Values
from lab.errors import PASSING, said
from lab.spec import NAME

#: Where a perturbation acts.
PLACES = ("start", "oracle", "end")

Test = Callable[[Any], bool]


def number(value: Any, sound: Callable[[float], bool] = math.isfinite) -> bool:
    """Whether a value is a number, and a sound one."""
    return isinstance(value, int | float) and not isinstance(value, bool) and sound(value)


def _whole(value: Any, least: int = 0) -> bool:
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return whole and bool(value >= least)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _mapping(of: Test) -> Test:
    return lambda value: (
        isinstance(value, Mapping) and all(isinstance(k, str) and of(v) for k, v in value.items())
    )


def _tuple(of: Test) -> Test:
    return lambda value: isinstance(value, tuple) and all(of(each) for each in value)


def _state(value: Any) -> bool:
    return (
        isinstance(value, State)
        and (value.rows in ("scalar", "vector") if isinstance(value.rows, str) else True)
        and (isinstance(value.rows, str) or callable(value.rows))
        and (isinstance(value.initial, str) or number(value.initial, lambda x: x == x))
    )


def _constant(value: Any) -> bool:
    """Whether a kernel can take it: a number, or numbers in a row or in rows."""
    try:
        array = np.asarray(value)
    except (ValueError, TypeError):
        return False
    return array.dtype.kind in "fiub" and array.ndim <= 2


def _positive(value: float) -> bool:
    return 0.0 < value < math.inf


TEXT = (_text, "text")
FLAG = (_flag, "True or False")
ROWS = (lambda value: callable(value) or _whole(value), "a whole number from 0, or a function")
#: What a field must be, in code and in words.
FIELDS: dict[str, tuple[Test, str]] = {
    **dict.fromkeys(("summary", "source", "notes", "formula", "start_text", "made_for"), TEXT),
    **dict.fromkeys(("gaussian", "proportional", "acts_on_metric", "acts_on_steps"), FLAG),
    **dict.fromkeys(("scalar", "vector", "before"), FLAG),
    **dict.fromkeys(("uniforms", "normals"), ROWS),
    "aliases": (_tuple(lambda v: _text(v) and bool(NAME.fullmatch(v))), "a tuple of names"),
    "not_the_same": (_mapping(_text), "a mapping of names to texts"),
    "presets": (_mapping(lambda v: isinstance(v, Mapping)), "a mapping of words to values"),
    "state": (_mapping(_state), "a mapping of names to State"),
    "place": (lambda v: _text(v) and v in PLACES, f"one of {', '.join(PLACES)}"),
    "hears": (_tuple(lambda v: _text(v) and v in HEARD), f"a tuple of some of {', '.join(HEARD)}"),
    "default_lr": (lambda v: v is None or number(v, _positive), "None or a number above 0"),
}
COUNT = (_whole, "a whole number from 0")
CONSTANTS = (_mapping(_constant), "a mapping of names to numbers and arrays of them")
#: What a function of the parameter values must answer.
ANSWERS: dict[str, tuple[Test, str]] = {
    **dict.fromkeys(("instance_normals", "step_uniforms", "step_normals", "trials"), COUNT),
    **dict.fromkeys(("uniforms", "normals"), COUNT),
    "workspace": (_mapping(lambda v: _whole(v, 1)), "a mapping of names to numbers of rows"),
    "constants": CONSTANTS,
    "contents": TEXT,
}


def _shown(value: Any) -> str:
    """A value in a message: of a function its name, which is the same in every run."""
    return f"the function {value.__name__}" if isinstance(value, FunctionType) else repr(value)


def wrong_fields(component: Any) -> Iterator[str]:
    """What is wrong with what the fields hold."""
    for name, (test, words) in FIELDS.items():
        if hasattr(component, name) and not test(getattr(component, name)):
            yield f"{name} must be {words}, not {_shown(getattr(component, name))}"
    parameters = {p.name for p in component.parameters}
    for name, state in getattr(component, "state", {}).items():
        if isinstance(state.initial, str) and state.initial not in {"lr", *parameters}:
            yield f"{name} starts from {state.initial!r}, which is neither 'lr' nor a parameter"


def wrong_answers(component: Any, values: Values) -> Iterator[str]:
    """What is wrong with what the functions answer at some values."""
    arguments = (values, 3) if isinstance(component, Optimizer) else (values,)
    for name, (test, words) in ANSWERS.items():
        function = getattr(component, name, None)
        if callable(function):
            given = arguments if name == "constants" else (values,)
            yield from _wrong_answer(name, function, given, test, words)
    for name, state in getattr(component, "state", {}).items():
        if callable(state.rows):
            yield from _wrong_answer(f"rows of {name}", state.rows, (values,), *COUNT)


def _wrong_answer(
    name: str, function: Callable[..., Any], given: tuple[Any, ...], test: Test, words: str
) -> Iterator[str]:
    try:
        answer = function(*given)
    except PASSING:
        raise
    except BaseException as error:
        yield f"{name} fails: {said(error)}"
        return
    if not test(answer):
        yield f"{name} says {answer!r}, {words} is needed"
