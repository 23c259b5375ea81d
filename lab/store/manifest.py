"""The manifest: what was asked, with what, where and when. Rows hold none of it."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab._version import __version__
from lab.engine.native import processor
from lab.errors import RequestError
from lab.files import read_json

SCHEMA = 1
NAME = "manifest.json"
#: Goes up whenever the same request gives other bits than before, so that no result of then is
#: taken for one of now: `tests/store/test_numbers.py` notices.
NUMBERS = 2
#: Distributions whose versions can change a number or a file.
DISTRIBUTIONS = ("numpy", "numba", "llvmlite", "pyarrow", "scipy")


def identity_hash(identity: Mapping[str, Any]) -> str:
    """Ten hexadecimal digits of a request's identity (plain JSON values) and of NUMBERS."""
    text = json.dumps([NUMBERS, identity], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def provenance(identity: Mapping[str, Any], command: str) -> dict[str, Any]:
    """The manifest's part that is known before the work starts."""
    return {
        "schema": SCHEMA,
        "request": dict(identity),
        "hash": identity_hash(identity),
        "command": command,
        "versions": versions(),
        "machine": {
            "system": platform.system(),
            "architecture": platform.machine(),
            "processor": processor()[0],
            "cores": os.cpu_count(),
            "byteorder": sys.byteorder,
        },
    }


def versions() -> dict[str, str]:
    """What runs here: versions by name."""
    return {
        "greedylr-lab": __version__,
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in DISTRIBUTIONS},
    }


def read(directory: Path) -> dict[str, Any] | None:
    """The manifest of a directory, or None where there is none that can be read."""
    try:
        content = read_json(directory / NAME)
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def sessions(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The sessions on record, without what does not say when, how long and with which versions."""
    found = manifest.get("sessions")
    return [each for each in found if _is_session(each)] if isinstance(found, list) else []


def _is_session(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    known = value.get("versions")
    return (
        all(type(value.get(name)) in (int, float) for name in ("started", "seconds"))
        and isinstance(known, dict)
        and all(isinstance(version, str) for version in known.values())
    )


def check_schema(manifest: Mapping[str, Any], directory: Path) -> None:
    """Refuse a directory that a later version of the laboratory wrote.

    Raises
    ------
    RequestError
        With both numbers.
    """
    found = manifest.get("schema")
    if not isinstance(found, int) or not 1 <= found <= SCHEMA:
        raise RequestError(
            f"{str(directory)!r} has schema {found!r}, this version of the laboratory reads"
            f" schema {SCHEMA}: use the version that wrote it, or another directory"
        )


def text(manifest: Mapping[str, Any]) -> str:
    """The manifest as it stands in the file."""
    return json.dumps(manifest, indent=2, sort_keys=True) + "\n"


def write(directory: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest; the last file of a directory that is whole."""
    (directory / NAME).write_text(text(manifest), encoding="utf-8")
