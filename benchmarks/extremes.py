"""The large among the extreme but legal requests, and what denormal numbers cost.

Usage: python benchmarks/extremes.py [denormals|large]

large: a thousand coordinates, a million steps, a million seeds, each as a whole comparison in a
process of its own; every number of its JSON must be finite or "inf". Prints seconds and memory.

denormals: the same simulation from a start at 1 and from one at 1e-310, where x and the gradient
are smaller than the smallest normal number (2.2e-308), at a rate so low that x hardly moves; then
a descent without noise that goes on long after it has arrived, against one that hardly moves.
Interleaved, the fastest of several; prints the ratios of the times.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from experiments.request import make_request
from lab.simulation import Keep, simulate

ROOT = Path(__file__).parents[1]
#: What runs in a process of its own, and its name.
LARGE = {
    "d = 1000": ("--landscape", "rosenbrock:dim=1000", "--steps", "100", "--seeds", "200"),
    "T = 1e6": ("--landscape", "rosenbrock", "--steps", "1000000", "--seeds", "8"),
    "1e6 seeds": ("--landscape", "rosenbrock", "--steps", "10", "--seeds", "1000000"),
    "strength 1e6": ("--landscape", "rosenbrock", "--strength", "0,1e6", "--seeds", "1000"),
    "condition 1e16": (
        "--landscape", "quadratic:dim=100,condition=1e16", "--seeds", "500", "--optimizer", "sgd"
    ),
}  # fmt: skip
COMMON = ("--noise", "gaussian", "--no-tune", "--json", "--quiet")
SCHEDULES = ("--schedule", "greedy", "--schedule", "cosine")
REPEATS, STEPS, DESCENT, LANES = 5, 1000, 8000, 640
OPTIMIZERS = ("sgd", "momentum", "adam")


def large() -> None:
    for name, arguments in LARGE.items():
        command = [sys.executable, str(ROOT / "cli.py"), "run", *arguments, *COMMON, *SCHEDULES]
        begun = time.monotonic()
        done = subprocess.run(
            [*command, "--out", f"extreme-{name.replace(' ', '')}"],
            env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            print(f"{name:16s} exit {done.returncode}: {done.stderr.strip()}")
            continue
        json.loads(done.stdout, parse_constant=refuse)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"{name:16s} {time.monotonic() - begun:6.1f} s, largest so far {peak:.0f} MB")


def refuse(word: str) -> None:
    raise SystemExit(f"{word} in a table")


def denormals() -> None:
    print(f"fastest of {REPEATS}, {LANES} lanes, quadratic:dim=10,condition=1, one thread")
    for optimizer in OPTIMIZERS:
        found = ratio(optimizer, STEPS, {"low": (1e-310, 1e-6), "high": (1.0, 1e-6)})
        print(f"{optimizer:10s} every step among denormals: {found:.0f} times as long")
    for optimizer in OPTIMIZERS:
        # With sgd x shrinks by a tenth a step, down to the smallest denormals, and stays there.
        found = ratio(optimizer, DESCENT, {"low": (1.0, 0.1), "high": (1.0, 1e-6)})
        print(f"{optimizer:10s} {DESCENT} steps of a descent to 0: {found:.1f} times as long")


def ratio(optimizer: str, steps: int, cases: dict[str, tuple[float, float]]) -> float:
    """How much longer the low case takes; a case is the size of the start and the rate."""
    fastest = dict.fromkeys(cases, float("inf"))
    for _ in range(REPEATS):
        for name, (size, lr) in cases.items():
            fastest[name] = min(fastest[name], seconds(optimizer, steps, size, lr))
    return fastest["low"] / fastest["high"]


def seconds(optimizer: str, steps: int, size: float, lr: float) -> float:
    """Of one simulation without noise."""
    request = make_request(
        "quadratic:dim=10,condition=1", schedules=("constant",), optimizer=optimizer, steps=steps,
        lr=lr, start=(size,) * 10,
    )  # fmt: skip
    begun = time.perf_counter()
    simulate(
        request.scenario(0.0), request.arms(), steps, LANES, start=request.start, threads=1,
        keep=Keep(loss=False, lr_mean=False),
    )  # fmt: skip
    return time.perf_counter() - begun


if __name__ == "__main__":
    wanted = sys.argv[1:] or ["denormals", "large"]
    for part in wanted:
        {"denormals": denormals, "large": large}[part]()
