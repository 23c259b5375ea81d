"""A result directory that is either whole or not there."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from lab.errors import RequestError
from lab.store import manifest


def check_target(target: Path, identity: Mapping[str, Any], also: tuple[str, ...] = ()) -> None:
    """Refuse a place that holds anything but the same request; files named in `also` do not count.

    Raises
    ------
    RequestError
        `target` is a file, holds another study, or holds files that are not a study's.
    """
    if not target.exists():
        return
    if not target.is_dir():
        raise RequestError(f"out: {str(target)!r} is a file, a directory is needed")
    if all(entry.name in also for entry in target.iterdir()):
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


@contextmanager
def staged(target: Path, identity: Mapping[str, Any]) -> Iterator[Path]:
    """A temporary directory beside `target` that takes its place when the block succeeds.

    On any error or interrupt the temporary directory is removed, with the folders made for it, and
    `target` is as it was.

    Raises
    ------
    RequestError
        As `check_target`; or the place cannot be written.
    """
    parent = target.absolute().parent
    try:
        check_target(target, identity)
        missing = [folder for folder in (parent, *parent.parents) if not folder.exists()]
        parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=parent))
    except OSError as error:
        raise RequestError(f"out: {str(target)!r} cannot be written: {error.strerror}") from error
    try:
        yield staging
        _swap(staging, target.absolute())
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        with suppress(OSError):  # others may have put something there meanwhile
            for folder in missing:
                folder.rmdir()
        raise


def _swap(staging: Path, target: Path) -> None:
    """Put `staging` in the place of `target`; the old goes only after the new is in place."""
    staging.chmod(0o777 & ~_umask())
    if not target.exists():
        os.rename(staging, target)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".old", dir=target.parent))
    os.rename(target, old / "was")
    try:
        os.rename(staging, target)
    except OSError:
        os.rename(old / "was", target)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
