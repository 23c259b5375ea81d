"""The same C with a cheaper generator, whose draws depend on those before them."""

from __future__ import annotations

from benchmarks.peers import Run, hand_c
from benchmarks.workloads import Inputs

SAME_DRAWS = False


def prepare(inputs: Inputs, threads: int) -> Run:
    return hand_c.prepare(inputs, threads, "XOSHIRO")
