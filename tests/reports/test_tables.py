"""Tables in three formats."""

import csv
import io
import math
import re

from reports import tables
from reports.page.collect import collect
from reports.tables import Table
from tests.reports.fabricate import study

AWKWARD = Table(
    "awkward", "100 % of n = 7", ("name", "a_b"), [("x&y | z", "1 < 2"), ("$\\alpha^2$", "{#}~")]
)


def test_markdown_is_a_table_whatever_it_holds():
    lines = AWKWARD.markdown().splitlines()
    bars = [len(re.findall(r"(?<!\\)\|", line)) for line in lines[:4]]
    assert bars == [3, 3, 3, 3]
    assert lines[1] == "| --- | ---: |"
    assert r"x&y \| z" in lines[2]
    assert lines[-1] == AWKWARD.caption


def test_latex_uses_booktabs_and_escapes():
    text = AWKWARD.latex()
    for rule in (r"\toprule", r"\midrule", r"\bottomrule", r"\begin{tabular}{lr}"):
        assert text.count(rule) == 1
    assert r"x\&y | z & 1 \textless{} 2 \\" in text
    assert r"\$\textbackslash{}alpha\textasciicircum{}2\$ & \{\#\}\textasciitilde{} \\" in text
    assert r"\caption{100 \% of n = 7}" in text
    assert text.count("{") == text.count("}")


def test_csv_keeps_full_precision_and_marks_what_is_missing():
    table = Table("t", "", ("a", "b"), (), [("a", "b"), (1 / 3, math.nan), (math.inf, None)])
    rows = list(csv.reader(io.StringIO(table.csv())))
    assert rows == [["a", "b"], [repr(1 / 3), ""], ["inf", ""]]
    assert float(rows[1][0]) == 1 / 3


def test_rankings_of_a_known_study(tmp_path):
    found = tables.rankings(collect(study(tmp_path)))
    assert [table.name for table in found] == ["ranking-batch", "ranking-metric"]
    for table in found:
        assert [row[0] for row in table.rows] == ["greedy", "cosine", "exponential"]
        assert [row[3] for row in table.rows] == ["1.00", "2.00", "3.00"]
        assert [row[2] for row in table.rows] == ["100 %", "0 %", "0 %"]
        assert "n = 20 paired seeds" in table.caption


def test_files_of_a_study(tmp_path):
    results = collect(study(tmp_path))
    paths = tables.write(results, tmp_path / "report" / "tables")
    names = {path.name for path in paths}
    assert {"ranking-batch.md", "ranking-batch.tex", "ranking-batch.csv", "cells.csv"} <= names
    text = (tmp_path / "report" / "tables" / "cells.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 72
    assert [float(row["final_p50"]) for row in rows] == results.cells["final_p50"].tolist()
    assert rows[0]["ratio"] == ""
