"""Runs a study in children that are killed at random moments, until one is left in peace.

python -m tests.experiments.killing STUDY OUT KILLS SEED writes how many kills met a child at work.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

import experiments.study.chunk
from experiments.study.declaration import Study, read_study
from experiments.study.sweep import run_study

#: Small chunks, so that there are moments between them.
CHUNK_LANES = 2_000
THREADS = 2


def run(study: Study, out: Path) -> None:
    run_study(study, out, "lab sweep", True, THREADS, None, (), lambda text: None)


def main(file: str, out: str, kills: int, seed: int) -> None:
    experiments.study.chunk.CHUNK_LANES = CHUNK_LANES
    study = read_study(file)
    # Compiles and imports, so that a child is at work as soon as it is there, and the time of the
    # second run is that of the work alone.
    run(study, Path(out).with_name("warm"))
    begun = time.monotonic()
    run(study, Path(out).with_name("whole"))
    longest = time.monotonic() - begun
    chance = random.Random(seed)
    met = 0
    for _ in range(kills):
        child = os.fork()
        if child == 0:
            run(study, Path(out))
            os._exit(0)
        time.sleep(chance.uniform(0, longest / 5))
        os.kill(child, signal.SIGKILL)
        met += os.waitpid(child, 0)[1] == signal.SIGKILL
    run(study, Path(out))
    sys.stdout.write(f"{met}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
