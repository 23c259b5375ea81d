"""The standard streams, whatever the shell made of them."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def prepare() -> None:
    """Let a stream that was closed lead nowhere, and no character be one that cannot be printed."""
    # In this order each gets its own descriptor, which a file of ours could have otherwise.
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


@contextmanager
def result_first() -> Iterator[Callable[[str], None]]:
    """A function that prints; that it could not is an error only after the block.

    A result that is under way is worth more than what a terminal shows of it.
    """
    failed: list[OSError] = []

    def show(text: str) -> None:
        try:
            print(text, flush=True)
        except OSError as error:
            failed.append(error)

    yield show
    if failed:
        raise failed[0]


def why_closed() -> str:
    """Why stdout takes nothing any more; empty where it does."""
    try:
        # An unbuffered stream has forgotten what it could not write.
        print(flush=True)
    except OSError as error:
        return error.strerror or str(error)
    return ""


def close() -> None:
    """Let what is still to be written to stdout lead nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
