"""The table of cells in Chromium: it sorts, filters, turns pages and can be taken away."""

import csv
import io

import numpy as np

from reports.page.collect import collect
from tests.reports.browsing import (
    Select,
    count,
    every,
    filter_by,
    needs_chromium,
    rows,
    until,
    visit,
)

pytestmark = needs_chromium


def test_the_table_sorts_by_a_column_in_both_directions(browser, paths):
    visit(browser, paths["study"])
    titles = [th.text for th in every(browser, "table.cells thead th")]
    column = titles.index("p50")
    button = every(browser, "table.cells thead button")[column]
    values = collect(paths["study"].parents[1]).cells["final_p50"]
    for direction, expected in (("ascending", np.sort(values)), ("descending", -np.sort(-values))):
        button.click()
        head = every(browser, "table.cells thead th")[column]
        assert head.get_attribute("aria-sort") == direction
        shown = [float(row[column]) for row in rows(browser)]
        np.testing.assert_allclose(shown, expected[:25], rtol=5e-3)


def test_undefined_values_sort_last_in_both_directions(browser, paths):
    visit(browser, paths["study"])
    filter_by(browser, "rosenbrock spikes batch")
    titles = [th.text for th in every(browser, "table.cells thead th")]
    column = titles.index("ratio [95 %]")
    button = every(browser, "table.cells thead button")[column]
    for _ in range(2):
        button.click()
        shown = [row[column] for row in rows(browser)]
        assert shown[-2:] == ["1 (reference)"] * 2


def test_the_table_filters_by_words_and_numbers(browser, paths):
    visit(browser, paths["study"])
    cells = collect(paths["study"].parents[1]).cells
    assert count(browser) == "72 cells"
    filter_by(browser, "quadratic spikes")
    until(lambda: count(browser) == "12 cells of 72")
    assert all("quadratic" in row for row in rows(browser))
    filter_by(browser, "p50<1.5 strength=0.1")
    expected = int(((cells["final_p50"] < 1.5) & (cells["strength"] == 0.1)).sum())
    until(lambda: count(browser) == f"{expected} cells of 72")
    filter_by(browser, "ratio>2.5")
    until(lambda: count(browser) == f"{int((cells['ratio'] > 2.5).sum())} cells of 72")
    filter_by(browser, "inert")
    until(lambda: count(browser) == f"{int(cells['inert'].sum())} cells of 72")
    filter_by(browser, "nothing-like-it")
    until(lambda: count(browser) == "0 cells of 72")
    assert rows(browser) == []


def test_the_table_turns_pages(browser, paths):
    visit(browser, paths["study"])
    back, forward = every(browser, ".pager button")
    assert not back.is_enabled()
    first = rows(browser)
    forward.click()
    forward.click()
    assert len(rows(browser)) == 22
    assert not forward.is_enabled()
    back.click()
    back.click()
    assert rows(browser) == first


def test_eight_thousand_rows_stay_quick(browser, paths):
    visit(browser, paths["grid"])
    script = """
        const button = document.querySelectorAll('table.cells thead button')[arguments[0]];
        const begun = performance.now();
        button.click();
        return performance.now() - begun"""
    titles = [th.text for th in every(browser, "table.cells thead th")]
    # Far more than it takes; a table that draws all its rows takes seconds.
    assert browser.execute_script(script, titles.index("p50")) < 1000.0
    assert count(browser) == "8,250 cells"
    filter_by(browser, "spikes batch cosine p50<100")
    until(lambda: "of 8,250" in count(browser))


def test_the_csv_holds_the_filtered_rows_exactly(browser, paths):
    visit(browser, paths["study"])
    filter_by(browser, "rosenbrock gaussian batch strength=1")
    until(lambda: count(browser) == "3 cells of 72")
    every(browser, "[data-widget=cells] .controls button")[0].click()
    target = browser.downloads / "cells.csv"
    until(lambda: target.exists() and target.stat().st_size > 0)
    found = list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8"))))
    target.unlink()
    cells = collect(paths["study"].parents[1]).cells
    chosen = (
        (cells["landscape"] == "rosenbrock") & (cells["noise"] == "gaussian")
        & (cells["channel"] == "batch") & (cells["strength"] == 1.0)
    )  # fmt: skip
    assert [row["schedule"] for row in found] == cells["schedule"][chosen].tolist()
    np.testing.assert_allclose(
        [float(row["p50"]) for row in found], cells["final_p50"][chosen], rtol=1e-5
    )


def test_a_row_of_the_table_leads_to_its_scenario(browser, paths):
    visit(browser, paths["study"])
    filter_by(browser, "quadratic metric spikes strength=1 cosine")
    until(lambda: len(rows(browser)) == 1)
    every(browser, "table.cells tbody button")[0].click()
    shown = {
        select.get_attribute("data-axis"): Select(select).first_selected_option.text
        for select in every(browser, "select[data-axis]")
    }
    assert shown == {
        "landscape": "quadratic", "noise": "spikes", "channel": "metric", "strength": "1",
    }  # fmt: skip
