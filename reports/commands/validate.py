"""`lab validate`: whether a user's file keeps the contract and its gradient is right."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from lab.errors import RequestError, WorkError, one_line

#: Where the environment says after how many seconds a kernel has a loop that never ends.
SECONDS = "GREEDYLR_LAB_VALIDATE_SECONDS"


def validate(
    file: Annotated[Path, typer.Argument(help="Python file that declares components.")],
) -> None:
    """Check a plug-in: it compiles, it runs, its gradient is that of its value.

    Exit code 1 when a check fails; a wrong gradient is shown at its worst point.

    Example: lab validate bowl.py
    """
    from experiments.components import add_plugins
    from experiments.validation import validate as check

    failed = 0
    with _bounded(file, _patience()):
        for component in add_plugins([file]):
            for finding in check(component):
                failed += not finding.passed
                word = "ok    " if finding.passed else "FAILED"
                line = f"{finding.component}: {finding.check}; {finding.detail}"
                print(f"{word}  {one_line(line)}", flush=True)
    if failed:
        raise WorkError(f"{str(file)!r}: {failed} checks failed")


def _patience() -> float:
    """Seconds until a check, which takes some, is given up."""
    text = os.environ.get(SECONDS, "120")
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if 0.0 < seconds <= threading.TIMEOUT_MAX:
        return seconds
    raise RequestError(
        f"{SECONDS}: {text!r} is not allowed (allowed: (0, {threading.TIMEOUT_MAX:.0f}])"
    )


@contextmanager
def _bounded(file: Path, seconds: float) -> Iterator[None]:
    """End the process if the file's code does not end: compiled code hears no signal."""

    def end() -> None:
        print(f"lab: {str(file)!r}: no end after {seconds:g} s", file=sys.stderr, flush=True)
        os._exit(1)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
