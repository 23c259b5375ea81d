"""A result directory that is either whole or not there."""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from lab.errors import RequestError, WorkError
from lab.interrupts import held_back
from lab.store import manifest

#: What a full disk or a used-up quota is called.
FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
#: What a killed process may leave in a directory that it filled in place.
LEFT = re.compile(r"\..*\.(part|old)")
#: What renaming meets where another process has just put or taken away a directory.
QUICKER = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT)
#: How often another process may be quicker with the same result.
RACES = 100


def check_target(target: Path, identity: Mapping[str, Any], also: tuple[str, ...] = ()) -> None:
    """Refuse a place that holds anything but the same request; files named in `also` do not count.

    Raises
    ------
    RequestError
        `target` is a file or a link that leads nowhere, holds another study, or holds files that
        are not a study's.
    """
    if not is_there(target):
        return
    if all(entry.name in also or LEFT.fullmatch(entry.name) for entry in target.iterdir()):
        return
    found = manifest.read(target)
    if found is None:
        raise RequestError(
            f"out: {str(target)!r} holds files that are not a result of this laboratory;"
            " name a missing or an empty directory"
        )
    manifest.check_schema(found, target)
    if found.get("hash") != manifest.identity_hash(identity):
        raise RequestError(
            f"out: {str(target)!r} holds another study (hash {found.get('hash')}, this request has"
            f" {manifest.identity_hash(identity)}); name a missing or an empty directory"
        )


def is_there(target: Path) -> bool:
    """Whether a place for results exists.

    Raises
    ------
    RequestError
        It is a file, or a link that leads nowhere.
    """
    if not target.exists():
        if target.is_symlink():
            raise RequestError(f"out: {str(target)!r} is a link that leads nowhere")
        return False
    if not target.is_dir():
        raise RequestError(f"out: {str(target)!r} is a file, a directory is needed")
    return True


@contextmanager
def staged(target: Path, identity: Mapping[str, Any]) -> Iterator[Path]:
    """A temporary directory beside `target` that takes its place when the block succeeds.

    A directory that cannot be renamed without harm (the working directory or one above it, a mount
    point, a symbolic link, one whose parent is not ours to write) is filled in place, the manifest
    last. On any error or interrupt the temporary directory is removed, with the folders made for
    it, and `target` is as it was.

    Raises
    ------
    RequestError
        As `check_target`; or the place cannot be written.
    WorkError
        The disk became full, or the place could not be written any more.
    """
    whole = target.absolute()
    missing: list[Path] = []
    try:
        check_target(target, identity)
        stays = _stays(whole)
        parent = whole if stays else whole.parent
        missing = [folder for folder in (parent, *parent.parents) if not folder.exists()]
        parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{whole.name}.", suffix=".part", dir=parent))
    except OSError as error:
        _remove(missing)
        raise RequestError(f"out: {str(target)!r} cannot be written: {error.strerror}") from error
    try:
        # Twice: a second signal can come before the clean-up after the first holds it back.
        with _removed_on_failure(staging, missing), _removed_on_failure(staging, missing):
            yield staging
            with held_back():
                if stays:
                    _fill(staging, whole)
                else:
                    _replace(staging, whole, identity)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise WorkError(
            f"out: {str(target)!r} cannot be written: {reason(error)}; nothing half-written is left"
        ) from error


@contextmanager
def added(target: Path) -> Iterator[Path]:
    """A temporary directory whose files all come into `target` when the block succeeds.

    They take the place of files of the same name, others stay. On any error or interrupt `target`
    is as it was.

    Raises
    ------
    WorkError
        The place cannot be written.
    """
    try:
        staging = Path(
            tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
        )
        with _removed_on_failure(staging, []), _removed_on_failure(staging, []):
            yield staging
            with held_back():
                for made in [path for path in staging.rglob("*") if path.is_file()]:
                    place = target / made.relative_to(staging)
                    place.parent.mkdir(parents=True, exist_ok=True)
                    os.replace(made, place)
                shutil.rmtree(staging)
    except OSError as error:
        raise WorkError(f"{str(target)!r} cannot be written: {reason(error)}") from error


@contextmanager
def _removed_on_failure(staging: Path, folders: list[Path]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with held_back():
            shutil.rmtree(staging, ignore_errors=True)
            _remove(folders)
        raise


def reason(error: OSError) -> str:
    """Why something could not be written."""
    return "the disk is full" if error.errno in FULL else str(error.strerror or error)


def _remove(folders: list[Path]) -> None:
    """Remove folders that were made on the way, unless others put something there meanwhile."""
    with suppress(OSError):
        for folder in folders:
            folder.rmdir()


def _stays(target: Path) -> bool:
    """Whether a directory must stay what it is, and only its content may change."""
    if not target.exists():
        return False
    resolved, here = target.resolve(), Path.cwd()
    in_use = resolved == here or resolved in here.parents
    elsewhere = target.is_symlink() or os.path.ismount(target)
    return in_use or elsewhere or not os.access(target.parent, os.W_OK)


def _replace(staging: Path, target: Path, identity: Mapping[str, Any]) -> None:
    """Put `staging` in the place of `target`, however often another process is quicker."""
    staging.chmod(0o777 & ~_umask())
    for attempt in range(RACES):
        try:
            _swap(staging, target)
            return
        except OSError as error:
            if error.errno not in QUICKER or not staging.exists() or attempt == RACES - 1:
                raise
        check_target(target, identity)


def _swap(staging: Path, target: Path) -> None:
    """Put `staging` in the place of `target`; the old goes only after the new is in place."""
    if not target.exists():
        os.rename(staging, target)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".old", dir=target.parent))
    try:
        os.rename(target, old / "was")
        try:
            os.rename(staging, target)
        except OSError as error:
            # Another process that has filled the gap has the same result: the old is not missed.
            if error.errno not in QUICKER:
                os.rename(old / "was", target)
            raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _fill(staging: Path, target: Path) -> None:
    """Put the content of `staging` in the place of that of `target`, which holds it."""
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".old", dir=target))
    moved: list[tuple[Path, Path]] = []
    try:
        for entry in _manifest_first(target):
            if entry not in (staging, old):
                _move(entry, old / entry.name, moved)
        for entry in reversed(_manifest_first(staging)):
            _move(entry, target / entry.name, moved)
    except OSError:
        for source, place in reversed(moved):
            os.rename(place, source)
        raise
    finally:
        # What could not be put back stays where it is.
        with suppress(OSError):
            old.rmdir()
    shutil.rmtree(old, ignore_errors=True)
    staging.rmdir()


def _move(source: Path, place: Path, moved: list[tuple[Path, Path]]) -> None:
    os.rename(source, place)
    moved.append((source, place))


def _manifest_first(directory: Path) -> list[Path]:
    """What is in a directory; without its manifest the rest does not count."""
    return sorted(directory.iterdir(), key=lambda entry: (entry.name != manifest.NAME, entry.name))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
