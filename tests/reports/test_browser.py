"""The page in Chromium: it works from a file, asks for nothing, and does what its parts promise."""

import csv
import io
import json
import math
import re
import shlex
import shutil
import sys
import time

import numpy as np
import pytest

import cli
from reports import page
from reports.page.collect import collect
from tests.reports.fabricate import published_grid, study

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.ui import Select  # noqa: E402

CHROMIUM, DRIVER = (shutil.which(name) for name in ("chromium", "chromedriver"))
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER),
    reason="chromium and chromedriver are not installed (Debian: chromium, chromium-driver)",
)
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage",
)  # fmt: skip
SHAPES = "return [...document.querySelectorAll('svg[role=img]')].map((s) => s.innerHTML).join()"
EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    options.add_experimental_option("prefs", {"download.default_directory": str(folder)})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(executable_path=DRIVER)
    driver = webdriver.Chrome(options=options, service=service)
    driver.downloads = folder
    yield driver
    driver.quit()
    # The service leaves the streams of its process to the collector.
    for stream in (service.process.stdin, service.process.stdout, service.process.stderr):
        if stream is not None:
            stream.close()


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    """Pages that tests only read."""
    folder = tmp_path_factory.mktemp("pages")
    return {
        "study": page.write(study(folder / "study")),
        "grid": page.write(published_grid(folder / "grid")),
        "evil": page.write(
            study(folder / "evil", landscapes=(EVIL, "rosenbrock"), noises=(EVIL, "none"),
                  channels=(EVIL,), schedules=(EVIL, "greedy"), title=EVIL, command=EVIL)
        ),
        "diverged": page.write(study(folder / "diverged", final=lambda cell: [math.inf] * 20)),
    }  # fmt: skip


def visit(browser, path, width=1200, dark=False):
    """Open a page anew at a width of the window; old messages are forgotten."""
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500},
    )
    features = [
        {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
        {"name": "prefers-reduced-motion", "value": "reduce"},
    ]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": features})
    for kind in ("browser", "performance"):
        browser.get_log(kind)
    browser.get(path.as_uri())
    return browser


def one(browser, selector):
    return browser.find_element(By.CSS_SELECTOR, selector)


def every(browser, selector):
    return browser.find_elements(By.CSS_SELECTOR, selector)


def until(condition):
    """Wait for what the page does a moment later."""
    ended = time.monotonic() + 5.0
    while not condition():
        assert time.monotonic() < ended
        time.sleep(0.02)


def complaints(browser):
    return [entry["message"] for entry in browser.get_log("browser")]


def requested(browser):
    """Addresses of everything that was asked for since the log was last read."""
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]


def rows(browser):
    """Text of the table of cells, a list a row."""
    script = """return [...document.querySelectorAll('table.cells tbody tr')].map(
        (row) => [...row.cells].map((cell) => cell.textContent))"""
    return browser.execute_script(script)


def filter_by(browser, text):
    field = one(browser, "input[type=search]")
    field.clear()
    field.send_keys(text, " ")
    time.sleep(0.2)


def count(browser):
    return one(browser, "[data-widget=cells] [role=status]").text


@pytest.mark.parametrize("name", ["study", "grid", "evil", "diverged"])
@pytest.mark.parametrize("width", [390, 1200])
def test_no_complaints_no_requests_no_sideways_scrolling(browser, paths, name, width):
    visit(browser, paths[name], width)
    until(lambda: rows(browser))
    browser.execute_script("window.scrollTo(0, document.body.scrollHeight)")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    assert "NaN" not in browser.execute_script(SHAPES)
    assert complaints(browser) == []
    assert [url for url in requested(browser) if not url.startswith("data:")] == [
        paths[name].as_uri()
    ]


def test_curves_with_gaps_and_infinities_are_drawn(browser, tmp_path):
    cell = {"landscape": "rosenbrock", "optimizer": "adam", "noise": "none", "seeds": 9,
            "measure": "suboptimality", "rates": [0.01, 0.1, 1.0]}  # fmt: skip
    medians = {"greedy": [0.5, 0.1, "inf"], "cosine": [None, 1.0, None], "linear": ["inf"] * 3}
    arms = [{"schedule": name, "p50": values} for name, values in medians.items()]
    document = {"cells": [{**cell, "schedules": arms}]}
    record = {"request": {"experiment": "sensitivity"}}
    (tmp_path / "manifest.json").write_text(json.dumps(record))
    (tmp_path / "result.json").write_text(json.dumps(document))
    visit(browser, page.write(tmp_path))
    assert complaints(browser) == []
    assert "NaN" not in browser.execute_script(SHAPES)
    # What diverged leaves the frame at the top: the last point is above the highest median.
    path = every(browser, "#sensitivity path.line")[0].get_attribute("d")
    heights = [float(pair.split()[1]) for pair in re.split("[ML]", path)[1:]]
    assert heights[2] < min(heights[:2])


def test_a_page_may_not_reach_the_network_even_if_it_would(browser, paths):
    visit(browser, paths["study"])
    script = "return fetch(arguments[0]).then(() => 'fetched', () => 'refused')"
    assert browser.execute_script(script, "https://example.org/") == "refused"
    complaints(browser)


def test_names_are_text_and_never_markup(browser, paths):
    visit(browser, paths["evil"])
    until(lambda: rows(browser))
    assert one(browser, "h1").text == EVIL
    assert EVIL in rows(browser)[0]
    assert one(browser, "table.heat thead th:nth-child(2)").text
    scripts = browser.execute_script("return document.scripts.length")
    assert scripts == 2


def test_every_figure_has_an_alternative_text_with_numbers(browser, paths):
    visit(browser, paths["study"])
    drawings = every(browser, "svg[role=img], div.scroll[role=region]")
    assert len(drawings) > 8
    for drawing in every(browser, "svg[role=img]"):
        assert re.search(r"\d", drawing.get_attribute("aria-label"))


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


def drawings(browser):
    script = """return [...document.querySelectorAll('[data-widget=scenarios] svg[role=img]')].map(
        (svg) => svg.innerHTML.replace(/clip-\\d+/g, ''))"""
    return browser.execute_script(script)


@pytest.mark.parametrize("axis", ["landscape", "noise", "channel", "strength"])
def test_the_panel_shows_the_scenario_that_is_chosen(browser, tmp_path, axis):
    """Every value of every axis has data of its own, and the panel's numbers are those."""
    factors = {"quadratic": 3.0, "spikes": 5.0, "metric": 7.0, 1.0: 11.0}

    def final(cell):
        value = 1.0 + ("greedy", "cosine").index(cell["schedule"])
        for name in ("landscape", "noise", "channel", "strength"):
            value *= factors.get(cell[name], 1.0)
        return np.full(20, value)

    path = page.write(study(tmp_path, noises=("gaussian", "spikes"), schedules=("greedy", "cosine"),
                            final=final))  # fmt: skip
    visit(browser, path)
    before = drawings(browser)
    select = Select(one(browser, f"select[data-axis={axis}]"))
    factor = {"landscape": 3.0, "noise": 5.0, "channel": 7.0, "strength": 11.0}[axis]
    assert "suboptimality, 1.00;" in one(browser, "[data-widget=scenarios] .finding").text
    select.select_by_index(1)
    text = one(browser, "[data-widget=scenarios] .finding").text
    assert f"suboptimality, {factor:#.3g};" in text
    assert "2.00 times that" in text
    after = drawings(browser)
    assert after[0] != before[0]
    assert len(after) == len(before)
    command = every(browser, "[data-widget=scenarios] .command code")[0].text
    value = {"landscape": "quadratic", "noise": "spikes", "channel": "metric", "strength": "1"}
    assert re.search(rf"--{axis} {value[axis]}(\s|$)", command)
    assert "--lr 0.01 --steps 50" in command
    assert "--seeds 20 --seed 0 --schedule greedy --schedule cosine" in command


def test_the_command_of_a_scenario_runs_exactly_its_cells(browser, tmp_path, monkeypatch):
    """What the panel says is typed in, and gives the medians of the study's cells."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.toml").write_text(
        'seeds = 12\nseed = 5\n[components]\nquick = "greedy:patience=2"\n[axes]\n'
        'landscape = ["rosenbrock:dim=4", "quadratic"]\nnoise = ["gaussian", "bursts"]\n'
        'schedule = ["quick", "cosine:T_max=30"]\nstrength = [0.1, 2]\n'
        "[constants]\nsteps = 20\nlr = 0.03\nmetric_every = 2\n"
    )
    lab("sweep", "s.toml", "--out", "study", "--quiet", monkeypatch=monkeypatch)
    visit(browser, tmp_path / "study" / "report" / "index.html")
    for axis, i in (("landscape", 1), ("noise", 1), ("strength", 1)):
        Select(one(browser, f"select[data-axis={axis}]")).select_by_index(i)
    command = shlex.split(every(browser, "[data-widget=scenarios] .command code")[0].text)
    assert command[:2] == ["lab", "run"]
    lab(*command[1:], "--out", "run", "--no-tune", "--quiet", monkeypatch=monkeypatch)
    whole, single = collect(tmp_path / "study").cells, collect(tmp_path / "run").cells
    chosen = (
        (whole["landscape"] == "quadratic") & (whole["noise"] == "bursts")
        & (whole["strength"] == 2.0)
    )  # fmt: skip
    assert single["final_p50"].tolist() == whole["final_p50"][chosen].tolist()


def lab(*arguments, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["lab", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0


def test_schedules_can_be_hidden_by_keyboard(browser, paths):
    visit(browser, paths["study"])
    chip = every(browser, ".chip")[1]
    lines = len(every(browser, "[data-widget=scenarios] path.line"))
    chip.send_keys(Keys.ENTER)
    assert every(browser, ".chip")[1].get_attribute("aria-pressed") == "false"
    assert len(every(browser, "[data-widget=scenarios] path.line")) < lines
    assert browser.execute_script("return document.activeElement.className") == "chip"


def test_values_can_be_read_by_keyboard(browser, paths):
    visit(browser, paths["study"])
    plot = one(browser, "[data-widget=scenarios] .plot")
    plot.send_keys(Keys.END)
    note = plot.find_element(By.CSS_SELECTOR, ".reader")
    assert note.is_displayed()
    cells = collect(paths["study"].parents[1]).cells
    assert note.text.splitlines()[0] == "step 50"
    assert note.text.splitlines()[-1] == f"greedy {cells['final_p50'].min():.3g}"
    plot.send_keys(Keys.ESCAPE)
    assert not note.is_displayed()


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


def test_facets_change_the_heat_maps(browser, tmp_path):
    def final(cell):
        better = "greedy" if cell["channel"] == "batch" else "cosine"
        return np.full(20, 1.0 if cell["schedule"] == better else 4.0)

    visit(browser, page.write(study(tmp_path, schedules=("greedy", "cosine"), final=final)))
    first = "#heatmaps table.heat tbody tr:first-child th"
    assert one(browser, first).text == "greedy"
    Select(one(browser, "#heatmaps .facet select")).select_by_visible_text("metric")
    assert one(browser, first).text == "cosine"
    assert "cosine is nearest" in one(browser, "#heatmaps figcaption").text


def ground(browser):
    return browser.execute_script("return getComputedStyle(document.body).backgroundColor")


def test_dark_by_preference_and_by_button(browser, paths):
    light, dark = "rgb(255, 255, 255)", "rgb(21, 24, 29)"
    visit(browser, paths["study"], dark=True)
    assert ground(browser) == dark
    one(browser, "#theme").click()
    assert ground(browser) == light
    visit(browser, paths["study"])
    assert ground(browser) == light
    one(browser, "#theme").click()
    assert ground(browser) == dark


def test_print_is_light_and_without_controls(browser, paths):
    visit(browser, paths["study"], dark=True)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert ground(browser) == "rgb(255, 255, 255)"
    assert not one(browser, "#theme").is_displayed()
    assert not one(browser, "nav").is_displayed()
    assert one(browser, "table.cells thead button").is_displayed()


def test_a_command_can_be_copied(browser, paths):
    visit(browser, paths["study"])
    browser.execute_script(
        "window.copied = []; document.addEventListener('copy', () =>"
        " window.copied.push(String(getSelection())));"
        "navigator.clipboard.writeText = (text) => { window.copied.push(text);"
        " return Promise.resolve(); };"
    )
    button = one(browser, "#answer .copy")
    button.click()
    until(lambda: button.text == "Copied")
    assert browser.execute_script("return window.copied[0]") == "lab sweep fabricated.toml"
