"""The marks of finished chunks: which files a chunk has, their sizes and digests.

A chunk counts when its mark is there and its files are what the mark says.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lab.errors import RequestError
from lab.files import read_json

#: Folder of the marks in a study's directory.
FOLDER = "chunks"
#: Bytes read at a time.
READ = 2**20

#: Size and digest of the file in each folder.
Mark = Mapping[str, Mapping[str, Any]]


def entry(size: int, sha256: str) -> dict[str, Any]:
    """What a mark says of one file."""
    return {"bytes": size, "sha256": sha256}


def of_content(content: bytes) -> dict[str, Any]:
    """The same for a file of this content."""
    return entry(len(content), hashlib.sha256(content).hexdigest())


def text(mark: Mark) -> bytes:
    """A mark as it stands in its file."""
    return json.dumps(mark, sort_keys=True).encode()


def path(directory: Path, number: int) -> Path:
    """Where the mark of a chunk is."""
    return directory / FOLDER / f"{number:05d}.json"


def read(directory: Path, number: int) -> dict[str, dict[str, Any]] | None:
    """A mark, or None where there is none that can be read."""
    try:
        mark = read_json(path(directory, number))
        return {folder: entry(of["bytes"], of["sha256"]) for folder, of in mark.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def numbers(directory: Path) -> set[int]:
    """Numbers of all chunks that have a mark."""
    return {int(file.stem) for file in (directory / FOLDER).glob("*.json") if file.stem.isdecimal()}


def files(directory: Path, numbers: Iterable[int]) -> dict[str, list[Path]]:
    """The files of some finished chunks, by folder, after a look at their sizes.

    Raises
    ------
    RequestError
        A mark cannot be read, or a file is missing or has another size.
    """
    found: dict[str, list[Path]] = {}
    for number in numbers:
        mark = read(directory, number)
        chunk = {folder: directory / folder / f"{number:05d}.parquet" for folder in mark or ()}
        if mark is None or any(_size(f) != mark[folder]["bytes"] for folder, f in chunk.items()):
            raise RequestError(
                f"chunk {number} in {str(directory)!r} is damaged: `lab sweep --resume` makes it"
                " again"
            )
        for folder, file in chunk.items():
            found.setdefault(folder, []).append(file)
    return found


def _size(file: Path) -> int | None:
    try:
        return file.stat().st_size
    except OSError:
        return None


def is_sound(directory: Path, number: int, folders: Sequence[str]) -> bool:
    """Whether a chunk has a file in each of these folders, and they are what its mark says."""
    mark = read(directory, number)
    if mark is None or mark.keys() != set(folders):
        return False
    return all(
        _matches(directory / folder / f"{number:05d}.parquet", of["bytes"], of["sha256"])
        for folder, of in mark.items()
    )


def _matches(file: Path, size: int, digest: str) -> bool:
    state = hashlib.sha256()
    if _size(file) != size:
        return False
    try:
        with file.open("rb") as opened:
            while content := opened.read(READ):
                state.update(content)
    except OSError:
        return False
    return state.hexdigest() == digest
