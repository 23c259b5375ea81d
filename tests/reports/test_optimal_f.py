"""The whole report on the optimal F, on a grid cut down to what its figures show."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.optimal_f import outcome as f_outcome
from experiments.optimal_f import stability as f_stability
from experiments.optimal_f.cells import FACTORS, make_optimal_f
from reports.optimal_f import pages as optimal_f


@pytest.fixture(scope="module")
def outcome():
    whole = make_optimal_f(seeds=128)
    request = replace(whole, lipschitz=(1.0, 2.0, 10.0), clamps=whole.clamps[:2])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f_stability, "standing", lambda: ["quadratic", "ackley"])
        patch.setattr(f_outcome, "standing", lambda: ["quadratic", "ackley"])
        return f_outcome.run_optimal_f(request)


def test_the_text_has_a_table_for_every_dimension_jitter_and_length(outcome):
    text = optimal_f.text(outcome)
    for dim in (1, 10):
        for strength in ("0", "0.1"):
            for steps in (100, 1000):
                title = f"d = {dim}, s = {strength}, T = {steps}: "
                assert text.count(title) == 2


def test_the_text_says_in_words_what_is_seen(outcome):
    lines = optimal_f.text(outcome).splitlines()
    words = lines[lines.index("In words") :]
    assert any("in 16 the best F is the same at all 3 values of L" in line for line in words)
    assert any("c = 2: 0 of 1,843,712 numbers differ" in line for line in lines)
    assert any(line.startswith("- greedy, adam (4 scenarios): F = 0.25 diverges") for line in lines)


def test_the_document_has_theory_and_stability(outcome):
    document = optimal_f.document(outcome, "here")
    assert len(document["cells"]) == 2 * 2 * 2 * 2 * 2 * 3
    assert [row["F"] for row in document["theory"]["phases"]] == list(FACTORS)
    assert len(document["stability"]) == 2 * 2 * 2 * 2
    assert document["out"] == "here"


def test_the_tables_have_a_row_a_factor(outcome):
    tables = optimal_f.tables(outcome)
    assert len(tables["factors/cells.parquet"]["score"]) == 96 * 29
    assert len(tables["factors/stability.parquet"]["median"]) == 16 * len(f_stability.FACTORS)


def test_every_figure_is_drawn(outcome, tmp_path):
    paths = optimal_f.draw(outcome, tmp_path)
    assert sorted({path.stem for path in paths}) == [
        "optimal-f-collapse", "optimal-f-phases", "optimal-f-scores",
    ]  # fmt: skip
    assert all(path.stat().st_size > 10_000 for path in paths)


def test_marks_are_explained(outcome):
    tied = [r for r in outcome.cells if r.tied > 1]
    assert tied
    assert all("=" in optimal_f.f_text.best(r) for r in tied)
    edge = [r for r in outcome.cells if r.at_edge]
    assert all(optimal_f.f_text.best(r).endswith("!") for r in edge)
    assert np.all([mark in optimal_f.f_text.LEGEND for mark in "*=!"])
