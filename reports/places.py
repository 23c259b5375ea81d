"""Where a command has put something, as a line of its output."""

from __future__ import annotations

from pathlib import Path

from lab.errors import visible


def line(kind: str, path: Path, what: str = "") -> str:
    """Its kind, its path on one line whatever the name holds, and what it is."""
    return f"{kind:<9} {visible(str(path))}{f' ({what})' if what else ''}"
