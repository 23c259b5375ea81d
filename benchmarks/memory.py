"""Peak memory of very large studies: cells of 500,000 lanes, and one cell of 100 million.

Usage: python benchmarks/memory.py cells COUNT [rows] | one LANES STEPS

`cells`: COUNT cells of 500,000 lanes and 200 steps, 10^8 lane-steps each, with or without rows.
`one`: a single cell, whose rows go to the disk by row groups and whose bands come from a sketch.
Every minute, and at the end: finished chunks, seconds, resident megabytes now and at most.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from experiments.study.declaration import make_study
from experiments.study.sweep import run_study


def memory(name: str) -> float:
    """VmRSS or VmHWM of this process, in megabytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return float("nan")


def many(count: int, rows: bool) -> dict[str, Any]:
    """A study of `count` cells, four to a scenario."""
    return {
        "seeds": 500_000,
        "constants": {"landscape": "rosenbrock", "noise": "gaussian", "steps": 200, "lr": 0.01},
        "axes": {
            "strength": [round(0.004 * (i + 1), 6) for i in range(count // 4)],
            "schedule": ["greedy", "constant", "cosine", "exponential"],
        },
        "keep": {"rows": rows, "bands": 40},
    }


def one(lanes: int, steps: int) -> dict[str, Any]:
    """A study of one cell."""
    return {
        "seeds": lanes,
        "constants": {"landscape": "rosenbrock", "noise": "gaussian", "steps": steps, "lr": 0.01},
        "axes": {"schedule": ["greedy"]},
        "keep": {"rows": True, "bands": 40},
    }


def main(content: dict[str, Any]) -> None:
    study = make_study("memory", content, "memory")
    lanes = study.cells * study.document.seeds
    print(f"{study.cells:,} cells, {lanes:,} lanes, {study.lane_steps:.3g} lane-steps")
    print(f"resident before: {memory('VmRSS'):.0f} MB")
    begun = time.monotonic()
    finished: list[str] = [""]

    def show() -> None:
        print(f"{time.monotonic() - begun:8.0f} s, now {memory('VmRSS'):5.0f} MB, at most"
              f" {memory('VmHWM'):5.0f} MB; {finished[-1]}", flush=True)  # fmt: skip

    over = threading.Event()

    def watch() -> None:
        while not over.wait(60.0):
            show()

    threading.Thread(target=watch, daemon=True).start()
    directory = Path(tempfile.mkdtemp(prefix="memory-", dir="."))
    try:
        run_study(study, directory, "memory", False, None, None, (), finished.append)
        over.set()
        show()
        size = sum(p.stat().st_size for p in directory.rglob("*") if p.is_file())
        print(f"{size / 1e6:,.0f} MB on disk, {study.lane_steps / (time.monotonic() - begun):.3g}"
              " lane-steps a second")  # fmt: skip
    finally:
        shutil.rmtree(directory)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    if sys.argv[1] == "cells":
        main(many(int(sys.argv[2]), "rows" in sys.argv[3:]))
    else:
        main(one(int(sys.argv[2]), int(sys.argv[3])))
