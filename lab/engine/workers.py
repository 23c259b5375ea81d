"""The threads that blocks of lanes are run on, besides the one that asks for it."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache

#: Threads at most. They are started when needed and stay: a start takes as long as some short runs.
MOST = 1024

Task = tuple[int, int]


def cores() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def share_out(tasks: list[Task], workers: int, work_off: Callable[[list[Task]], None]) -> None:
    """Call `work_off(tasks)` on so many threads, of which this is one.

    `work_off` takes tasks from the end of the list until none is left. Where it raises anywhere,
    or this thread is interrupted, the rest of the tasks is dropped, the tasks begun are waited for,
    and the exception is raised here.
    """
    if workers <= 1:
        work_off(tasks)
        return

    def work() -> None:
        try:
            work_off(tasks)
        except BaseException:
            tasks.clear()
            raise

    others = [_pool().submit(work) for _ in range(workers - 1)]
    try:
        work()
    finally:
        # Whoever did not get a thread by now has nothing to do.
        wait([other for other in others if not other.cancel()])
    for other in others:
        if not other.cancelled():
            other.result()


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(MOST, thread_name_prefix="lanes")


# A forked process has the pool without its threads.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)
