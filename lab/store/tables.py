"""Columns to Parquet, and files that are written whole or not at all."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

#: Rows of a row group: a reader's unit of work, and what a growing table holds in memory.
ROW_GROUP = 100_000

#: Arrays, `Repeated` or `Optional` values of one length, by name.
Columns = Mapping[str, Any]


class Repeated:
    """A column of values in runs, pairs of a value and its count; words or numbers.

    Words become an Arrow dictionary column, which readers take as a category.
    """

    def __init__(self, runs: Sequence[tuple[Any, int]]) -> None:
        self.runs = runs

    def arrow(self) -> Any:
        """The column as an Arrow array."""
        import pyarrow as pa

        counts = [count for _, count in self.runs]
        values = [value for value, _ in self.runs]
        if not isinstance(values[0], str):
            return _arrow(np.repeat(np.array(values), counts))
        number = {word: i for i, word in enumerate(dict.fromkeys(values))}
        codes = np.array([number[word] for word in values], dtype=np.int32)
        return pa.DictionaryArray.from_arrays(_arrow(np.repeat(codes, counts)), _words(number))


class Optional:
    """A column of numbers in which NaN stands for no value, which readers see as missing."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values

    def arrow(self) -> Any:
        """The column as an Arrow array."""
        return _arrow(self.values, ~np.isnan(self.values))


def _arrow(values: np.ndarray, present: np.ndarray | None = None) -> Any:
    """A NumPy array as an Arrow array; `pyarrow.array` does the same and imports pandas."""
    import pyarrow as pa

    if values.dtype.kind == "U":
        return _words(values.tolist())
    mask = None if present is None else _bits(present)
    content = _bits(values) if values.dtype == bool else pa.py_buffer(np.ascontiguousarray(values))
    kind = pa.from_numpy_dtype(values.dtype)
    return pa.Array.from_buffers(kind, len(values), [mask, content])


def _bits(flags: np.ndarray) -> Any:
    import pyarrow as pa

    return pa.py_buffer(np.packbits(flags, bitorder="little"))


def _words(words: Iterable[str]) -> Any:
    """Text as an Arrow array."""
    import pyarrow as pa

    content = [word.encode() for word in words]
    ends = np.cumsum([0, *map(len, content)], dtype=np.int32)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(content))]
    return pa.Array.from_buffers(pa.string(), len(content), buffers)


class _Sink(io.RawIOBase):
    """Where a writer's bytes go: to a file as long as it is open, and after that nowhere.

    A writer that is given up, by an interrupt or a full disk, ends its file when it is collected,
    which is after the file was closed; what it says of that would reach the user.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def writable(self) -> bool:
        return True

    def write(self, content: Any, /) -> int:
        return len(content) if self._file.closed else self._file.write(content)


class TableFile:
    """A Parquet file that grows: rows are held until they fill a row group.

    Parameters
    ----------
    file:
        Open for writing; it is not closed here.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._sink = _Sink(file)
        self._writer: Any = None
        self._held: list[Columns] = []
        self._rows = 0

    def write(self, columns: Columns) -> None:
        """Add rows; every call has the same columns."""
        self._held.append(columns)
        self._rows += _length(next(iter(columns.values())))
        if self._rows >= ROW_GROUP:
            self._flush()

    def close(self) -> None:
        """Write what is held and the footer. A table without any `write` is not a file."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if not self._held:
            return
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns = joined(self._held)
        arrays = {
            name: value.arrow() if isinstance(value, Repeated | Optional) else _arrow(value)
            for name, value in columns.items()
        }
        table = pa.table(arrays)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._sink, table.schema, **_encoding(columns))
        self._writer.write_table(table, row_group_size=ROW_GROUP)
        self._held, self._rows = [], 0


def parquet_file(path: Path) -> Any:
    """A Parquet file to read from."""
    import pyarrow.parquet as pq

    # Of what is not absolute pyarrow makes something else: a home of `~`, an address of `s3:`.
    return pq.ParquetFile(path.absolute())


def _encoding(columns: Columns) -> dict[str, Any]:
    """How each column is stored: the smallest and fastest of what was measured on rows of lanes."""
    chosen: dict[str, str] = {}
    for name, value in columns.items():
        if not isinstance(value, Repeated):
            kind = "f" if isinstance(value, Optional) else np.asarray(value).dtype.kind
            if kind in "fi":
                chosen[name] = "BYTE_STREAM_SPLIT" if kind == "f" else "DELTA_BINARY_PACKED"
    repeated = [name for name in columns if name not in chosen]
    return {"compression": "zstd", "use_dictionary": repeated, "column_encoding": chosen}


def joined(parts: Sequence[Columns]) -> Columns:
    """Tables of the same columns, one below the other."""
    if len(parts) == 1:
        return parts[0]
    return {name: _stacked([part[name] for part in parts]) for name in parts[0]}


def _stacked(columns: Sequence[Any]) -> Any:
    if isinstance(columns[0], Repeated):
        return Repeated([run for column in columns for run in column.runs])
    if isinstance(columns[0], Optional):
        return Optional(np.concatenate([column.values for column in columns]))
    return np.concatenate(columns)


def _length(column: Any) -> int:
    if isinstance(column, Repeated):
        return sum(count for _, count in column.runs)
    return len(column.values) if isinstance(column, Optional) else len(column)


def parquet_bytes(columns: Columns) -> bytes:
    """A Parquet file of columns of one length."""
    file = io.BytesIO()
    table = TableFile(file)
    table.write(columns)
    table.close()
    return file.getvalue()


def write_whole(path: Path, content: bytes) -> None:
    """Write under another name, flush to the disk, rename; leave no part behind on failure."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        with open(part, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
