"""Signals that end the laboratory's work, and what keeps one from getting lost.

Python runs a signal's handler wherever the main thread is. What the handler raises inside a call
that C makes (a destructor, a callback) cannot go up from there: it is printed and dropped.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

#: What ends the laboratory's work, where a handler in Python makes an exception of it.
SIGNALS = (signal.SIGINT, signal.SIGTERM)
#: Seconds until a signal whose exception was dropped is sent again.
AGAIN = 0.01


class Terminated(BaseException):
    """SIGTERM, on its way up."""


@contextmanager
def terminable() -> Iterator[None]:
    """Have SIGTERM raise `Terminated`, so that nothing half-written is left; in a main thread.

    A SIGINT or SIGTERM whose exception is dropped in the block is sent again a moment later.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def raise_it(number: int, frame: FrameType | None) -> None:
        raise Terminated

    before, hook = signal.signal(signal.SIGTERM, raise_it), sys.unraisablehook

    def send_again(dropped: sys.UnraisableHookArgs) -> None:
        for raised, number in ((KeyboardInterrupt, signal.SIGINT), (Terminated, signal.SIGTERM)):
            if issubclass(dropped.exc_type, raised):
                # Not from here: the handler would run, and be dropped, in this very call.
                threading.Timer(AGAIN, signal.pthread_kill, (main, number)).start()
                return
        hook(dropped)

    main = threading.get_ident()
    sys.unraisablehook = send_again
    try:
        yield
    finally:
        sys.unraisablehook = hook
        signal.signal(signal.SIGTERM, before)


@contextmanager
def held_back() -> Iterator[None]:
    """Have SIGINT and SIGTERM arrive after the block, or at once where one comes twice.

    For calls into a compiler, which calls back, and for clean-up. Only signals whose handlers are
    Python functions wait; in other threads than the main one nothing needs to.
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
