"""Files that others wrote, read whole: a pipe would be waited for, a device has no end."""

from __future__ import annotations

import errno
import json
import stat
from pathlib import Path
from typing import Any

#: Bytes of the largest file that is read; what is larger is something else.
LARGEST = 1_000_000_000


def read_regular(path: Path, most: int = LARGEST) -> bytes:
    """The content of a file.

    Raises
    ------
    OSError
        It cannot be read, is not a regular file, or is larger than `most` bytes.
    ValueError
        No file can be called so.
    """
    found = path.stat()
    # Reading a directory says what it is by itself.
    if not stat.S_ISREG(found.st_mode) and not stat.S_ISDIR(found.st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file")
    if found.st_size > most:
        raise OSError(errno.EFBIG, f"it is larger than {most:,} bytes")
    return path.read_bytes()


def read_json(path: Path) -> Any:
    """The value in a JSON file.

    Raises
    ------
    OSError
        As `read_regular`.
    ValueError
        It is not JSON.
    """
    try:
        return json.loads(read_regular(path).decode())
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
