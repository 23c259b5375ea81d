"""`lab optimal-f` and `lab convergence`: their documents, files and refusals."""

import json

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.cli.process import assert_refused

CELL = (
    "optimal-f", "--dim", "1", "--condition", "1", "--strength", "0", "--steps", "100",
    "--base-lr", "fixed:0.01", "--clamp", "0.01,1", "--seeds", "20", "--quiet",
)  # fmt: skip
KEYS = [
    "d", "condition", "strength", "steps", "base_lr", "clamp", "L", "F", "score", "ci", "diverged",
    "f_emp", "f_emp_ci", "tied", "plateau", "f_paper", "regret", "regret_ci",
]  # fmt: skip
ROW = [
    "problem", "variant", "F", "T", "average_iterate", "average_iterate_half_width",
    "averaged_loss", "averaged_loss_half_width", "last_iterate", "last_iterate_half_width",
    "bound_a", "bound_b", "bound_reconstructed",
]  # fmt: skip


class TestOptimalF:
    def test_cells_come_in_the_order_of_L(self, answer):
        done = answer(*CELL, "--lipschitz", "100,0.5,10", "--json")
        document = json.loads(done.stdout)
        cells = document["cells"]
        assert [cell["L"] for cell in cells] == [100, 0.5, 10]
        for cell in cells:
            assert list(cell) == KEYS
            assert cell["base_lr"] == "fixed:0.01"
            assert cell["clamp"] == "0.01,1"
            lengths = {len(cell[name]) for name in ("F", "score", "ci", "diverged")}
            assert lengths == {29}
        assert [cell["f_paper"] for cell in cells] == [0.99, -1.0, 0.9]
        assert cells[1]["regret"] is None
        assert "0.98, 0.985, 0.99, 0.995, 0.998, 0.999]" in done.stdout

    def test_it_leaves_a_table_and_figures(self, answer, tmp_path):
        done = answer(*CELL, "--lipschitz", "2,10", "--out", "here")
        assert done.returncode == 0
        assert "1 - 1/L" in done.stdout
        rows = pd.read_parquet(tmp_path / "here" / "factors" / "cells.parquet")
        assert len(rows) == 2 * 29
        assert set(rows["L"]) == {2.0, 10.0}
        assert (tmp_path / "here" / "report" / "optimal-f-scores.png").stat().st_size > 10_000
        assert json.loads((tmp_path / "here" / "manifest.json").read_text())["complete"]

    def test_it_says_how_long_it_will_take(self, answer):
        done = answer(*CELL[:-1], "--lipschitz", "2", "--json")
        assert "1 cells, 20 seeds: about" in done.stderr.splitlines()[0]

    @pytest.mark.parametrize(
        ("arguments", "part"),
        [
            (("--base-lr", "0.01"), "base-lr: '0.01' is not allowed"),
            (("--clamp", "1"), "clamp: '1' is not allowed"),
            (("--lipschitz", "1,x"), "lipschitz: '1,x' is not allowed"),
            (("--lipschitz", "-1"), "lipschitz: -1.0 is not allowed"),
            (("--seeds", "2"), "seeds: 2 is not allowed"),
            (("--dim", "two"), "two"),
        ],
    )
    def test_a_wrong_request_is_refused(self, arguments, part, answer, tmp_path):
        assert_refused(answer("optimal-f", *arguments), part)
        assert not list(tmp_path.iterdir())


class TestConvergence:
    def test_the_rows(self, answer, tmp_path):
        done = answer("convergence", "--seeds", "8", "--steps", "45", "--json", "--quiet")
        document = json.loads(done.stdout)
        assert all(list(row) == ROW for row in document["rows"])
        assert {row["T"] for row in document["rows"]} == {10, 30}
        variants = {(row["problem"], row["variant"], row["F"]) for row in document["rows"]}
        assert len(variants) == 4 * 5 + 1 + 1
        (p6,) = {row["bound_b"] for row in document["rows"] if row["problem"] == "P6"}
        assert p6 == "inf"
        assert not list(tmp_path.rglob("*.png"))

    def test_text_and_figures(self, answer, tmp_path):
        done = answer("convergence", "--seeds", "8", "--steps", "100", "--out", "here", "--quiet")
        assert done.returncode == 0
        for part in ("P1: least squares", "P3 (sample-bias)", "P4 (Huber", "P6 (", "In words"):
            assert part in done.stdout
        names = {path.stem for path in (tmp_path / "here" / "report").glob("*.png")}
        assert names == {"convergence", "convergence-bias", "convergence-huber"}
        table = pq.read_table(tmp_path / "here" / "rows" / "convergence.parquet")
        assert table["F"].null_count > 0
        for name in table.column_names[2:]:
            assert not any(pc.is_nan(table[name]).drop_null().to_pylist()), name

    def test_a_wrong_request_is_refused(self, answer):
        done = answer("convergence", "--steps", "5")
        assert_refused(done, "steps: 5 is not allowed (allowed: 10 to 10000000)")
