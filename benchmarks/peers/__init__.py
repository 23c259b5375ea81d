"""Implementations of the same workloads: one a file, each with `prepare`.

`prepare(inputs, threads)` returns a function without arguments that runs the workload and returns
arrays: losses of shape (steps + 1, lanes) and rates of shape (steps, lanes), of all lanes or of
the first few where an implementation is too slow for all. It raises `Unavailable` where something
it needs is not installed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Run = Callable[[], tuple[np.ndarray, np.ndarray]]


class Unavailable(Exception):
    """Why an implementation cannot run here."""
