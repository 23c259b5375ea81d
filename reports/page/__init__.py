"""The page of a result directory: one file that works offline and shows what was found.

    collect   a directory, read and checked
    streams   bands and samples of all cells, cut to what a page shows
    panel     all cells as compact JSON;  pack: numbers in few bytes
    section   what a section is;  sections/: one file each, found by themselves
    build     sections and data into one HTML file;  page.*: its template, style and script

An experiment gets its page by `write(directory)`; to add a section to it, add a file to `sections`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reports.page.collect import Results

NAME = "index.html"


def write(directory: Path) -> Path:
    """Write `report/index.html` of a result directory; returns its path.

    Raises
    ------
    lab.errors.RequestError
        The directory is missing, damaged, or not a result of this laboratory.
    lab.errors.WorkError
        The page cannot be written.
    """
    from reports.page.collect import collect

    return write_results(collect(directory), directory / "report")


def write_results(results: Results, place: Path) -> Path:
    """The same for a directory that has been read; the page goes into `place`."""
    from lab.errors import WorkError
    from lab.store.tables import write_whole
    from reports.page.build import html

    content = html(results)
    path = place / NAME
    try:
        write_whole(path, content.encode("utf-8"))
    except OSError as error:
        raise WorkError(f"{str(path)!r} cannot be written: {error.strerror}") from error
    return path
