"""How a study scales: threads of one process, and workers of a Dask cluster on this machine.

Usage: python benchmarks/scaling.py [STUDY] [ROUNDS]

Runs the study (studies/published.toml unless told otherwise) with 1, 2, 4, ... threads up to the
cores at hand, then on a scheduler with as many workers of one thread; prints the shortest wall time
of several rounds, lanes a second, and the speed-up over one. Last, what one chunk takes: work of
a worker, its size, and the time of the process that collects chunks to have it on the disk.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import distributed

from experiments.study.chunk import chunks, folders, run_chunk
from experiments.study.declaration import Study, read_study
from experiments.study.sweep import run_study
from lab.engine.workers import cores
from lab.store.chunk_files import Tables
from lab.store.chunks import ChunkStore
from lab.store.manifest import provenance

ROOT = Path(__file__).parents[1]


def seconds(study: Study, place: Path, threads: int | None, dask: str | None) -> float:
    begun = time.monotonic()
    run_study(study, place, "scaling", False, threads, dask, (), lambda line: None)
    taken = time.monotonic() - begun
    shutil.rmtree(place)
    return taken


@contextmanager
def cluster(place: Path, workers: int) -> Iterator[str]:
    """A scheduler with so many workers of one thread, on the loopback address."""
    contact = place / "scheduler.json"
    command = [sys.executable, "-m", "dask"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = [
        subprocess.Popen(
            [*command, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
             "--dashboard-address", "127.0.0.1:0", "--scheduler-file", str(contact)], **quiet,
        )
    ]  # fmt: skip
    while not contact.exists() or not contact.read_text().endswith("}"):
        time.sleep(0.05)
    address = json.loads(contact.read_text())["address"]
    for _ in range(workers):
        started.append(
            subprocess.Popen(
                [*command, "worker", address, "--host", "127.0.0.1", "--nthreads", "1",
                 "--no-nanny", "--no-dashboard"], **quiet,
            )
        )  # fmt: skip
    with distributed.Client(address, set_as_default=False) as client:
        client.wait_for_workers(workers)
    try:
        yield address
    finally:
        for process in started:
            process.kill()
            process.wait()
        contact.unlink()


def one_chunk(study: Study, place: Path, rounds: int) -> str:
    """Seconds of a chunk's work, its megabytes, and the milliseconds to store it."""
    parts = chunks(study)
    record = provenance(study.identity(), "scaling")
    store = ChunkStore(place, study.identity(), len(parts), folders(study), record, False)
    working, storing = [], []
    for number in range(min(rounds, len(parts))):
        tables = Tables()
        begun = time.monotonic()
        run_chunk(study, parts[number], tables)
        contents = tables.contents()
        working.append(time.monotonic() - begun)
        begun = time.monotonic()
        store.put(number, contents)
        storing.append(time.monotonic() - begun)
    store.close()
    shutil.rmtree(place)
    size = sum(map(len, contents.values())) / 1e6
    return (
        f"one of {len(parts)} chunks: {min(working):.2f} s of work, {size:.2f} MB, stored in"
        f" {1e3 * min(storing):.1f} ms"
    )


def main(path: Path, rounds: int) -> None:
    study = read_study(path)
    lanes = study.cells * study.document.seeds
    place = Path(tempfile.mkdtemp(prefix="scaling-", dir="."))
    counts = [2**i for i in range(cores().bit_length())]
    print(f"{path.name}: {study.cells:,} cells, {lanes:,} lanes; {cores()} cores")
    for kind in ("threads", "workers"):
        first = 0.0
        for count in counts:
            if kind == "threads":
                taken = min(seconds(study, place / "out", count, None) for _ in range(rounds))
            else:
                with cluster(place, count) as address:
                    seconds(study, place / "out", None, address)  # workers import and load code
                    taken = min(seconds(study, place / "out", None, address) for _ in range(rounds))
            first = first or taken
            print(f"{count:3d} {kind}  {taken:6.2f} s  {lanes / taken:9,.0f} lanes/s"
                  f"  {first / taken:.2f} x", flush=True)  # fmt: skip
    print(one_chunk(study, place / "out", max(rounds, 5)))
    shutil.rmtree(place)


if __name__ == "__main__":
    given = sys.argv[1:]
    main(
        Path(given[0]) if given else ROOT / "studies" / "published.toml",
        int(given[1]) if len(given) > 1 else 3,
    )
