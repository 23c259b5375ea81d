"""Signals that wait: a stretch of work in which an exception from a signal could get lost."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

#: What ends the laboratory's work, where a handler in Python makes an exception of it.
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Terminated(BaseException):
    """SIGTERM, on its way up."""


@contextmanager
def terminable() -> Iterator[None]:
    """Have SIGTERM raise `Terminated`, so that nothing half-written is left; in a main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def raise_it(number: int, frame: FrameType | None) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, raise_it)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def held_back() -> Iterator[None]:
    """Have SIGINT and SIGTERM arrive after the block, or at once where one comes twice.

    For calls into a compiler: Python runs a signal's handler wherever the main thread is, and what
    the handler raises inside a callback from C is printed and dropped. Only signals whose handlers
    are Python functions wait; in other threads than the main one nothing needs to.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def hold(number: int, frame: FrameType | None) -> None:
        handler = before[signal.Signals(number)]
        came.append(number)
        if len(came) > 1 and callable(handler):
            handler(number, frame)

    waiting = [number for number, handler in before.items() if callable(handler)]
    for number in waiting:
        signal.signal(number, hold)
    try:
        yield
    finally:
        for number in waiting:
            signal.signal(number, before[number])
        if came:
            signal.raise_signal(came[0])
