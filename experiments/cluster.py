"""The same study on an existing Dask cluster, chunk by chunk, to the same bytes.

A worker gets the study's document and the number of a chunk, builds the study itself and returns
the chunk's files; nothing but plain data crosses the network. The scheduler runs a chunk again on
another worker when one is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from experiments.study import Study, make_study
from experiments.sweep import Contents, chunks, run_chunk
from lab._version import __version__
from lab.errors import RequestError, WorkError
from lab.store.chunks import ChunkStore

#: Seconds to find the scheduler.
CONNECT = 10
#: Chunks under way for each thread of the cluster, so that none waits for the network.
AHEAD = 2


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
        Dask is not installed, or no scheduler answers.
    WorkError
        The scheduler was lost, the cluster runs another version, or a chunk failed for good.
    """
    try:
        import distributed
    except ImportError as error:
        raise RequestError("--dask needs the extra: pip install 'greedylr-lab[dask]'") from error
    try:
        client = distributed.Client(address, timeout=CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise RequestError(f"dask: no scheduler answers at {address!r}") from error
    try:
        _check_versions(client, address)
        _work_off(distributed, client, study, store, plugins, progress)
    except (distributed.CancelledError, distributed.comm.CommClosedError, OSError) as error:
        raise WorkError(
            f"dask: the scheduler at {address} was lost; {len(store.done)} of {store.planned}"
            " chunks are safe, --resume goes on from there"
        ) from error
    finally:
        client.close(timeout=2)


def _check_versions(client: Any, address: str) -> None:
    found = set(client.run(_version).values())
    if not found:
        raise WorkError(f"dask: the cluster at {address} has no workers")
    if found != {__version__}:
        raise WorkError(
            f"dask: the workers at {address} run greedylr-lab {', '.join(sorted(found))}, this is"
            f" {__version__}"
        )


def _version() -> str:
    return __version__


def _work_off(
    distributed: Any,
    client: Any,
    study: Study,
    store: ChunkStore,
    plugins: Sequence[Path],
    progress: Callable[[int], None],
) -> None:
    content = study.document.model_dump(mode="json")
    sources = tuple(str(path) for path in plugins)
    todo = iter(store.missing())
    slots = max(1, AHEAD * sum(client.nthreads().values()))
    finished = distributed.as_completed()
    numbers: dict[str, int] = {}

    def submit() -> None:
        number = next(todo, None)
        if number is not None:
            future = client.submit(
                remote_chunk, study.name, content, study.hash, number, sources, pure=False
            )
            numbers[future.key] = number
            finished.add(future)

    for _ in range(slots):
        submit()
    for future in finished:
        number = numbers.pop(future.key)
        try:
            contents = future.result()
        except distributed.scheduler.KilledWorker as error:
            raise WorkError(f"dask: chunk {number} killed several workers in a row") from error
        store.put(number, contents)
        future.release()
        progress(number)
        submit()


def remote_chunk(
    name: str, content: dict[str, Any], expected: str, number: int, plugins: tuple[str, ...]
) -> Contents:
    """One chunk's files, on a worker."""
    study = _rebuilt(name, _frozen(content), plugins)
    if study.hash != expected:
        raise WorkError("the worker reads this study differently: another version of the code?")
    return run_chunk(study, chunks(study)[number])


def _frozen(content: dict[str, Any]) -> str:
    import json

    return json.dumps(content, sort_keys=True)


@lru_cache(maxsize=4)
def _rebuilt(name: str, content: str, plugins: tuple[str, ...]) -> Study:
    import json

    from experiments.components import add_plugins

    add_plugins(plugins)
    return make_study(name, json.loads(content), name)
