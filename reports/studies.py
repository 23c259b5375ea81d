"""A study as text: its size before it runs, its ranking after."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.estimate import Estimate
from experiments.ranking import Rank, rank, read_cells
from experiments.study import Study
from reports.numbers import percent, ratio
from reports.text import aligned


def size(estimate: Estimate) -> str:
    """Cells, lanes, and the expected time and disk."""
    return (
        f"{estimate.cells:,} cells, {estimate.lanes:,} lanes, {estimate.lane_steps:,} lane-steps,"
        f" {estimate.chunks:,} chunks\n"
        f"about {duration(estimate.seconds)} and {estimate.bytes / 1e6:,.0f} MB on this machine"
        " (measured on a few of its cells)"
    )


def ranking(ranks: Mapping[tuple[Any, ...], list[Rank]], by: tuple[str, ...]) -> str:
    """A table a group: who has the lowest median, and how far the others are from it."""
    parts = []
    for key, found in sorted(ranks.items()):
        title = ", ".join(f"{name} {value}" for name, value in zip(by, key, strict=True))
        rows = [["schedule", "scenarios", "lowest median in", "median / lowest", "diverged in"]]
        rows += [
            [r.schedule, f"{r.scenarios:,}", percent(r.lowest), ratio(r.to_best), f"{r.lost:,}"]
            for r in found
        ]
        parts.append((f"{title}\n" if title else "") + aligned(rows))
    return "\n\n".join(parts) + (
        "\nmedian / lowest: geometric mean over scenarios; at the rates the study declares"
    )


def duration(seconds: float) -> str:
    """Seconds as a person says them."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def finished(study: Study, directory: Path) -> str:
    """The ranking in each channel and where the files are."""
    by = ("channel",)
    ranks = rank(read_cells(directory), by)
    folders = {"runs": "a row a lane", "bands": "a row a cell and step", "cells": "a row a cell"}
    places = [f"{name:9s} {directory / name} ({what})" for name, what in folders.items()]
    heading = f"{study.document.title or study.name}: {study.cells:,} cells"
    return "\n".join([heading, "", ranking(ranks, by), "", *places])
