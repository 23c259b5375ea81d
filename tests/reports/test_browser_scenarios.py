"""The panel of scenarios in Chromium: what is chosen is what is shown, by mouse and keyboard."""

import re
import shlex
import sys

import numpy as np
import pytest

import cli
from reports import page
from reports.page.collect import collect
from tests.reports.browsing import Keys, Select, every, needs_chromium, one, visit
from tests.reports.fabricate import study

pytestmark = needs_chromium


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
    note = one(plot, ".reader")
    assert note.is_displayed()
    cells = collect(paths["study"].parents[1]).cells
    assert note.text.splitlines()[0] == "step 50"
    assert note.text.splitlines()[-1] == f"greedy {cells['final_p50'].min():.3g}"
    plot.send_keys(Keys.ESCAPE)
    assert not note.is_displayed()


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
