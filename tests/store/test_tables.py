"""Columns go to Parquet and come back as they were."""

import gc
import io
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lab.store.chunk_files import DigestedFile
from lab.store.tables import (
    Optional,
    Repeated,
    TableFile,
    parquet_bytes,
    parquet_file,
    write_whole,
)  # fmt: skip

COLUMNS = {
    "word": Repeated([("greedy", 2), ("cosine", 1), ("greedy", 1)]),
    "number": np.array([0.1, -0.0, np.inf, np.nan]),
    "count": np.array([1, -1, 2**31 - 1, 0], dtype=np.int32),
    "flag": np.array([True, False, True, False]),
}


def test_round_trip_through_pandas(tmp_path):
    path = tmp_path / "runs" / "00000.parquet"
    write_whole(path, parquet_bytes(COLUMNS))
    frame = pd.read_parquet(path)
    assert list(frame.columns) == list(COLUMNS)
    assert frame["word"].tolist() == ["greedy", "greedy", "cosine", "greedy"]
    assert isinstance(frame["word"].dtype, pd.CategoricalDtype)
    for name in ("number", "count", "flag"):
        found = frame[name].to_numpy()
        assert found.dtype == COLUMNS[name].dtype
        np.testing.assert_array_equal(found, COLUMNS[name])
    assert np.signbit(frame["number"][1])


def test_the_same_columns_give_the_same_bytes():
    assert parquet_bytes(COLUMNS) == parquet_bytes(COLUMNS)


def test_what_has_no_value_is_missing(tmp_path):
    path = tmp_path / "cells.parquet"
    values = np.array([0.5, np.nan, np.inf])
    write_whole(path, parquet_bytes({"share": Optional(values), "number": np.array([1, 2, 3])}))
    table = pq.read_table(path)
    assert table["share"].null_count == 1
    assert table["share"].to_pylist() == [0.5, None, np.inf]


def test_repeated_numbers_are_numbers(tmp_path):
    path = tmp_path / "cells.parquet"
    write_whole(path, parquet_bytes({"lr": Repeated([(0.1, 2), (1e-5, 1)])}))
    assert pd.read_parquet(path)["lr"].tolist() == [0.1, 0.1, 1e-5]


def test_a_table_grows_by_row_groups(monkeypatch):
    monkeypatch.setattr("lab.store.tables.ROW_GROUP", 10)
    file = io.BytesIO()
    table = TableFile(file)
    parts = [
        {"word": Repeated([(f"w{i % 3}", 4)]), "number": np.arange(4.0) + i, "n": np.full(4, i)}
        for i in range(7)
    ]
    for part in parts:
        table.write(part)
    table.close()
    content = pq.ParquetFile(io.BytesIO(file.getvalue()))
    sizes = [content.metadata.row_group(i).num_rows for i in range(content.num_row_groups)]
    assert sizes == [10, 2, 10, 2, 4]
    frame = content.read().to_pandas()
    assert frame["word"].tolist() == [f"w{i % 3}" for i in range(7) for _ in range(4)]
    np.testing.assert_array_equal(frame["number"], np.concatenate([p["number"] for p in parts]))
    np.testing.assert_array_equal(frame["n"], np.concatenate([p["n"] for p in parts]))


@pytest.mark.parametrize("kind", ["plain", "digested"])
def test_a_table_that_is_given_up_says_nothing(kind, tmp_path, monkeypatch):
    """Its writer would write an end into a file that is closed."""
    monkeypatch.setattr("lab.store.tables.ROW_GROUP", 10)
    said: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", said.append)
    path = tmp_path / "rows.part"
    file = io.FileIO(path, "w") if kind == "plain" else DigestedFile(path)
    table = TableFile(file)
    table.write({"number": np.arange(40.0)})
    file.abandon() if isinstance(file, DigestedFile) else file.close()
    del table
    gc.collect()
    assert said == []
    if kind == "plain":
        with pytest.raises(pa.ArrowInvalid):
            pq.read_table(path)
    else:
        assert list(tmp_path.iterdir()) == []


def test_columns_of_different_length_are_no_table():
    with pytest.raises(ValueError, match="length"):
        parquet_bytes({"a": np.zeros(2), "b": np.zeros(3)})


def test_a_file_appears_whole(tmp_path):
    path = tmp_path / "deep" / "file"
    write_whole(path, b"one")
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert [p.name for p in path.parent.iterdir()] == ["file"]


def test_a_failure_leaves_the_old_file_and_no_part(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_whole(path, b"one")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"two")
    assert path.read_bytes() == b"one"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("folder", ["~", "~nobody", "file:x_s", "s3:/b_s", "hdfs:x", "a%20b", "#"])
def test_a_table_is_read_wherever_it_is(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = Path(folder) / "00000.parquet"
    write_whole(path, parquet_bytes(COLUMNS))
    assert parquet_file(path).read(["flag"])["flag"].to_pylist() == [True, False, True, False]
