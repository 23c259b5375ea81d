"""A study killed with SIGKILL at random moments ends in the data of one that was left alone.

Usage: python benchmarks/kill.py STUDY [KILLS] [SEED]

Runs `lab sweep STUDY` once undisturbed, then again and again with --resume, killing each process
after a random time, KILLS times in a row (20 unless told otherwise); then lets one finish, and
compares every file but the manifest byte by byte and the rows value by value.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from experiments.study.ranking import read_table
from lab.store import manifest, marks

ROOT = Path(__file__).parents[1]


def lab(study: Path, out: Path) -> subprocess.Popen:
    command = [sys.executable, str(ROOT / "cli.py"), "sweep", str(study), "--out", str(out)]
    return subprocess.Popen(
        [*command, "--resume", "--quiet", "--json"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
    )


def data(directory: Path) -> dict[str, bytes]:
    files = [p for f in ("runs", "bands", "cells", "chunks") for p in (directory / f).glob("*")]
    return {str(p.relative_to(directory)): p.read_bytes() for p in files}


def looks_complete(directory: Path) -> bool:
    found = manifest.read(directory)
    return found is not None and found["complete"]


def main(study: Path, kills: int, seed: int) -> None:
    directory = Path(tempfile.mkdtemp(prefix="kill-", dir="."))
    whole, killed = directory / "whole", directory / "killed"
    begun = time.monotonic()
    if lab(study, whole).wait():
        sys.exit("the undisturbed study failed")
    longest = time.monotonic() - begun
    print(f"undisturbed: {longest:.1f} s, {len(marks.numbers(whole))} chunks")
    chance = random.Random(seed)
    for number in range(kills):
        process = lab(study, killed)
        # On average the study gets on by some chunks a life, and seldom to its end.
        time.sleep(chance.uniform(0.2, 0.6 + 2.0 * longest / kills))
        at_work = process.poll() is None
        process.kill()
        process.wait()
        done = len(marks.numbers(killed))
        print(f"kill {number + 1:3d}: {'at work' if at_work else 'had ended'}, {done} chunks,"
              f" complete: {looks_complete(killed)}")  # fmt: skip
    if lab(study, killed).wait():
        sys.exit("the resumed study failed")
    same = data(whole) == data(killed)
    rows = [read_table(d, "runs") for d in (whole, killed)]
    equal = all((rows[0][name] == rows[1][name]).all() for name in rows[0])
    print(f"complete: {looks_complete(killed)}; bytes equal: {same}; rows equal:"
          f" {equal} ({len(rows[0]['cell']):,})")  # fmt: skip
    if not (same and equal):
        sys.exit(1)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    numbers = [int(text) for text in sys.argv[2:]]
    main(Path(sys.argv[1]), *numbers, *[20, 0][len(numbers) :])
