"""How a command talks to its terminal: results on stdout, progress and remarks on stderr."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

from lab.errors import RequestError, one_line
from reports import places

#: Most numbers of a list on the command line: each is a run of its own.
MOST = 1000


def page(target: Path, wanted: bool, open: bool, json: bool) -> None:
    """The page of a finished directory; its path goes where it disturbs no JSON."""
    if wanted or open:
        from reports.page import write

        path = write(target)
        print(places.line("page", path), file=sys.stderr if json else sys.stdout)
        if open:
            open_page(path)


def open_page(path: Path) -> None:
    """Open a page in the user's browser."""
    import webbrowser

    webbrowser.open(path.absolute().as_uri())


def notes(lines: list[str]) -> None:
    """Remarks on stderr: stdout carries the result alone."""
    for line in lines:
        print(f"note: {one_line(line)}", file=sys.stderr)


def numbers(name: str, text: str, most: int = MOST) -> tuple[float, ...]:
    """Numbers separated by commas, at most so many."""
    try:
        return tuple(float(part) for part in _parts(name, text, most))
    except ValueError:
        raise RequestError(
            f"{name}: {text!r} is not allowed (allowed: numbers separated by commas)"
        ) from None


def whole_numbers(name: str, text: str) -> tuple[int, ...]:
    """Whole numbers separated by commas."""
    try:
        return tuple(int(part) for part in _parts(name, text, MOST))
    except ValueError:
        raise RequestError(
            f"{name}: {text!r} is not allowed (allowed: whole numbers separated by commas)"
        ) from None


def _parts(name: str, text: str, most: int) -> list[str]:
    parts = text.split(",")
    if len(parts) > most:
        raise RequestError(f"{name}: {len(parts)} numbers are too many (allowed: up to {most})")
    return parts


def log(quiet: bool) -> Any:
    """Progress on stderr, and word that kernels compile while they do."""
    import time

    from lab.engine.native import on_compile

    begun = time.monotonic()
    compiled = 0
    last = 0.0

    def say(text: str) -> None:
        if not quiet:
            line = f"[{time.monotonic() - begun:5.1f} s] {one_line(text)}"
            print(line, file=sys.stderr, flush=True)

    def compiling(name: str) -> None:
        nonlocal compiled, last
        if compiled == 0:
            say("first use on this machine: compiling kernels, some seconds once")
        elif time.monotonic() - last > 1.0:
            say(f"{compiled} kernels compiled, now {name}")
        if compiled == 0 or time.monotonic() - last > 1.0:
            last = time.monotonic()
        compiled += 1

    on_compile(compiling)
    return say


def command_line() -> str:
    """The command as it was typed, for provenance.

    Raises
    ------
    RequestError
        A part of it, such as the name of a file, is not UTF-8: results could not name it.
    """
    for part in sys.argv[1:]:
        try:
            part.encode()
        except UnicodeEncodeError as error:
            raise RequestError(
                f"{part!r} is not UTF-8 text, which results are written in"
            ) from error
    return shlex.join(["lab", *sys.argv[1:]])
