"""A plug-in: its file imported, its code at work.

Its errors are those of its file, its prints are no results.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import stat
import sys
import threading
from collections.abc import Callable
from dataclasses import fields, replace
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any

from lab.contract import KERNELS
from lab.errors import PASSING, RequestError, said
from lab.interrupts import Terminated

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


def load_plugin(path: str | Path) -> tuple[ModuleType, str]:
    """Import a user's file under a name of its own; returns a digest of its content too.

    Raises
    ------
    RequestError
        The file is missing or does not import; the message has the reason and the line.
    """
    # Before the file's code runs, which may go to another directory.
    content, file = _content(Path(path)), Path(path).absolute()
    digest = hashlib.sha256(os.fsencode(file.resolve())).hexdigest()[:12]
    name = f"{PLUGIN}{file.stem}_{digest}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with aside:
            spec.loader.exec_module(module)
    except BaseException as error:
        del sys.modules[name]
        if isinstance(error, KeyboardInterrupt | Terminated):
            raise
        line = _line_in(error, file)
        raise RequestError(f"plug-in {str(path)!r}{line} does not import: {said(error)}") from error
    return module, hashlib.sha256(content).hexdigest()[:16]


def _content(file: Path) -> bytes:
    """What a plug-in's file holds."""
    where = f"plug-in {str(file)!r}"
    try:
        if stat.S_ISREG(file.stat().st_mode):
            if file.suffix != ".py":
                raise RequestError(f"{where} is not a Python file (its name must end in .py)")
            return file.read_bytes()
    except FileNotFoundError:
        pass
    except OSError as error:
        raise RequestError(f"{where} cannot be read: {error.strerror}") from error
    raise RequestError(f"{where} is not a file")


def _line_in(error: BaseException, file: Path) -> str:
    """Say ", line N" for the last frame of a traceback that lies in `file`."""
    if isinstance(error, SyntaxError) and error.lineno is not None:
        return f", line {error.lineno}"
    trace, line = error.__traceback__, ""
    while trace is not None:
        if Path(trace.tb_frame.f_code.co_filename) == file:
            line = f", line {trace.tb_lineno}"
        trace = trace.tb_next
    return line


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
