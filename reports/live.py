"""What a terminal shows while a study runs: cells done, their rate, time left, the ranking so far.

The display watches the study's directory as any reader could: finished chunks have a mark there.
Where the error stream is no terminal nothing of this happens, and the log speaks in lines.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from experiments.study.declaration import Study
from experiments.study.ranking import SCENARIO, Rank, rank
from lab.errors import RequestError
from lab.store import marks
from reports import numbers
from reports.labels import short
from reports.page.collect import Columns, read_columns
from reports.studies import duration

Log = Callable[[str], None]
#: Seconds between two looks into the directory, and schedules that the ranking shows.
LOOK, SHOWN = 1.0, 8
#: Columns of a cell that a ranking needs besides those that name its scenario.
RANKED = ("cell", "schedule", "reference", "measure", "final_p50", "ratio_low", "ratio_high")


@contextmanager
def watched(study: Study, directory: Path, resume: bool, log: Log, quiet: bool) -> Iterator[Log]:
    """Show the study's progress while the block runs; yields what the block shall log with.

    On a terminal lines about progress are left out of the log, as the display says it better.
    """
    if quiet or not sys.stderr.isatty():
        yield log
        return
    from rich.console import Console
    from rich.live import Live

    progress = Progress(study, directory, resume)
    console = Console(stderr=True)
    if console.is_dumb_terminal:
        yield log
        return
    with Live(console=console, get_renderable=progress, refresh_per_second=4, transient=True):
        yield lambda text: None if text.endswith(" s left") else log(text)


class Progress:
    """The display; called for what there is to show now.

    With `resume`, what is there already does not count as done by this process.
    """

    def __init__(self, study: Study, directory: Path, resume: bool) -> None:
        self.study, self.directory = study, directory
        self.begun = self.looked = time.monotonic()
        self.tables: dict[int, Columns] = {}
        self.ranks: list[Rank] = []
        self.kept = 0
        if resume:
            self.look()
            self.kept = self.finished

    def __call__(self) -> Any:
        """A bar and the ranking so far, for `rich`."""
        if time.monotonic() - self.looked >= LOOK:
            self.look()
        return self.render()

    def look(self) -> None:
        """Read what was finished since the last look."""
        self.looked = time.monotonic()
        done = marks.numbers(self.directory)
        for gone in self.tables.keys() - done:
            del self.tables[gone]
        fresh = done - self.tables.keys()
        for number in sorted(fresh):
            table = _cells(self.directory, number)
            if table is not None:
                self.tables[number] = table
        if fresh and self.tables:
            parts = list(self.tables.values())
            joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
            self.ranks = rank(joined).get((), [])

    @property
    def finished(self) -> int:
        """Number of finished cells."""
        return sum(len(table["cell"]) for table in self.tables.values())

    def render(self) -> Any:
        """What was found at the last look."""
        from rich.console import Group
        from rich.padding import Padding
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        done, planned = self.finished, self.study.cells
        elapsed = time.monotonic() - self.begun
        fresh = done - self.kept
        title = self.study.document.title or self.study.name
        line = f"{title}: {done:,} of {planned:,} cells, {duration(elapsed)}"
        if fresh > 0:
            line += f", {fresh / elapsed:,.3g} cells/s"
            line += f", about {duration((planned - done) * elapsed / fresh)} left"
        parts: list[Any] = [Text(line), Padding(ProgressBar(planned, done), 0)]
        if self.ranks:
            labels = short(r.schedule for r in self.ranks)
            table = Table("schedule so far", box=None, pad_edge=False, header_style="bold")
            for name in ("scenarios", "lowest in", "median / lowest"):
                table.add_column(name, justify="right")
            for r in self.ranks[:SHOWN]:
                table.add_row(
                    Text(labels[r.schedule]), f"{r.scenarios:,}", numbers.percent(r.lowest),
                    numbers.ratio(r.to_best),
                )  # fmt: skip
            parts.append(table)
        return Group(*parts)


def _cells(directory: Path, number: int) -> Columns | None:
    """A finished chunk's cells, or None where they cannot be read now."""
    path = directory / "cells" / f"{number:05d}.parquet"
    try:
        return read_columns(path, (*SCENARIO, *RANKED))
    except RequestError:
        return None
