"""Kernels that a pass needs, compiled before it on all processors.

The compiler holds a lock of its own, so a second thread is no help. Forked processes have the
kernels, wherever these come from, and the compiler, and hand over through the cache.
"""

from __future__ import annotations

import os
import signal
import sys
import time
import types
import warnings
from collections.abc import Iterable, Iterator, Sequence

from lab.engine.native import announce, at_hand, forked, native, one_at_a_time, size
from lab.engine.workers import cores
from lab.interrupts import held_back

#: A function and the signature of its machine code.
Kernel = tuple[types.FunctionType, str]
#: A process of its own pays for itself from so many kernels on.
FEWEST = 4
#: Seconds after which a process that has not finished its last kernel is given up.
PATIENCE = 60.0


_expected: list[Kernel] = []


def expected(function: types.FunctionType, signature: str) -> Kernel:
    """A kernel of statistics, to be compiled along with those of the first pass that needs any."""
    _expected.append((function, signature))
    return _expected[-1]


def compile_ahead(kernels: Iterable[Kernel]) -> None:
    """Compile those that are neither loaded nor in the cache, where that saves time.

    What is not compiled here, because a process came to an end, is left to `native`.
    """
    missing = [kernel for kernel in dict.fromkeys(kernels) if not at_hand(*kernel)]
    if missing:
        missing += [kernel for kernel in _expected if not at_hand(*kernel)]
    workers = min(cores(), len(missing) // (FEWEST // 2))
    if len(missing) < FEWEST or workers < 2 or sys.platform != "linux":
        return
    # The long ones first: nobody shall begin one when the others have nothing left.
    missing.sort(key=lambda kernel: size(kernel[0]), reverse=True)
    with one_at_a_time(), held_back():
        import lab.engine.compiler  # noqa: F401  before the processes part

        queue = _queue(len(missing))
        others = [_start(missing, queue) for _ in range(workers - 1)]
        try:
            done = 0
            for number in _taken(queue):
                _announce(missing[done:number])
                native(*missing[number])
                done = number + 1
            _announce(missing[done:])
        finally:
            os.close(queue)
            _wait_for(others)


def _announce(kernels: Sequence[Kernel]) -> None:
    """Tell of kernels that other processes have taken."""
    for function, _ in kernels:
        announce(function)


def _queue(count: int) -> int:
    """A pipe with the numbers 0 .. count - 1, from which several processes read."""
    reader, writer = os.pipe()
    os.write(writer, b"".join(number.to_bytes(2, "little") for number in range(count)))
    os.close(writer)
    return reader


def _taken(queue: int) -> Iterator[int]:
    """Numbers that no other process has taken."""
    while record := os.read(queue, 2):
        yield int.from_bytes(record, "little")


def _start(kernels: Sequence[Kernel], queue: int) -> int:
    """The number of a new process that compiles what it takes from the queue."""
    with warnings.catch_warnings():
        # Python warns of locks that other threads hold: what runs here takes none of theirs.
        warnings.simplefilter("ignore", DeprecationWarning)
        process = os.fork()
    if process:
        return process
    status = 1
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        forked()
        for number in _taken(queue):
            native(*kernels[number])
        status = 0
    finally:
        os._exit(status)


def _wait_for(processes: Iterable[int]) -> None:
    """Wait until they have ended; end those that do not."""
    limit = time.monotonic() + PATIENCE
    for process in processes:
        while os.waitpid(process, os.WNOHANG) == (0, 0):
            if time.monotonic() > limit:
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, 0)
                break
            time.sleep(0.005)
