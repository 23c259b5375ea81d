"""Running a study chunk by chunk, here or on a Dask cluster, always to the same bytes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path

from experiments.study.chunk import Chunk, chunks, folders, foresee_memory, run_chunk
from experiments.study.declaration import Study
from lab.engine.workers import cores
from lab.errors import LabError
from lab.interrupts import Terminated, terminable
from lab.store.chunk_files import ChunkFiles
from lab.store.chunks import ChunkStore
from lab.store.manifest import provenance

Log = Callable[[str], None]


class Stopped(LabError):
    """The user or the system ended the work: by Ctrl-C (130) or SIGTERM (143)."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class _Abandoned(Exception):
    """Ends a chunk that nobody waits for any more."""


def run_study(
    study: Study,
    target: Path,
    command: str,
    resume: bool,
    threads: int | None,
    dask: str | None,
    plugins: Sequence[Path],
    log: Log,
    again: str = "--resume",
) -> None:
    """Run what is missing of a study into `target`; `again` is what goes on after a failure.

    Raises
    ------
    RequestError
        The directory belongs to something else or is being written, the study does not fit into
        memory, or the cluster is not there.
    WorkError
        The disk is full or the cluster was lost; finished chunks are safe.
    Stopped
        By a signal; finished chunks are safe.
    """
    planned = len(chunks(study))
    if dask is None:
        foresee_memory(study, min(threads or cores(), planned))
    record = provenance(study.identity(), command)
    record |= {
        "title": study.document.title,
        "study": study.document.model_dump(mode="json"),
        "components": study.components(),
    }
    store = ChunkStore(target, study.identity(), planned, folders(study), record, resume, again)
    try:
        with terminable():
            _announce(store, log)
            report = _progress(store, log)
            if dask is None:
                run_local(study, store, threads, report)
            else:
                from experiments.study.cluster import run_on_cluster

                run_on_cluster(study, store, dask, plugins, report)
        with store.storing_manifest():
            store.save()
    except (KeyboardInterrupt, Terminated) as stop:
        interrupted = isinstance(stop, KeyboardInterrupt)
        word, code = ("interrupted", 130) if interrupted else ("terminated", 143)
        raise Stopped(f"{word}; {store.safe()}", code) from stop
    finally:
        with suppress(OSError):
            store.save()
        store.close()


def run_local(
    study: Study, store: ChunkStore, threads: int | None, progress: Callable[[int], None]
) -> None:
    """Run the missing chunks on a pool of threads; `progress` hears of every stored chunk."""
    todo = store.missing()
    every = chunks(study)
    workers = min(threads or cores(), max(1, len(todo)))
    within = max(1, (threads or cores()) // workers)
    over = threading.Event()

    def work(number: int) -> ChunkFiles:
        return _written(study, every[number], store, number, within, over)

    running: set[Future[ChunkFiles]] = set()
    try:
        with ThreadPoolExecutor(workers) as pool:
            queue: Iterator[int] = iter(todo)

            def submit() -> None:
                number = next(queue, None)
                if number is not None:
                    running.add(pool.submit(work, number))

            # One more than there are workers keeps all busy while one chunk is stored.
            for _ in range(workers + 1):
                submit()
            try:
                while running:
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        running.remove(future)
                        files = future.result()
                        store.commit(files)
                        progress(files.number)
                        submit()
            except BaseException:
                over.set()
                for future in running:
                    future.cancel()
                raise
    finally:
        _collect(running, store)


def _collect(left: set[Future[ChunkFiles]], store: ChunkStore) -> None:
    """Keep the chunks that were finished while the work was being ended."""
    for future in left:
        if future.cancelled() or future.exception() is not None:
            continue
        with suppress(LabError):
            store.commit(future.result())


def _written(
    study: Study, chunk: Chunk, store: ChunkStore, number: int, threads: int, over: threading.Event
) -> ChunkFiles:
    """A chunk's finished files, under names that do not count yet."""

    def check(blocks: int) -> None:
        if over.is_set():
            raise _Abandoned

    files = store.files(number)
    try:
        with store.storing(number):
            run_chunk(study, chunk, files, threads, check)
            check(0)
            files.finish()
    except BaseException:
        files.abandon()
        raise
    return files


def _announce(store: ChunkStore, log: Log) -> None:
    """Say what is there already."""
    if store.done:
        log(f"{len(store.done)} of {store.planned} chunks are already there")
    if store.damaged:
        numbers = ", ".join(map(str, store.damaged))
        log(f"note: damaged on the disk, done again: chunk {numbers}")
    if store.mixed():
        log(f"note: they were made with other versions, so bits may differ: {store.mixed()}")


def _progress(store: ChunkStore, log: Log) -> Callable[[int], None]:
    """Say now and then how far the study is and how long the rest will take."""
    begun = last = time.monotonic()
    kept = len(store.done)

    def report(number: int) -> None:
        nonlocal last
        now = time.monotonic()
        done = len(store.done)
        if now - last >= 2.0 or done == store.planned:
            last = now
            rest = (now - begun) / max(1, done - kept) * (store.planned - done)
            log(f"{done} of {store.planned} chunks, about {rest:.0f} s left")

    return report
