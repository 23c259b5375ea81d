"""Random studies over all components for a given time: memory flat, no descriptors lost, same bits.

Usage: python benchmarks/soak.py [--minutes 60] [--seed 0] [--threads 2]

Each round draws a study of a few cells from all landscapes, noise models, channels, events,
schedules and optimizers at their default parameters, runs it, runs it once more into another
directory, and compares every file but the manifest byte by byte. Resident memory and open
descriptors are noted after every round. At the end: their values after the first tenth of the time
(by then most kernels are loaded) and at the end, the slope of a straight line through the memory,
and what differed or failed. Ends with exit code 1 when results differed, a round failed, or a
descriptor was left.
"""

from __future__ import annotations

import argparse
import gc
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np

from experiments.components import REGISTRIES
from experiments.study.declaration import make_study
from experiments.study.sweep import run_study
from lab.errors import RequestError, WorkError

KINDS = {"landscape": "landscapes", "noise": "noises", "channel": "channels",
         "schedule": "schedules", "optimizer": "optimizers"}  # fmt: skip
#: Cells of a study at most, and the seeds and steps that its cells have.
AXES, SEEDS, STEPS = 3, (1, 40, 300, 1000), (1, 30, 120)
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Notes:
    """What was seen."""

    seconds: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)
    used: dict[str, set[str]] = field(default_factory=dict)
    cells: int = 0
    lanes: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    notes, place = Notes(), Path(tempfile.mkdtemp(prefix="soak-"))
    begun, number = time.monotonic(), 0
    while (passed := time.monotonic() - begun) < 60.0 * options.minutes:
        one_round(Random(f"{options.seed} {number}"), number, place, options.threads, notes)
        number += 1
        gc.collect()
        notes.seconds.append(passed)
        notes.megabytes.append(resident())
        notes.descriptors.append(len(os.listdir("/proc/self/fd")))
    shutil.rmtree(place)
    print("\n".join(summary(notes)))
    sys.exit(1 if notes.wrong or notes.descriptors[-1] > notes.descriptors[early(notes)] else 0)


def one_round(rng: Random, number: int, place: Path, threads: int, notes: Notes) -> None:
    """A study, run twice."""
    content = drawn(rng)
    try:
        study = make_study("soak", content, f"round {number}")
        once, again = place / "once", place / "again"
        for out in (once, again):
            run_study(study, out, "soak", False, threads, None, (), lambda text: None)
        if data(once) != data(again):
            notes.wrong.append(f"round {number} differs when run again: {content}")
        notes.cells += study.cells
        notes.lanes += 2 * study.cells * study.document.seeds
        for key, kind in KINDS.items():
            values = content["axes"].get(key, [])
            notes.used.setdefault(kind, set()).update(values)
    except RequestError:
        # Parts that do not go together, such as a schedule that needs a minimum nobody knows.
        notes.refused += 1
    except WorkError as error:
        notes.wrong.append(f"round {number} failed: {error!r}: {content}")
    finally:
        for out in (place / "once", place / "again"):
            shutil.rmtree(out, ignore_errors=True)


def drawn(rng: Random) -> dict:
    """A study at random; an event in some."""
    steps = rng.choice(STEPS)
    axes = {key: rng.sample(usable(kind), rng.randrange(1, AXES)) for key, kind in KINDS.items()}
    constants = {"steps": steps, "strength": rng.choice((0, 0.1, 0.5, 5.0))}
    if steps > 1 and rng.randrange(3) == 0:
        event = rng.choice(usable("perturbations"))
        constants["perturb"] = f"{event}:at={rng.randrange(1, steps)}"
    keep = {"rows": rng.random() < 0.8, "bands": rng.choice((0, 5, 40, "all"))}
    return {
        "seeds": rng.choice(SEEDS), "seed": rng.randrange(2**64), "constants": constants,
        "axes": axes, "keep": keep,
    }  # fmt: skip


def usable(kind: str) -> list[str]:
    """Names of the components that need no parameter; of schedules, that fit any run."""
    every = REGISTRIES[kind].all().values()
    return [c.name for c in every if not any(p.required for p in c.parameters)]


def data(directory: Path) -> dict[str, bytes]:
    files = [p for f in ("runs", "bands", "cells") for p in (directory / f).glob("*")]
    return {str(p.relative_to(directory)): p.read_bytes() for p in files}


def resident() -> float:
    """Resident memory in megabytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE / 1e6


def early(notes: Notes) -> int:
    """The first round after a tenth of the time."""
    return min(len(notes.seconds) - 1, sum(s < 0.1 * notes.seconds[-1] for s in notes.seconds))


def summary(notes: Notes) -> Iterator[str]:
    first = early(notes)
    memory, files = notes.megabytes, notes.descriptors
    yield f"rounds        {len(memory):,}, each run twice and compared, {notes.seconds[-1]:.0f} s"
    yield f"cells, lanes  {notes.cells:,}, {notes.lanes:,}"
    yield f"refused       {notes.refused} studies whose parts do not go together"
    for kind, names in notes.used.items():
        yield f"{kind:13s} {len(names)} of {len(usable(kind))} that need no parameter"
    yield f"memory        {memory[first]:.0f} MB after a tenth, {memory[-1]:.0f} MB at the end"
    half = len(memory) // 2
    if len(memory) > 10:
        slope = np.polyfit(np.array(notes.seconds[half:]) / 3600.0, memory[half:], 1)[0]
        yield f"slope         {slope:+.1f} MB an hour over the second half"
    yield f"descriptors   {files[first]} after a tenth, {files[-1]} at the end, most {max(files)}"
    yield f"wrong         {len(notes.wrong)}"
    yield from notes.wrong[:10]


if __name__ == "__main__":
    main()
