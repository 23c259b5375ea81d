"""Where the numbers come from: command, hash, versions, machine, times."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from reports.page.collect import Results
from reports.page.section import Section
from reports.tables import Table

PLACE = 90


def sections(results: Results) -> Iterator[Section]:
    """A table of what the manifest says."""
    rows = [(name, text) for name, text in _facts(results.manifest) if text]
    yield Section(
        "provenance", "Provenance", tables=[Table("provenance", "", ("what", "value"), rows)],
        note="The same study, seed and versions on a machine of the same family give the same bits,"
        " whatever the number of threads.",
        command=results.command,
    )  # fmt: skip


def _facts(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    request = _mapping(manifest, "request")
    yield "experiment", _text(request.get("experiment"))
    yield "hash", _text(manifest.get("hash"))
    for key in ("seeds", "seed"):
        yield key, _text(request.get(key))
    yield "versions", _pairs(_mapping(manifest, "versions"))
    yield "machine", _pairs(_mapping(manifest, "machine"))
    # A time that the calendar does not have, or a number that is none, is left out.
    for name, key, said in (("started", "started", _date), ("took", "seconds", _duration)):
        with suppress(TypeError, ValueError, OverflowError, OSError):
            yield name, said(manifest.get(key))
    yield "components", _components(_mapping(manifest, "components"))


def _date(started: Any) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(float(started)))


def _duration(seconds: Any) -> str:
    return f"{float(seconds):.3g} s"


def _mapping(manifest: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = manifest.get(key)
    return found if isinstance(found, dict) else {}


def _pairs(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _components(named: Mapping[str, Any]) -> str:
    """What written names stand for, where they stand for more than they say."""
    pairs = (pair for kind in named.values() if isinstance(kind, dict) for pair in kind.items())
    return "; ".join(f"{name} = {full}" for name, full in pairs if full not in ("", name))


def _text(value: Any) -> str:
    return "" if value is None else str(value)
