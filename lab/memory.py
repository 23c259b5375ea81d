"""Whether what is asked for fits into memory, said before the work starts.

What is left is the smallest of: what the system calls available, what the limits of the control
groups around this process leave (containers, cluster jobs), and what its own limit of address space
leaves (`ulimit -v`). Where a system tells none of them, nothing is foreseen.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from lab.errors import RequestError

#: Needs below this are not looked at: asking the system costs more than they do.
SMALL = 256 * 2**20


def require(needed: float, what: str, remedy: str) -> None:
    """Refuse work that needs more bytes than there are.

    Parameters
    ----------
    what:
        What needs them, such as "200 steps of 7 schedules".
    remedy:
        What to ask for instead.

    Raises
    ------
    RequestError
        With what is needed and what there is.
    """
    if needed < SMALL:
        return
    left = available()
    if left is not None and needed > left:
        raise RequestError(
            f"memory: {what} needs about {gigabytes(needed)}, {gigabytes(left)} are available;"
            f" {remedy}"
        )


def gigabytes(count: float) -> str:
    """A number of bytes in words."""
    return f"{count / 1e9:,.1f} GB"


def available() -> int | None:
    """Bytes that this process may still take, or None where the system does not say."""
    return min((max(0, left) for left in _limits()), default=None)


def _limits() -> Iterator[int]:
    with suppress(OSError, ValueError, KeyError):
        yield _meminfo()["MemAvailable"]
    for group in _groups():
        with suppress(OSError, ValueError, KeyError):
            # Files that the kernel keeps in memory go when their place is needed.
            kept = _fields(group / "memory.stat")["inactive_file"]
            used = int((group / "memory.current").read_text()) - kept
            yield int((group / "memory.max").read_text()) - used
    with suppress(ImportError, OSError, ValueError):
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        if limit != resource.RLIM_INFINITY:
            pages = int(Path("/proc/self/statm").read_text().split()[0])
            yield limit - pages * os.sysconf("SC_PAGE_SIZE")


def _meminfo() -> dict[str, int]:
    return {name.rstrip(":"): 1024 * n for name, n in _fields(Path("/proc/meminfo")).items()}


def _fields(file: Path) -> dict[str, int]:
    """A name and a number a line."""
    lines = (line.split() for line in file.read_text().splitlines())
    return {line[0]: int(line[1]) for line in lines}


def _groups(root: Path = Path("/sys/fs/cgroup")) -> list[Path]:
    """The control groups that this process is in, from its own outwards."""
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            number, _, path = line.split(":", 2)
            if number == "0":
                own = root / path.lstrip("/")
                return [own, *(p for p in own.parents if p.is_relative_to(root))]
    return []
