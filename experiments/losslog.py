"""Recorded losses: CSV, JSON lines, or one number a line."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from lab.errors import RequestError, unknown

#: Column and key names that mean the loss when none is named, in this order.
LOSS_NAMES = ("loss", "train_loss", "eval_loss", "training_loss", "value")


def read_losses(source: str, column: str | None = None) -> np.ndarray:
    """Losses in the order of the file, shape (n,), float64; `-` reads standard input.

    Raises
    ------
    RequestError
        The file is missing, empty, not text, or a line holds no number; the message has the line.
    """
    lines = _lines(source)
    numbered = [(i, line.strip()) for i, line in enumerate(lines, 1) if line.strip()]
    if not numbered:
        raise RequestError(f"losses: {source!r} is empty")
    first = numbered[0][1]
    if first.startswith("{"):
        values = [_from_json(source, i, line, column) for i, line in numbered]
    elif "," in first or (not _is_number(first)):
        values = _from_csv(source, lines, column)
    else:
        values = [_number(source, i, line) for i, line in numbered]
    return np.array(values, dtype=np.float64)


def _lines(source: str) -> list[str]:
    try:
        content = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise RequestError(f"losses: {source!r} cannot be read: {error.strerror}") from error
    try:
        return content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise RequestError(f"losses: {source!r} is not UTF-8 text (byte {error.start})") from error


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _number(source: str, line: int, text: Any) -> float:
    if (
        isinstance(text, bool)
        or not isinstance(text, str | int | float)
        or not _is_number(str(text))
    ):
        raise RequestError(f"losses: {source!r} line {line}: {str(text)[:40]!r} is not a number")
    return float(text)


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
    except ValueError as error:
        raise RequestError(f"losses: {source!r} line {line} is not JSON: {error}") from error
    if not isinstance(record, dict):
        raise RequestError(f"losses: {source!r} line {line} is not a JSON object")
    return _number(source, line, record[_pick(f"{source!r} line {line}", list(record), column)])


def _from_csv(source: str, lines: list[str], column: str | None) -> list[float]:
    reader = csv.reader(lines)
    rows = ((reader.line_num, row) for row in reader if any(cell.strip() for cell in row))
    header = [name.strip() for name in next(rows)[1]]
    if all(_is_number(name) for name in header):
        if len(header) > 1:
            raise RequestError(f"losses: {source!r} has several columns and no header")
        return [_number(source, i, line.strip()) for i, line in enumerate(lines, 1) if line.strip()]
    at = header.index(_pick(repr(source), header, column))
    values = []
    for line, row in rows:
        if len(row) <= at:
            raise RequestError(f"losses: {source!r} line {line} has no column {header[at]!r}")
        values.append(_number(source, line, row[at].strip()))
    if not values:
        raise RequestError(f"losses: {source!r} holds a header and no losses")
    return values
