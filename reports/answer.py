"""The answer to a query, as comma-separated values or JSON."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, TextIO

from reports.numbers import json_number


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]], out: TextIO) -> None:
    """A header and a line a row; numbers in full precision, nothing for what is missing."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)


def document(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> dict[str, Any]:
    """The same as a JSON document; infinity is the string "inf"."""
    return {
        "schema": 1,
        "columns": list(columns),
        "rows": [[_plain(value) for value in row] for row in rows],
    }


def _plain(value: Any) -> Any:
    """What JSON knows; dates and the like as text."""
    if isinstance(value, float | Decimal):
        return json_number(float(value))
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return value if value is None or isinstance(value, bool | int | str) else str(value)
