"""Time all implementations of the workloads with one number of threads; print JSON.

Usage: python -m benchmarks.measure THREADS ROUNDS SECONDS [WORKLOAD ...]

Rounds are interleaved: every implementation runs once in each, until it has used up its SECONDS for
this workload (three rounds at least). The order is another one in each, because what ran before
decides what the caches hold: nobody shall always follow the torch loop. The process ties itself to
as many processors as it has threads.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from random import Random
from typing import Any

import numpy as np

from benchmarks.agreement import bands, quiet
from benchmarks.peers import Run, Unavailable
from benchmarks.workloads import WORKLOADS, Inputs, Workload, inputs

PEERS = (
    "laboratory", "hand_c", "hand_c_xoshiro", "jax_best", "jax_usual", "numpy_lanes", "torch_loop",
)  # fmt: skip
LEAST_ROUNDS = 3
#: Lanes that agreement step by step is looked at on.
QUIET_LANES = 512


def main(threads: int, rounds: int, seconds: float, names: list[str]) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    modules = {name: importlib.import_module(f"benchmarks.peers.{name}") for name in PEERS}
    for workload in WORKLOADS:
        if names and workload.name not in names:
            continue
        given = inputs(workload)
        runs, reasons = prepared(modules, given, threads)
        found = {
            name: {**measured, **agreement(modules[name], workload, given, runs, name, threads)}
            for name, measured in timed(runs, given, rounds, seconds).items()
        }
        for name, reason in reasons.items():
            found[name] = {"absent": reason}
        print(json.dumps({"workload": workload.name, "threads": threads, "found": found}))
        sys.stdout.flush()


def prepared(
    modules: dict[str, Any], given: Inputs, threads: int
) -> tuple[dict[str, Run], dict[str, str]]:
    """What runs, compiled by a first call, and why the others do not."""
    runs: dict[str, Run] = {}
    reasons: dict[str, str] = {}
    for name, module in modules.items():
        try:
            runs[name] = module.prepare(given, threads)
            runs[name]()
        except Unavailable as reason:
            runs.pop(name, None)
            reasons[name] = str(reason)
    return runs, reasons


def timed(
    runs: dict[str, Run], given: Inputs, rounds: int, seconds: float
) -> dict[str, dict[str, Any]]:
    """Nanoseconds a lane-step in every round, by implementation."""
    spent = dict.fromkeys(runs, 0.0)
    found: dict[str, list[float]] = {name: [] for name in runs}
    order = Random(0)
    for number in range(rounds):
        for name in order.sample(list(runs), len(runs)):
            if number >= LEAST_ROUNDS and spent[name] > seconds:
                continue
            begun = time.perf_counter()
            loss, _ = runs[name]()
            taken = time.perf_counter() - begun
            spent[name] += taken
            found[name].append(taken / (loss.shape[1] * given.steps) * 1e9)
    return {name: {"ns": values} for name, values in found.items()}


def agreement(
    module: Any, workload: Workload, given: Inputs, runs: dict[str, Run], name: str, threads: int
) -> dict[str, Any]:
    """How well an implementation agrees with the laboratory's own."""
    if name == "laboratory":
        return {}
    few = inputs(workload.quiet(), QUIET_LANES)
    ours = importlib.import_module("benchmarks.peers.laboratory")
    out = {"quiet": quiet(ours.prepare(few, threads)(), module.prepare(few, threads)())}
    if not workload.silent:
        reference, found = runs["laboratory"](), runs[name]()
        if module.SAME_DRAWS:
            out["noisy"] = quiet(reference, found)
        elif found[0].shape == reference[0].shape:
            out["bands"] = bands(reference, found)
    return out


if __name__ == "__main__":
    np.seterr(all="ignore")
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4:])
