"""The published grid in all five channels: what it costs, and what it shows beside the paper.

Usage: python benchmarks/published_grid.py DIRECTORY [SEEDS]
       python benchmarks/published_grid.py --show DIRECTORY

Runs `lab sweep` on studies/published.toml and studies/published-channels.toml (1,000 seeds a cell
unless told otherwise) into DIRECTORY, one process a study, and prints wall time, lanes a second,
peak memory and bytes on disk; then the tables. `--show` prints the tables of a finished directory.
"""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path

from experiments.check.published import read_published
from experiments.study.declaration import read_study
from reports.published import text

ROOT = Path(__file__).parents[1]
STUDIES = ("published", "published-channels")


def run(directory: Path, seeds: int) -> None:
    print(f"{'study':20s} {'cells':>6s} {'lanes':>10s} {'wall s':>7s} {'lanes/s':>9s}"
          f" {'CPU s':>7s} {'peak MB':>8s} {'MB on disk':>10s}")  # fmt: skip
    total = [0.0] * 4
    for name in STUDIES:
        content = (ROOT / "studies" / f"{name}.toml").read_text(encoding="utf-8")
        file = directory / f"{name}.toml"
        directory.mkdir(parents=True, exist_ok=True)
        file.write_text(re.sub(r"(?m)^seeds = .*$", f"seeds = {seeds}", content), encoding="utf-8")
        study = read_study(file)
        lanes = study.cells * seeds
        wall, cpu, peak = sweep(file, directory / name)
        size = sum(p.stat().st_size for p in (directory / name).rglob("*") if p.is_file()) / 1e6
        print(f"{name:20s} {study.cells:6d} {lanes:10,d} {wall:7.1f} {lanes / wall:9,.0f}"
              f" {cpu:7.1f} {peak:8.0f} {size:10.0f}", flush=True)  # fmt: skip
        total = [a + b for a, b in zip(total, (lanes, wall, cpu, size), strict=True)]
    lanes, wall, cpu, size = total
    print(f"{'together':20s} {'':6s} {lanes:10,.0f} {wall:7.1f} {lanes / wall:9,.0f}"
          f" {cpu:7.1f} {'':8s} {size:10.0f}")  # fmt: skip


def sweep(file: Path, out: Path) -> tuple[float, float, float]:
    """Wall seconds, processor seconds and peak megabytes of the study alone, in a child."""
    begun = time.monotonic()
    child = os.fork()
    if child == 0:
        from experiments.study.sweep import run_study

        log = lambda line: print(line, file=sys.stderr)  # noqa: E731
        run_study(read_study(file), out, "benchmarks/published_grid.py", False, None, None, (), log)
        os._exit(0)
    _, status, usage = os.wait4(child, 0)
    if status:
        sys.exit(f"{file.name} failed")
    cpu = usage.ru_utime + usage.ru_stime
    return time.monotonic() - begun, cpu, usage.ru_maxrss / 1024


def main(arguments: list[str]) -> None:
    if arguments[0] == "--show":
        directory = Path(arguments[1])
    else:
        directory = Path(arguments[0])
        run(directory, int(arguments[1]) if len(arguments) > 1 else 1000)
        print()
    print(text(read_published([directory / name for name in STUDIES])))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
