"""Columns to Parquet, and files that are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np


def parquet_bytes(columns: Mapping[str, Any]) -> bytes:
    """A Parquet file of columns (arrays, or `Repeated` words) of one length."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = {
        name: value.arrow() if isinstance(value, Repeated) else pa.array(value)
        for name, value in columns.items()
    }
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(arrays), sink, compression="zstd")
    return sink.getvalue().to_pybytes()


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
    except OSError:
        part.unlink(missing_ok=True)
        raise


class Repeated:
    """A column of words in runs, kept as a dictionary column: pairs of a word and its count."""

    def __init__(self, runs: Sequence[tuple[str, int]]) -> None:
        self.runs = runs

    def arrow(self) -> Any:
        """The column as an Arrow dictionary array."""
        import pyarrow as pa

        unique = list(dict.fromkeys(word for word, _ in self.runs))
        codes = np.array([unique.index(word) for word, _ in self.runs], dtype=np.int32)
        counts = [count for _, count in self.runs]
        return pa.DictionaryArray.from_arrays(np.repeat(codes, counts), pa.array(unique))
