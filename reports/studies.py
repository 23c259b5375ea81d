"""A study as text: its size before it runs, its ranking after."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.study.declaration import Study
from experiments.study.estimate import Estimate
from experiments.study.ranking import Rank
from lab.errors import visible
from reports import places
from reports.numbers import json_number, percent, ratio
from reports.text import aligned

#: What rankings are split by.
BY = ("channel",)


def size(estimate: Estimate) -> str:
    """Cells, lanes, and the expected time and disk."""
    return (
        f"{estimate.cells:,} cells, {estimate.lanes:,} lanes, {estimate.lane_steps:,} lane-steps,"
        f" {estimate.chunks:,} chunks\n"
        f"about {duration(estimate.seconds)} and {estimate.bytes / 1e6:,.0f} MB on this machine"
        f" (measured on {percent(estimate.share)} of it)"
    )


def size_document(estimate: Estimate) -> dict[str, Any]:
    """The same as a JSON document; `share` of the study is what the figures were measured on."""
    return {"schema": 1, **vars(estimate)}


def ranking(ranks: Mapping[tuple[Any, ...], list[Rank]], by: tuple[str, ...]) -> str:
    """A table a group: who has the lowest median, and how far the others are from it."""
    parts = []
    for key, found in sorted(ranks.items()):
        title = ", ".join(f"{name} {value}" for name, value in zip(by, key, strict=True))
        rows = [
            [
                "schedule", "scenarios", "lowest median in", "median / lowest", "below ref",
                "above ref", "diverged in",
            ]
        ]  # fmt: skip
        rows += [
            [
                r.schedule, f"{r.scenarios:,}", percent(r.lowest), ratio(r.to_best),
                _count(r.below), _count(r.above), f"{r.lost:,}",
            ]
            for r in found
        ]  # fmt: skip
        parts.append((f"{title}\n" if title else "") + aligned(rows))
    return "\n\n".join(parts) + (
        "\nmedian / lowest: geometric mean over scenarios, at the rates the study declares; below"
        "\nand above ref: scenarios where the 95 % interval of the ratio to the reference (greedy,"
        "\nelse the first schedule) lies wholly on that side of 1"
    )


def _count(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def document(study: Study, ranks: Mapping[tuple[Any, ...], list[Rank]], out: str) -> dict[str, Any]:
    """The same as a JSON document."""
    return {
        "schema": 1,
        "study": study.name,
        "cells": study.cells,
        "lanes": study.cells * study.document.seeds,
        "rankings": [
            {
                "channel": key[0],
                "schedules": [{**vars(r), "to_best": json_number(r.to_best)} for r in found],
            }
            for key, found in sorted(ranks.items())
        ],
        "out": out,
    }


def duration(seconds: float) -> str:
    """Seconds as a person says them."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def finished(study: Study, ranks: Mapping[tuple[Any, ...], list[Rank]], directory: Path) -> str:
    """The ranking in each channel and where the files are."""
    keep = study.document.keep
    folders = {"cells": "a row a cell"}
    if keep.bands:
        folders = {"bands": "a row a cell and step", **folders}
    if keep.rows:
        folders = {"runs": "a row a lane", **folders}
    where = [places.line(name, directory / name, what) for name, what in folders.items()]
    heading = f"{visible(study.document.title or study.name)}: {study.cells:,} cells"
    return "\n".join([heading, "", ranking(ranks, BY), "", *where])
