"""The code of a plug-in at work: what it raises is an error of its file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from functools import wraps
from typing import Any

from lab.contract import KERNELS
from lab.errors import PASSING, RequestError, said

#: What the modules of plug-ins are called, for the file's name and a digest to follow.
PLUGIN = "greedylr_lab_plugin_"


def owned(component: Any, fingerprint: str, file: str) -> Any:
    """A declaration of a plug-in, marked with its file, whose functions raise errors of it."""
    functions: dict[str, Any] = {
        field.name: guarded(value, file)
        for field in fields(component)
        # A kernel is compiled; a factory and its objects are told apart by lane and step.
        if field.name not in (*KERNELS, "factory")
        and callable(value := getattr(component, field.name))
    }
    if hasattr(component, "state"):
        functions["state"] = {
            name: replace(state, rows=guarded(state.rows, file)) if callable(state.rows) else state
            for name, state in component.state.items()
        }
    return replace(component, **functions, fingerprint=fingerprint, file=file)


def guarded(function: Callable[..., Any], file: str) -> Callable[..., Any]:
    """The function of a plug-in; whatever it raises, the end of the process too, is an error."""

    @wraps(function)
    def call(*arguments: Any, **named: Any) -> Any:
        try:
            return function(*arguments, **named)
        except PASSING:
            raise
        except BaseException as error:
            place = blame(error) or f"plug-in {file!r}"
            raise RequestError(f"{place}: {said(error)}") from error

    return call


def blame(error: BaseException) -> str:
    """Say which line of which plug-in an error comes from; empty where it comes from none."""
    place, trace = "", error.__traceback__
    while trace is not None:
        frame = trace.tb_frame
        if str(frame.f_globals.get("__name__", "")).startswith(PLUGIN):
            place = f"plug-in {frame.f_code.co_filename!r}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return place
