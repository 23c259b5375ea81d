"""SQL over the tables of a result directory, through DuckDB: reads them, and nothing else.

The query sees one view a folder of Parquet files: `runs`, `bands`, `cells`. It is a single SELECT
in a database of its own in memory that can open files of the directory and no others: no other
path, no network, no extension, no setting, no temporary file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from lab import memory
from lab.errors import RequestError
from lab.store import manifest, marks
from lab.store.chunks import FOLDERS

#: Rows fetched at a time.
BATCH = 10_000
#: Settings in the order in which they are made: no temporary files; no files, network, extensions
#: or variables of this program, but for the directory allowed before; no further settings.
CLOSED = (
    "SET temp_directory = ''",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)

Found = TypeVar("Found")

#: A text that begins with this word, after spaces and comments.
PRAGMA = re.compile(r"(?>\s+|--[^\n]*|/\*.*?\*/)*+pragma\b", re.IGNORECASE | re.DOTALL)


class Answer:
    """Column names, and the rows as they come."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.columns: list[str] = [column[0] for column in connection.description]

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The rows.

        Raises
        ------
        RequestError
            Something went wrong on the way, such as a damaged file.
        """
        import duckdb

        try:
            while batch := _aside(self._connection, lambda: self._connection.fetchmany(BATCH)):
                yield from batch
        except duckdb.Error as error:
            raise _refusal(error) from error


def query(directory: Path, sql: str) -> Answer:
    """Ask a result directory.

    Raises
    ------
    RequestError
        DuckDB is not installed; the directory is not a result; the query is not one SELECT, or
        wrong.
    """
    try:
        import duckdb
    except ImportError as error:
        raise RequestError("query needs the extra: pip install 'greedylr-lab[query]'") from error
    files = tables(directory)
    connection = duckdb.connect(":memory:")
    try:
        sql.encode()
        _check_statement(connection, sql)
        for name, paths in files.items():
            connection.read_parquet([str(path) for path in paths]).create_view(name)
        connection.execute("SET allowed_directories = [$1]", [str(directory.resolve())])
        for setting in (*_limit(), *CLOSED):
            connection.execute(setting)
        return Answer(_aside(connection, lambda: connection.execute(sql)))
    except (duckdb.Error, UnicodeError) as error:
        raise _refusal(error) from error


def tables(directory: Path) -> dict[str, list[Path]]:
    """The Parquet files of each folder; of a study that is not complete, those that count.

    Raises
    ------
    RequestError
        The directory is not a result, or a file is not what it was.
    """
    if not directory.exists():
        raise RequestError(f"{str(directory)!r} does not exist")
    found = manifest.read(directory)
    if found is None:
        raise RequestError(f"{str(directory)!r} is not a result of this laboratory")
    manifest.check_schema(found, directory)
    place = directory.resolve()
    numbers = sorted(marks.numbers(place))
    if numbers:
        out = marks.files(place, numbers)
    else:
        out = {folder: sorted((place / folder).glob("*.parquet")) for folder in FOLDERS}
    out = {folder: paths for folder, paths in out.items() if paths}
    if not out:
        raise RequestError(f"{str(directory)!r} holds no finished rows")
    return out


def unfinished(directory: Path) -> str:
    """What to say of a study that is not complete; empty for one that is."""
    found = manifest.read(directory) or {}
    if found.get("complete", True):
        return ""
    done = len(marks.numbers(directory))
    return f"the study is not complete: {done} of {found.get('planned')} chunks are there"


def _aside(connection: Any, work: Callable[[], Found]) -> Found:
    """What the work on a connection returns, done in a thread: an exception here interrupts it.

    In the thread that signals arrive in, DuckDB hears them only now and then.
    """
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(work)
        try:
            return waiting.result()
        finally:
            if not waiting.done():
                connection.interrupt()


def _limit() -> tuple[str, ...]:
    """The setting that keeps DuckDB within the memory that there is, where the system says it."""
    left = memory.available()
    return () if left is None else (f"SET memory_limit = '{left // 2**20} MiB'",)


def _check_statement(connection: Any, sql: str) -> None:
    statements = connection.extract_statements(sql)
    kinds = ", ".join(s.type.name for s in statements) or "nothing"
    # Older versions give the SELECT that they make of a PRAGMA: the text itself says what it is.
    if PRAGMA.match(sql):
        kinds = "PRAGMA"
    if kinds != "SELECT":
        raise RequestError(f"query: one SELECT is needed, this is {kinds}")


def _refusal(error: Exception) -> RequestError:
    """DuckDB's message without its drawing of the place."""
    return RequestError(f"query: {' '.join(str(error).split('LINE 1:')[0].split())}")
