"""What `docs/dependencies.md` says of the packages in numbers.

Usage: python -m benchmarks.dependencies

Processor time, the shortest of several: to import a package; to write a million rows as Parquet and
as CSV, with their sizes; and for one interval of `scipy.stats.bootstrap`, beside those of the
laboratory for seven schedules and beside the runs that they are about.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

IMPORTED = ("llvmlite.binding", "numba", "scipy.stats", "pandas", "matplotlib.figure", "seaborn")
REPEATS = 5
ROWS = 1_000_000


def seconds(work: Callable[[], Any], repeats: int = REPEATS) -> float:
    """The shortest of several times."""
    taken = []
    for _ in range(repeats):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken)


def imports(name: str) -> float:
    """Seconds that the import of a module takes in a process that has NumPy already."""
    script = f"import numpy, time; t = time.process_time(); import {name}; "
    command = [sys.executable, "-c", script + "print(time.process_time() - t)"]
    times = [
        float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        for _ in range(REPEATS)
    ]
    return min(times)


def files() -> None:
    """The same rows in both formats."""
    import pandas as pd

    from lab.store.tables import parquet_bytes, write_whole

    draws = np.random.default_rng(0)
    columns = {
        "seed": np.arange(ROWS), "cell": np.repeat(np.arange(ROWS // 1000), 1000),
        "final": draws.lognormal(size=ROWS), "best_step": draws.integers(0, 200, ROWS),
    }  # fmt: skip
    frame = pd.DataFrame(columns)
    with tempfile.TemporaryDirectory() as place:
        parquet, csv = Path(place) / "rows.parquet", Path(place) / "rows.csv"
        times = (
            seconds(lambda: write_whole(parquet, parquet_bytes(columns)), 3),
            seconds(lambda: frame.to_csv(csv, index=False), 3),
        )
        sizes = (parquet.stat().st_size, csv.stat().st_size)
    print(f"{ROWS:,} rows: Parquet {times[0]:.2f} s, CSV {times[1]:.2f} s, {_share(*times)}; "
          f"{sizes[0] / 1e6:.1f} MB, {sizes[1] / 1e6:.1f} MB, {_share(*sizes)}")  # fmt: skip


def _share(part: float, whole: float) -> str:
    return f"{part / whole:.2f} times"


def intervals() -> None:
    """The comparison of `lab run` without options but for its landscape and noise."""
    from scipy.stats import bootstrap

    from experiments.request import make_request
    from lab.simulation import simulate
    from lab.statistics.bootstrap import median_ratios

    request = make_request("rosenbrock", "spikes")
    arms, scenario = request.arms(), request.scenario(request.strengths[0])
    run = lambda: simulate(  # noqa: E731
        scenario, arms, request.steps, request.seeds, threads=1
    )
    finals = run().summary["final"]

    def ratio(one: np.ndarray, other: np.ndarray, axis: int = -1) -> np.ndarray:
        return np.median(one, axis=axis) / np.median(other, axis=axis)

    pair = (finals[1], finals[0])
    theirs = lambda: bootstrap(pair, ratio, paired=True, batch=500)  # noqa: E731
    median_ratios(finals, 0)
    print(f"{request.seeds:,} seeds, {len(arms)} schedules, {request.steps} steps:"
          f" the runs {seconds(run):.3f} s, the laboratory's intervals"
          f" {seconds(lambda: median_ratios(finals, 0)):.3f} s, one interval of scipy"
          f" {seconds(theirs, 1):.2f} s")  # fmt: skip


def main() -> None:
    for name in IMPORTED:
        print(f"import {name}: {imports(name):.2f} s", flush=True)
    files()
    intervals()


if __name__ == "__main__":
    main()
