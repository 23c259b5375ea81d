"""The code of a plug-in at work: its errors are those of its file, its prints are no results."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import fields, replace
from functools import wraps
from typing import Any

from lab.contract import KERNELS
from lab.errors import PASSING, RequestError, said

#: What the modules of plug-ins are called, for the file's name and a digest to follow.
PLUGIN = "greedylr_lab_plugin_"


class Aside:
    """Has prints go to stderr while any thread is in it: stdout is for what a command answers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._stdout = sys.stdout

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._stdout, sys.stdout = sys.stdout, sys.stderr
            self._inside += 1

    def __exit__(self, *raised: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                sys.stdout = self._stdout


#: The one of this process, whose streams it turns.
aside = Aside()


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
            with aside:
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
