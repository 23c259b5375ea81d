"""Recorded losses: CSV, JSON, JSON lines, or one number a line."""

from __future__ import annotations

import csv
import io
import json
import sys
from array import array
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from lab.errors import RequestError, nearest, unknown

#: Column and key names that mean the loss when none is named, in this order.
LOSS_NAMES = ("loss", "train_loss", "eval_loss", "training_loss", "value")
#: Where a trainer's state keeps what it logged.
HISTORY = "log_history"
#: What separates the cells of a CSV file, the most usual first.
SEPARATORS = ",;\t"

#: A recorded series is a file of text; what is larger is something else.
LARGEST = 1_000_000_000
#: Bytes read at a time, and characters of a wrong entry that a message shows.
READ, SHOWN = 2**24, 40
#: First bytes of files that are taken for text, and what to do with them.
NO_TEXT = {
    b"\x1f\x8b": "compressed with gzip: unpack it",
    b"\xff\xfe": "UTF-16 text: save it as UTF-8",
    b"\xfe\xff": "UTF-16 text: save it as UTF-8",
}

Note = Callable[[str], object]
#: Where an entry stands in its file, and what it is.
Entry = tuple[str, Any]


def read_losses(source: str, column: str | None = None, note: Note | None = None) -> np.ndarray:
    """Losses in the order of the file, shape (n,), float64; `-` reads standard input.

    Rows and objects without a loss are logs of other events: `note` is told how many were passed
    over.

    Raises
    ------
    RequestError
        The file is missing, empty, too large, not text, or a line holds no number; the message has
        the line.
    """
    lines = _lines(source)
    first = next((line for line in lines if line.strip()), None)
    lines.seek(0)
    if first is None:
        raise RequestError(f"losses: {source!r} is empty")
    if first.lstrip().startswith(("{", "[")):
        values = _from_json(source, lines, column, note)
    elif _is_number(first):
        values = _plain(source, _numbered(lines), column)
    else:
        separator = max(SEPARATORS, key=first.count)
        values = _from_csv(source, _rows(source, lines, separator), column, note)
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
    """All of a file, unless there is no end to it or it is no text."""
    content = bytearray()
    while piece := file.read(READ):
        content += piece
        for start, what in NO_TEXT.items():
            if content.startswith(start):
                raise RequestError(f"losses: {source!r} is {what}")
        if b"\0" in piece:
            raise RequestError(f"losses: {source!r} is not text (byte {content.find(0)} is 0)")
        if len(content) > LARGEST:
            raise RequestError(f"losses: {source!r} is larger than {LARGEST:,} bytes")
    return bytes(content)


def _numbered(lines: Iterable[str]) -> Iterator[Entry]:
    """The lines that hold something, with their places."""
    return ((f"line {i}", line.strip()) for i, line in enumerate(lines, 1) if line.strip())


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _number(source: str, place: str, entry: Any) -> float:
    try:
        if not isinstance(entry, bool) and isinstance(entry, str | int | float):
            return float(entry)
    except (ValueError, OverflowError):
        pass
    comma = isinstance(entry, str) and _is_number(entry.replace(",", ".", 1))
    hint = " (write a decimal point, not a comma)" if comma else ""
    raise RequestError(f"losses: {source!r} {place}: {_shown(entry)} is not a number{hint}")


def _shown(entry: Any) -> str:
    try:
        return repr(str(entry)[:SHOWN])
    except ValueError:  # Python writes no more than some thousands of digits
        return "a very long number"


def _pick(where: str, names: list[str], column: str | None) -> str:
    if column is None:
        column = next((name for name in LOSS_NAMES if name in names), None)
        if column is None:
            match = next(filter(None, (nearest(name, names) for name in LOSS_NAMES)), None)
            hint = f"; did you mean --column {match!r}?" if match else "; name one with --column"
            raise RequestError(
                f"losses: {where} has no column {' or '.join(LOSS_NAMES)}"
                f" (columns: {', '.join(names)}){hint}"
            )
    elif column not in names:
        raise unknown("column", column, names, where)
    if names.count(column) > 1:
        raise RequestError(f"losses: {where} has {names.count(column)} columns {column!r}")
    return column


def _plain(source: str, entries: Iterable[Entry], column: str | None) -> Iterator[float]:
    if column is not None:
        raise RequestError(
            f"losses: {source!r} holds numbers without a name: there is no column {column!r}"
        )
    return (_number(source, place, entry) for place, entry in entries)


def _from_json(
    source: str, lines: io.StringIO, column: str | None, note: Note | None
) -> Iterator[float]:
    entries = _entries(source, lines)
    first = next(entries, None)
    if first is None:
        raise RequestError(f"losses: {source!r} holds no losses")
    entries = chain([first], entries)
    if isinstance(first[1], int | float):
        return _plain(source, entries, column)
    names: dict[str, None] = {}
    found: dict[str, list[Entry]] = {n: [] for n in (LOSS_NAMES if column is None else (column,))}
    count = 0
    for place, record in entries:
        if not isinstance(record, dict):
            raise RequestError(f"losses: {source!r} {place} is not a JSON object")
        names |= dict.fromkeys(record)
        for name in found.keys() & record.keys():
            found[name].append((place, record[name]))
        count += 1
    # One name for the whole file: a trainer logs the loss of training, that of evaluation and the
    # mean of a run in objects of their own.
    name = _pick(repr(source), list(names), column)
    kept = found[name]
    _tell(note, name, len(kept), count)
    return (_number(source, place, entry) for place, entry in kept)


def _entries(source: str, lines: io.StringIO) -> Iterator[Entry]:
    """What a JSON document lists, or else the values of JSON lines."""
    try:
        whole = json.loads(lines.getvalue())
    except (ValueError, RecursionError):
        for place, line in _numbered(lines):
            try:
                yield place, json.loads(line)
            except (ValueError, RecursionError) as error:
                reason = "nested too deeply" if isinstance(error, RecursionError) else error
                raise RequestError(f"losses: {source!r} {place} is not JSON: {reason}") from error
        return
    if isinstance(whole, dict):
        whole = whole.get(HISTORY, [whole])
    if not isinstance(whole, list):
        raise RequestError(f"losses: {source!r}: {HISTORY} is not a list")
    yield from ((f"entry {i}", entry) for i, entry in enumerate(whole, 1))


def _from_csv(
    source: str, rows: Iterator[tuple[str, list[str]]], column: str | None, note: Note | None
) -> Iterator[float]:
    first = next(rows, None)
    if first is None:
        raise RequestError(f"losses: {source!r} holds no losses")
    header = [name.strip() for name in first[1]]
    if all(_is_number(name) for name in header):
        raise RequestError(
            f"losses: {source!r} has columns and no header: name them in the first line (decimals"
            " are written with a point)"
        )
    at = header.index(_pick(f"the header of {source!r} (its first line)", header, column))
    count = kept = 0
    for place, row in rows:
        count += 1
        if len(row) <= at:
            raise RequestError(f"losses: {source!r} {place} has no column {header[at]!r}")
        if any(cell.strip() for cell in row[len(header) :]):
            raise RequestError(
                f"losses: {source!r} {place} has {len(row)} cells, the header {len(header)}"
                " (decimals are written with a point, not a comma)"
            )
        if cell := row[at].strip():
            kept += 1
            yield _number(source, place, cell)
    if not kept:
        raise RequestError(f"losses: {source!r} holds a header and no losses")
    _tell(note, header[at], kept, count)


def _tell(note: Note | None, name: str, kept: int, count: int) -> None:
    if kept < count and note is not None:
        note(f"losses: {name!r} is in {kept:,} of {count:,} entries, the others are passed over")


def _rows(source: str, lines: Iterable[str], separator: str) -> Iterator[tuple[str, list[str]]]:
    """The rows of a CSV file that hold something, with their places."""
    reader = csv.reader(lines, delimiter=separator)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield f"line {reader.line_num}", row
    except csv.Error as error:
        raise RequestError(
            f"losses: {source!r} line {reader.line_num} is not CSV: {error}"
        ) from error
