"""A study's directory while it fills: chunks that are whole or absent, and a manifest that counts.

    manifest.json       the study as run, chunks planned, completed chunks, complete or not
    runs/00007.parquet  rows of chunk 7, a row a lane
    bands/00007.parquet its bands, a row a cell and step
    cells/00007.parquet its results, a row a cell
    chunks/00007.json   sizes and digests of these, written last: without it nothing counts

A chunk's files are written under another name, flushed and renamed. A killed study therefore holds
finished chunks and, at worst, files that do not count; the manifest says `complete` only after the
last chunk, and stops saying so before anything is removed.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from lab.errors import LabError, RequestError, WorkError
from lab.store import manifest, marks
from lab.store.chunk_files import ChunkFiles
from lab.store.directory import FULL, check_target, reason
from lab.store.tables import write_whole

#: Folders that chunks have files in.
FOLDERS = ("runs", "bands", "cells")
LOCK = ".lock"
#: What a process that was killed at once may leave in a directory that is empty otherwise.
NOT_A_RESULT = (LOCK, f"{manifest.NAME}.part")
#: Names of files that are ours to remove.
OURS = re.compile(r"\d{5,}\.(parquet|json)(\.part)?")
#: Seconds between two manifests while chunks come in.
SAVE_EVERY = 5.0


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
    folders:
        Which of `FOLDERS` every chunk has a file in.
    record:
        The manifest's fixed part (`manifest.provenance`).
    resume:
        Keep finished chunks; otherwise a directory of the same study starts anew.
    again:
        What the user gives to go on after a failure.

    `damaged` are the chunks that had been finished and are done again, because their files are not
    what they were.

    Raises
    ------
    RequestError
        The directory belongs to something else, another process holds it, or it cannot be written.
    WorkError
        The disk is full.
    """

    def __init__(
        self,
        directory: Path,
        identity: Mapping[str, Any],
        planned: int,
        folders: Sequence[str],
        record: Mapping[str, Any],
        resume: bool,
        again: str = "--resume",
    ) -> None:
        self.directory = directory
        self.planned = planned
        self.again = again
        self.folders = tuple(folders)
        self.done: set[int] = set()
        self.damaged: list[int] = []
        self._begun = time.time()
        self._clock = self._saved = time.monotonic()
        try:
            check_target(directory, identity, NOT_A_RESULT)
            self._lock = _locked(directory)
        except OSError as error:
            raise _unwritable(directory, error) from error
        try:
            # Again, because another process may have been here before the lock was ours.
            check_target(directory, identity, NOT_A_RESULT)
            self._open(record, resume)
        except OSError as error:
            self.close()
            raise _unwritable(directory, error) from error
        except BaseException:
            self.close()
            raise

    def _open(self, record: Mapping[str, Any], resume: bool) -> None:
        before = (manifest.read(self.directory) if resume else None) or {}
        self.earlier = manifest.sessions(before)
        self.record = {**record, "planned": self.planned}
        self.save()
        found = marks.numbers(self.directory) & set(range(self.planned)) if resume else set()
        sound = {n for n in found if marks.is_sound(self.directory, n, self.folders)}
        self.damaged = sorted(found - sound)
        self._remove_all_but(sound)
        self.done = sound
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
        with self.storing(number):
            for folder, content in contents.items():
                write_whole(self._path(folder, number), content)
            self._finished(number, {f: marks.of_content(c) for f, c in contents.items()})

    def commit(self, files: ChunkFiles) -> None:
        """Have a chunk count whose files are finished.

        Raises
        ------
        WorkError
            As `put`.
        """
        try:
            with self.storing(files.number):
                for folder, file in files.files.items():
                    os.replace(file.path, self._path(folder, files.number))
                self._finished(files.number, {f: file.mark() for f, file in files.files.items()})
        except BaseException:
            files.abandon()
            raise

    def _finished(self, number: int, mark: marks.Mark) -> None:
        """Write the mark, once the names of the files are on the disk too."""
        for folder in mark:
            _sync(self.directory / folder)
        write_whole(marks.path(self.directory, number), marks.text(mark))
        _sync(self.directory / marks.FOLDER)
        self.done.add(number)
        if time.monotonic() - self._saved > SAVE_EVERY:
            self.save()

    @contextmanager
    def storing(self, number: int) -> Iterator[None]:
        """Say of a failure to write a chunk what is safe."""
        try:
            yield
        except OSError as error:
            raise WorkError(
                f"chunk {number} cannot be stored: {reason(error)}; {self.safe()}"
            ) from error

    @contextmanager
    def storing_manifest(self) -> Iterator[None]:
        """Say of a failure to write the manifest what is safe."""
        try:
            yield
        except OSError as error:
            raise WorkError(
                f"the manifest cannot be written: {reason(error)}; {self.safe()}"
            ) from error

    def safe(self) -> str:
        """How much is done, and what to do about the rest."""
        count = f"{len(self.done)} of {self.planned} chunks"
        verb = "is" if len(self.done) == 1 else "are"
        return f"{count} {verb} safe, {self.again} goes on from there"

    def save(self) -> None:
        """Write the manifest as things stand."""
        self._saved = time.monotonic()
        session = {
            "started": self._begun,
            "seconds": round(self._saved - self._clock, 3),
            **{name: self.record[name] for name in ("command", "versions", "machine")},
        }
        sessions = [*self.earlier, session]
        self.record |= {
            "sessions": sessions,
            "started": sessions[0]["started"],
            "seconds": round(sum(s["seconds"] for s in sessions), 3),
            "completed": sorted(self.done),
            "complete": len(self.done) == self.planned,
        }
        write_whole(self.directory / manifest.NAME, manifest.text(self.record).encode())

    def mixed(self) -> str:
        """Which versions differ between this session and those that made the kept chunks."""
        if not self.done:
            return ""
        now = self.record["versions"]
        found = {
            f"{name} {then}, now {now.get(name)}"
            for session in self.earlier
            for name, then in session["versions"].items()
            if now.get(name) != then
        }
        return "; ".join(sorted(found))

    def files(self, number: int) -> ChunkFiles:
        """A chunk's files, to be written and then handed to `commit`."""

        def part(folder: str) -> Path:
            path = self._path(folder, number)
            return path.with_name(path.name + ".part")

        return ChunkFiles(number, part)

    def _path(self, folder: str, number: int) -> Path:
        return self.directory / folder / f"{number:05d}.parquet"

    def _remove_all_but(self, kept: set[int]) -> None:
        """Remove our files that do not count."""
        names = {f"{number:05d}" for number in kept}
        for folder in (*FOLDERS, marks.FOLDER):
            for file in (self.directory / folder).glob("*"):
                stem, _, suffix = file.name.partition(".")
                if OURS.fullmatch(file.name) and (stem not in names or suffix.endswith("part")):
                    file.unlink()


def _locked(directory: Path) -> Any:
    """Make the directory this process's own.

    Raises
    ------
    RequestError
        Another process has it.
    """
    import filelock

    directory.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(directory / LOCK)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout as error:
        raise RequestError(f"out: another process is writing {str(directory)!r}") from error
    return lock


def _unwritable(directory: Path, error: OSError) -> LabError:
    kind = WorkError if error.errno in FULL else RequestError
    return kind(f"out: {str(directory)!r} cannot be written: {error.strerror or error}")


def _sync(folder: Path) -> None:
    """Have a folder's names on the disk, where the system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
