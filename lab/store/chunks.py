"""A study's directory while it fills: chunks that are whole or absent, and a manifest that counts.

    manifest.json       the study as run, chunks planned, completed chunks, complete or not
    runs/00007.parquet  rows of chunk 7, a row a lane
    bands/00007.parquet its bands, a row a cell and step
    cells/00007.parquet its results, a row a cell
    chunks/00007.json   sizes and digests of these, written last: without it nothing counts

A chunk's files are written under another name, flushed and renamed. A killed study therefore holds
finished chunks and, at worst, one file that does not count.
"""

from __future__ import annotations

import errno
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab.errors import RequestError, WorkError
from lab.store import manifest
from lab.store.directory import check_target
from lab.store.tables import write_whole

#: Folders that chunks have files in.
FOLDERS = ("runs", "bands", "cells")


class ChunkStore:
    """One study's directory, held by one process at a time.

    Parameters
    ----------
    directory:
        A missing or an empty directory, or one of the same study.
    identity:
        The study's identity; its hash must be the directory's.
    planned:
        Number of chunks.
    record:
        The manifest's fixed part.
    resume:
        Keep finished chunks; otherwise a directory of the same study starts anew.

    Raises
    ------
    RequestError
        The directory belongs to something else, another process holds it, or it cannot be written.
    """

    def __init__(
        self,
        directory: Path,
        identity: Mapping[str, Any],
        planned: int,
        record: Mapping[str, Any],
        resume: bool,
    ) -> None:
        import filelock

        self.directory = directory
        self.planned = planned
        check_target(directory, identity, also=(".lock",))
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self._lock = filelock.FileLock(directory / ".lock")
            self._lock.acquire(timeout=0)
        except filelock.Timeout as error:
            raise RequestError(f"out: another process is writing {str(directory)!r}") from error
        except OSError as error:
            raise RequestError(
                f"out: {str(directory)!r} cannot be written: {error.strerror}"
            ) from error
        if not resume:
            self._clear()
        self.done = self._verified()
        self.record = {**record, "planned": planned}
        self.save()

    def close(self) -> None:
        """Let other processes in."""
        self._lock.release()

    def missing(self) -> list[int]:
        """Chunks that are still to do, in order."""
        return [number for number in range(self.planned) if number not in self.done]

    def put(self, number: int, contents: Mapping[str, bytes]) -> None:
        """Store a finished chunk; `contents` maps folders to Parquet files.

        Raises
        ------
        WorkError
            The disk is full or fails; what was finished before is intact.
        """
        mark: dict[str, Any] = {}
        try:
            for folder, content in contents.items():
                write_whole(self.directory / folder / f"{number:05d}.parquet", content)
                mark[folder] = {"bytes": len(content), "sha256": _digest(content)}
            write_whole(self._mark(number), json.dumps(mark, sort_keys=True).encode())
        except OSError as error:
            reason = "the disk is full" if error.errno == errno.ENOSPC else str(error.strerror)
            raise WorkError(
                f"chunk {number} cannot be stored: {reason}; {len(self.done)} of {self.planned}"
                " chunks are safe, --resume goes on from there"
            ) from error
        self.done.add(number)

    def save(self, **more: Any) -> None:
        """Write the manifest as things stand."""
        self.record |= more
        self.record["completed"] = sorted(self.done)
        self.record["complete"] = len(self.done) == self.planned
        write_whole(self.directory / manifest.NAME, manifest.text(self.record).encode())

    def _mark(self, number: int) -> Path:
        return self.directory / "chunks" / f"{number:05d}.json"

    def _clear(self) -> None:
        for folder in (*FOLDERS, "chunks"):
            for file in sorted((self.directory / folder).glob("*")):
                file.unlink()

    def _verified(self) -> set[int]:
        """Chunks whose files are what their mark says; the others' files are removed."""
        sound = {number for number in range(self.planned) if self._is_sound(number)}
        names = {f"{number:05d}" for number in sound}
        for folder in (*FOLDERS, "chunks"):
            for file in (self.directory / folder).glob("*"):
                if file.stem not in names or file.suffix == ".part":
                    file.unlink()
        return sound

    def _is_sound(self, number: int) -> bool:
        try:
            mark = json.loads(self._mark(number).read_bytes())
            for folder, expected in mark.items():
                content = (self.directory / folder / f"{number:05d}.parquet").read_bytes()
                if len(content) != expected["bytes"] or _digest(content) != expected["sha256"]:
                    return False
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return False
        return True


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
