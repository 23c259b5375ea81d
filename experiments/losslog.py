"""Recorded losses: CSV, JSON lines, or one number a line."""

from __future__ import annotations

import csv
import io
import json
import sys
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from lab.errors import RequestError, unknown

#: Column and key names that mean the loss when none is named, in this order.
LOSS_NAMES = ("loss", "train_loss", "eval_loss", "training_loss", "value")


#: A recorded series is a file of text; what is larger is something else.
LARGEST = 1_000_000_000
#: Bytes read at a time, and characters of a wrong entry that a message shows.
READ, SHOWN = 2**24, 40


def read_losses(source: str, column: str | None = None) -> np.ndarray:
    """Losses in the order of the file, shape (n,), float64; `-` reads standard input.

    Raises
    ------
    RequestError
        The file is missing, empty, too large, not text, or a line holds no number; the message has
        the line.
    """
    lines = _lines(source)
    first = next((line.strip() for line in lines if line.strip()), None)
    lines.seek(0)
    if first is None:
        raise RequestError(f"losses: {source!r} is empty")
    if first.startswith("{"):
        values = (_from_json(source, i, line, column) for i, line in _numbered(lines))
    elif "," in first or not _is_number(first):
        values = _from_csv(source, lines, column)
    else:
        values = (_number(source, i, line) for i, line in _numbered(lines))
    return np.frombuffer(array("d", values))


def _lines(source: str) -> io.StringIO:
    """The file's text; line ends of any system are the same."""
    try:
        if source == "-":
            content = _bounded(source, sys.stdin.buffer)
        else:
            with Path(source).open("rb") as file:
                content = _bounded(source, file)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise RequestError(f"losses: {source!r} cannot be read: {reason}") from error
    try:
        return io.StringIO(content.decode("utf-8-sig"), newline=None)
    except UnicodeDecodeError as error:
        raise RequestError(f"losses: {source!r} is not UTF-8 text (byte {error.start})") from error


def _bounded(source: str, file: BinaryIO) -> bytes:
    """All of a file, unless there is no end to it."""
    content = bytearray()
    while piece := file.read(READ):
        content += piece
        if len(content) > LARGEST:
            raise RequestError(f"losses: {source!r} is larger than {LARGEST:,} bytes")
    return bytes(content)


def _numbered(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """The lines that hold something, with their numbers."""
    return ((i, line.strip()) for i, line in enumerate(lines, 1) if line.strip())


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _number(source: str, line: int, entry: Any) -> float:
    try:
        if not isinstance(entry, bool) and isinstance(entry, str | int | float):
            return float(entry)
    except (ValueError, OverflowError):
        pass
    raise RequestError(f"losses: {source!r} line {line}: {_shown(entry)} is not a number")


def _shown(entry: Any) -> str:
    try:
        return repr(str(entry)[:SHOWN])
    except ValueError:  # Python writes no more than some thousands of digits
        return "a very long number"


def _pick(where: str, names: list[str], column: str | None) -> str:
    if column is not None:
        if column not in names:
            raise unknown("column", column, names, where)
        return column
    for name in LOSS_NAMES:
        if name in names:
            return name
    raise RequestError(
        f"losses: {where} has no column {' or '.join(LOSS_NAMES)} (columns: {', '.join(names)});"
        " name one with --column"
    )


def _from_json(source: str, line: int, text: str, column: str | None) -> float:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else error
        raise RequestError(f"losses: {source!r} line {line} is not JSON: {reason}") from error
    if not isinstance(record, dict):
        raise RequestError(f"losses: {source!r} line {line} is not a JSON object")
    return _number(source, line, record[_pick(f"{source!r} line {line}", list(record), column)])


def _from_csv(source: str, lines: io.StringIO, column: str | None) -> Iterator[float]:
    rows = _rows(source, lines)
    first = next(rows, None)
    if first is None:
        raise RequestError(f"losses: {source!r} holds no losses")
    header = [name.strip() for name in first[1]]
    if all(_is_number(name) for name in header):
        if len(header) > 1:
            raise RequestError(f"losses: {source!r} has several columns and no header")
        lines.seek(0)
        yield from (_number(source, i, line) for i, line in _numbered(lines))
        return
    at = header.index(_pick(repr(source), header, column))
    empty = True
    for line, row in rows:
        if len(row) <= at:
            raise RequestError(f"losses: {source!r} line {line} has no column {header[at]!r}")
        empty = False
        yield _number(source, line, row[at].strip())
    if empty:
        raise RequestError(f"losses: {source!r} holds a header and no losses")


def _rows(source: str, lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV file that hold something, with the numbers of their lines."""
    reader = csv.reader(lines)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, row
    except csv.Error as error:
        raise RequestError(
            f"losses: {source!r} line {reader.line_num} is not CSV: {error}"
        ) from error
