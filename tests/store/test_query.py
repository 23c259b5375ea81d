"""SQL over a result directory reads its tables and nothing else."""

import csv
import io
import json
import math

import numpy as np
import pandas as pd
import pytest

import cli
from lab.errors import RequestError
from lab.store import manifest
from lab.store.chunk_files import Tables
from lab.store.chunks import ChunkStore
from lab.store.query import query, unfinished
from lab.store.tables import Optional, Repeated, parquet_bytes, write_whole
from reports import answer

pytest.importorskip("duckdb")

STUDY = {"study": "small"}


def rows(number):
    return {
        "schedule": Repeated([("greedy", 2), ("cosine", 2)]),
        "seed": np.arange(4) + 4 * number,
        "final": np.array([1.0, 2.0, 0.5, math.inf]) + number,
        "lr_mean": Optional(np.array([0.1, math.nan, 0.3, 0.4])),
        "inert": np.array([True, False, False, True]),
    }


@pytest.fixture
def study(tmp_path):
    """A study of three chunks of which two are finished, and the third is half written."""
    directory = tmp_path / "it's out"
    record = manifest.provenance(STUDY, "lab")
    store = ChunkStore(directory, STUDY, 3, ("runs", "cells"), record, True)
    for number in (0, 1):
        tables = Tables()
        tables.write("runs", rows(number))
        tables.write("cells", {"cell": np.array([number])})
        store.put(number, tables.contents())
    store.save()
    store.close()
    (directory / "runs" / "00002.parquet").write_bytes(parquet_bytes(rows(2)))
    (directory / "runs" / "notes.parquet").write_bytes(b"mine")
    return directory


def ask(directory, sql):
    return list(query(directory, sql).rows())


def test_rows_of_finished_chunks_and_of_no_others(study):
    assert ask(study, "select count(*), max(seed) from runs") == [(8, 7)]
    assert ask(study, "select count(*) from cells") == [(2,)]
    found = ask(study, "select schedule, sum(final) from runs group by 1 order by 1")
    assert found == [("cosine", math.inf), ("greedy", 8.0)]
    assert ask(study, "select count(*) from runs where lr_mean is null") == [(2,)]


def test_pandas_reads_the_same(study):
    (study / "runs" / "notes.parquet").unlink()
    (study / "runs" / "00002.parquet").unlink()
    frame = pd.read_parquet(study / "runs")
    assert frame.groupby("schedule", observed=True)["final"].sum().to_dict() == {
        "greedy": 8.0, "cosine": math.inf,
    }  # fmt: skip
    assert frame["lr_mean"].isna().sum() == 2


def test_what_is_missing_is_told(study):
    assert unfinished(study) == "the study is not complete: 2 of 3 chunks are there"
    manifest.write(study, {**(manifest.read(study) or {}), "complete": True})
    assert unfinished(study) == ""


def test_a_result_of_one_run(tmp_path):
    manifest.write(tmp_path, {**manifest.provenance({"a": 1}, "lab run"), "complete": True})
    write_whole(tmp_path / "runs" / "00000.parquet", parquet_bytes(rows(0)))
    assert ask(tmp_path, "select count(*) from runs") == [(4,)]
    with pytest.raises(RequestError, match=r"^query: .*cells does not exist"):
        ask(tmp_path, "select * from cells")


SECRET = "the password"


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_text('{outside}')", "select * from read_csv('{outside}')",
        "select * from read_blob('{inside}/../secret.txt')", "select * from '{outside}'",
        "select * from read_text('{inside}/runs/../../secret.txt')",
        "select * from glob('{outside}')", "select * from read_parquet('{outside}')",
        "select * from read_text('https://example.com')", "copy runs to '{inside}/copy.csv'",
        "copy runs to '{outside}'", "explain analyze copy runs to '{inside}/copy.csv'",
        "attach '{inside}/new.db'", "create table t as select 1", "install httpfs", "load httpfs",
        "set enable_external_access = true", "reset enable_external_access", "pragma database_list",
        "-- a\n/* b\n */ pragma database_list",
        "export database '{inside}'", "delete from runs", "drop view runs", "call pragma_version()",
        "select 1; copy runs to '{inside}/copy.csv'", "select getenv('HOME')",
        "checkpoint", "use memory", "begin", "prepare p as select 1", "execute p", "", ";", "-- x",
    ],
)  # fmt: skip
def test_nothing_else_is_read_and_nothing_is_written(sql, study):
    outside = study.parent / "secret.txt"
    outside.write_text(SECRET)
    before = {p: p.read_bytes() for p in study.parent.rglob("*") if p.is_file()}
    place = str(study).replace("'", "''")
    with pytest.raises(RequestError, match=r"^query: ") as caught:
        ask(study, sql.format(outside=str(outside).replace("'", "''"), inside=place))
    assert "\n" not in str(caught.value)
    assert SECRET not in str(caught.value)
    assert {p: p.read_bytes() for p in study.parent.rglob("*") if p.is_file()} == before


def test_variables_of_the_program_are_no_tables(study, monkeypatch):
    monkeypatch.setattr("lab.store.query.frame", pd.DataFrame({"a": [1]}), raising=False)
    with pytest.raises(RequestError, match="frame does not exist"):
        ask(study, "select * from frame")


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("selec 1", 'syntax error at or near "selec"'),
        ("select nope from runs", 'Referenced column "nope" not found'),
        ("select 1; select 2", "one SELECT is needed, this is SELECT, SELECT"),
        ("select '\udcff'", "query: "),
    ],
)
def test_a_wrong_query_is_one_line(sql, says, study):
    with pytest.raises(RequestError) as caught:
        ask(study, sql)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_directory_of_something_else_is_refused(tmp_path):
    for directory in (tmp_path, tmp_path / "missing"):
        with pytest.raises(RequestError, match=r"is not a result of|does not exist"):
            query(directory, "select 1")
    manifest.write(tmp_path, {"schema": 2})
    with pytest.raises(RequestError, match="has schema 2"):
        query(tmp_path, "select 1")
    manifest.write(tmp_path, {"schema": 1})
    with pytest.raises(RequestError, match="holds no finished rows"):
        query(tmp_path, "select 1")


def test_damage_is_told(study):
    file = study / "runs" / "00001.parquet"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    with pytest.raises(RequestError, match=r"chunk 1 in .* is damaged: `lab sweep --resume`"):
        query(study, "select 1")
    file.write_bytes(bytes(len(whole)))
    with pytest.raises(RequestError, match=r"^query: "):
        ask(study, "select * from runs")


def call(monkeypatch, capsys, *arguments):
    monkeypatch.setattr("sys.argv", ["lab", *map(str, arguments)])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    return stopped.value.code, *capsys.readouterr()


class TestCommand:
    def test_prints_comma_separated_values(self, study, monkeypatch, capsys):
        sql = "select seed, schedule, final, lr_mean, inert from runs order by seed limit 4"
        code, out, err = call(monkeypatch, capsys, "query", study, sql)
        assert code == 0
        assert err == "note: the study is not complete: 2 of 3 chunks are there\n"
        assert list(csv.reader(io.StringIO(out))) == [
            ["seed", "schedule", "final", "lr_mean", "inert"],
            ["0", "greedy", "1.0", "0.1", "True"], ["1", "greedy", "2.0", "", "False"],
            ["2", "cosine", "0.5", "0.3", "False"], ["3", "cosine", "inf", "0.4", "True"],
        ]  # fmt: skip

    def test_or_json(self, study, monkeypatch, capsys):
        sql = "select final, lr_mean, 0.5, [seed] from runs where seed in (1, 3) order by seed"
        code, out, _ = call(monkeypatch, capsys, "query", study, sql, "--json")
        assert code == 0
        found = json.loads(out)
        assert found["schema"] == 1
        assert found["columns"][:2] == ["final", "lr_mean"]
        assert found["rows"] == [[2.0, None, 0.5, [1]], ["inf", 0.4, 0.5, [3]]]

    def test_refuses_in_one_line(self, study, monkeypatch, capsys):
        code, out, err = call(monkeypatch, capsys, "query", study, "drop view runs")
        assert (code, out) == (2, "")
        assert err == "lab: query: one SELECT is needed, this is DROP\n"


def test_values_that_json_does_not_know():
    from datetime import date

    found = answer.document(["a"], [[date(2020, 1, 2)], [{"b": -math.inf}], [b"x"], [True]])
    assert found["rows"] == [["2020-01-02"], [{"b": "-inf"}], ["b'x'"], [True]]
