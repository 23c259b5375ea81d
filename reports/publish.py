"""What an experiment leaves behind: a directory with tables, JSON, figures and a manifest."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from lab.errors import RequestError, WorkError
from lab.store import manifest
from lab.store.directory import is_there, staged
from lab.store.tables import parquet_bytes, write_whole
from reports import places


class Pages(Protocol):
    """How an experiment is shown: the functions of its module in `reports`."""

    def text(self, result: Any, /) -> str:
        """What the terminal shows."""
        ...

    def document(self, result: Any, out: str, /) -> dict[str, Any]:
        """What `--json` prints."""
        ...

    def tables(self, result: Any, /) -> Mapping[str, Mapping[str, Any]]:
        """Columns of each Parquet file, by its path within the directory."""
        ...

    def draw(self, result: Any, directory: Path, /) -> list[Path]:
        """Write the figures; returns their paths."""
        ...


@contextmanager
def result_directory(target: Path, identity: Mapping[str, Any], command: str) -> Iterator[Path]:
    """A directory to fill that takes the place of `target` when the block succeeds.

    Its manifest is written last, with the time that the block took.

    Raises
    ------
    RequestError
        As `lab.store.directory.staged`.
    """
    begun, clock = time.time(), time.monotonic()
    with staged(target, identity) as place:
        yield place
        record = manifest.provenance(identity, command)
        record |= {"started": begun, "seconds": time.monotonic() - clock, "complete": True}
        manifest.write(place, record)


def fill(place: Path, target: Path, result: Any, pages: Pages, draw: bool) -> list[str]:
    """Write `result` into `place`; returns a line for each thing to be found at `target`.

    `pages` is the module in `reports` that shows this experiment.
    """
    document = json.dumps(pages.document(result, str(target)))
    write_whole(place / "result.json", document.encode())
    tables = pages.tables(result)
    for name, columns in tables.items():
        write_whole(place / name, parquet_bytes(columns))
    figures = pages.draw(result, place / "report") if draw else []
    lines = [places.line("figure", target / path.relative_to(place)) for path in figures]
    for folder in dict.fromkeys(Path(name).parent for name in tables):
        lines.append(places.line("table", target / folder, "Parquet"))
    for kind, name in (("numbers", "result.json"), ("manifest", manifest.NAME)):
        lines.append(places.line(kind, target / name))
    return lines


def check_beside(target: Path, identity: Mapping[str, Any]) -> None:
    """Refuse a directory that holds another experiment's result, before any work is done.

    Raises
    ------
    RequestError
        With what the directory holds.
    """
    found = manifest.read(target) if is_there(target) else None
    if found is None:
        return
    manifest.check_schema(found, target)
    if found.get("request") != dict(identity):
        raise RequestError(
            f"out: {str(target)!r} holds another result (hash {found.get('hash')}); name another"
            " directory"
        )


def beside(
    target: Path, identity: Mapping[str, Any], command: str, document: Mapping[str, Any]
) -> None:
    """Write `result.json` and a manifest into a directory that holds studies as evidence.

    Raises
    ------
    WorkError
        They cannot be written.
    """
    record = manifest.provenance(identity, command) | {"complete": True}
    contents = {"result.json": json.dumps(document), manifest.NAME: manifest.text(record)}
    try:
        for name, text in contents.items():
            write_whole(target / name, text.encode())
    except OSError as error:
        raise WorkError(f"{str(target)!r} cannot be written: {error.strerror}") from error
