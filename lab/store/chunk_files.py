"""The tables of one chunk while they grow, in memory or on the disk."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from lab.store import marks
from lab.store.tables import Columns, TableFile


class Tables:
    """The tables of one chunk while they grow; in memory, for a machine that sends them on."""

    def __init__(self) -> None:
        self.files: dict[str, Any] = {}
        self._tables: dict[str, TableFile] = {}

    def write(self, folder: str, columns: Columns) -> None:
        """Add rows to the table in `folder`."""
        if folder not in self._tables:
            self.files[folder] = self._open(folder)
            self._tables[folder] = TableFile(self.files[folder])
        self._tables[folder].write(columns)

    def contents(self) -> dict[str, bytes]:
        """End the tables; each as the bytes of a Parquet file."""
        self._end()
        return {folder: file.getvalue() for folder, file in self.files.items()}

    def _open(self, folder: str) -> Any:
        return io.BytesIO()

    def _end(self) -> None:
        for table in self._tables.values():
            table.close()


class DigestedFile(io.RawIOBase):
    """A file that knows the size and digest of what went into it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.size = 0
        self.state = hashlib.sha256()
        self._file = path.open("wb", buffering=2**20)

    def writable(self) -> bool:
        return True

    def write(self, content: Any, /) -> int:
        self.state.update(content)
        self.size += len(content)
        return self._file.write(content)

    def mark(self) -> dict[str, Any]:
        """What the chunk's mark says of it."""
        return marks.entry(self.size, self.state.hexdigest())

    def finish(self) -> None:
        """Have it on the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def abandon(self) -> None:
        """Leave nothing."""
        with suppress(OSError):
            self._file.close()
        self.close()
        self.path.unlink(missing_ok=True)


class ChunkFiles(Tables):
    """The same on the disk, under names that do not count yet.

    Parameters
    ----------
    number:
        The chunk's.
    part:
        Where the file of a folder is written.
    """

    def __init__(self, number: int, part: Callable[[str], Path]) -> None:
        super().__init__()
        self.number = number
        self.files: dict[str, DigestedFile]
        self._part = part

    def finish(self) -> None:
        """End the tables and have them on the disk."""
        self._end()
        for file in self.files.values():
            file.finish()

    def abandon(self) -> None:
        """Remove what was written."""
        for file in self.files.values():
            file.abandon()

    def _open(self, folder: str) -> DigestedFile:
        return DigestedFile(self._part(folder))
