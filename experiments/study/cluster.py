"""The same study on an existing Dask cluster, chunk by chunk, to the same bytes.

A worker gets the study's document and the number of a chunk, builds the study itself and returns
the chunk's files; nothing but plain data crosses the network. The scheduler runs a chunk again on
another worker when one is lost.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from experiments.study.chunk import chunks, run_chunk
from experiments.study.declaration import Study, make_study
from lab.errors import LabError, RequestError, WorkError, said
from lab.store.chunk_files import Tables
from lab.store.chunks import ChunkStore
from lab.store.manifest import versions

#: Seconds to find the scheduler.
CONNECT = 10
#: Chunks under way for each thread of the cluster, so that none waits for the network.
AHEAD = 2
#: Rows of a chunk that are sent in one piece, of some 30 to 60 bytes each.
MOST_ROWS = 5_000_000
#: Versions that must be the same everywhere for the same bytes.
BINDING = ("greedylr-lab", "numpy", "numba", "llvmlite", "pyarrow")

_building = threading.Lock()


def run_on_cluster(
    study: Study,
    store: ChunkStore,
    address: str,
    plugins: Sequence[Path],
    progress: Callable[[int], None],
) -> None:
    """Run the missing chunks on the cluster at `address`.

    Raises
    ------
    RequestError
        Dask is not installed, no scheduler answers, or a chunk is too large to send.
    WorkError
        The scheduler was lost, the cluster runs other versions, or a chunk failed for good.
    """
    largest = max(len(group.arms) for group in study.groups) * study.document.seeds
    if study.document.keep.rows and largest > MOST_ROWS:
        raise RequestError(
            f"dask: the {largest:,} rows of one scenario are too many to send in one piece (at most"
            f" {MOST_ROWS:,}): set keep.rows = false, or ask for fewer seeds"
        )
    try:
        import distributed
        from distributed.comm import CommClosedError
    except ImportError as error:
        raise RequestError("--dask needs the extra: pip install 'greedylr-lab[dask]'") from error
    if address.startswith("tls://") and not _has_certificates(distributed):
        raise RequestError(
            f"dask: {address} needs certificates (distributed.comm.tls in Dask's configuration)"
        )
    lost = (distributed.CancelledError, CommClosedError)
    with _client(distributed, address) as client:
        _check_workers(client, address)
        sources = tuple(str(path.resolve()) for path in plugins)
        try:
            _work_off(distributed, lost, client, study, store, sources, progress)
        except lost as error:
            raise WorkError(f"dask: the scheduler at {address} was lost; {store.safe()}") from error


def _has_certificates(distributed: Any) -> bool:
    return distributed.Security().get_connection_args("client")["ssl_context"] is not None


@contextmanager
def _client(distributed: Any, address: str) -> Iterator[Any]:
    """A client that says nothing itself and is closed whatever happens."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        try:
            client = _closed_by_us(distributed)(address, timeout=CONNECT, set_as_default=False)
        except Exception as error:  # what a wrong address raises depends on how it is wrong
            raise RequestError(
                f"dask: no scheduler answers at {address!r} (an address is like tcp://host:8786)"
            ) from error
        try:
            yield client
        finally:
            with suppress(Exception):
                client.close(timeout=2)
    finally:
        logging.disable(before)


def _closed_by_us(distributed: Any) -> Any:
    """A client whose destructor does nothing.

    That of one which has never reached its scheduler would wait for it, and complain, at the exit.
    """
    return type("Client", (distributed.Client,), {"__del__": lambda self: None})


def _check_workers(client: Any, address: str) -> None:
    """There are workers, and all have the versions that are here."""
    try:
        found: dict[str, dict[str, str]] = client.run(versions)
    except Exception as error:
        raise WorkError(
            f"dask: the workers at {address} cannot load greedylr-lab: {said(error)}"
        ) from error
    if not found:
        raise WorkError(f"dask: the cluster at {address} has no workers")
    here = versions()
    for worker, there in found.items():
        for name in BINDING:
            if there.get(name) != here[name]:
                raise WorkError(
                    f"dask: worker {worker} has {name} {there.get(name)}, this is {here[name]}:"
                    " the same rows need the same versions"
                )


def _work_off(
    distributed: Any,
    lost: tuple[type[Exception], ...],
    client: Any,
    study: Study,
    store: ChunkStore,
    plugins: tuple[str, ...],
    progress: Callable[[int], None],
) -> None:
    """Keep the cluster busy until every missing chunk is stored."""
    content = study.document.model_dump_json()
    todo = iter(store.missing())
    finished = distributed.as_completed(loop=client.loop)
    numbers: dict[str, int] = {}

    def submit() -> None:
        number = next(todo, None)
        if number is not None:
            future = client.submit(
                remote_chunk, study.name, content, study.hash, number, plugins, pure=False
            )
            numbers[future.key] = number
            finished.add(future)

    for _ in range(max(1, AHEAD * sum(client.nthreads().values()))):
        submit()
    for future in finished:
        number = numbers.pop(future.key)
        store.put(number, _result(distributed, lost, future, number))
        future.release()
        progress(number)
        submit()


def _result(
    distributed: Any, lost: tuple[type[Exception], ...], future: Any, number: int
) -> dict[str, bytes]:
    """A chunk's files.

    Raises
    ------
    WorkError
        The chunk failed for good.
    """
    try:
        return future.result()
    except (LabError, *lost):
        raise
    except distributed.KilledWorker as error:
        raise WorkError(f"dask: chunk {number} was lost with several workers in a row") from error
    except Exception as error:
        raise WorkError(f"dask: chunk {number} failed on a worker: {said(error)}") from error


def remote_chunk(
    name: str, content: str, expected: str, number: int, plugins: tuple[str, ...]
) -> dict[str, bytes]:
    """One chunk's files, on a worker."""
    with _building:
        study = _rebuilt(name, content, plugins)
    if study.hash != expected:
        raise WorkError("dask: a worker reads this study differently: its code is another")
    tables = Tables()
    run_chunk(study, chunks(study)[number], tables)
    return tables.contents()


@lru_cache(maxsize=4)
def _rebuilt(name: str, content: str, plugins: tuple[str, ...]) -> Study:
    from experiments.components import add_plugins

    add_plugins(plugins)
    return make_study(name, json.loads(content), name)
