"""The page as text: one file, escaped, small, and with the answer in it."""

import base64
import hashlib
import html.parser
import json
import math
import re

import numpy as np
import pytest

from lab.store import manifest
from reports import page
from reports.page.collect import collect
from reports.page.section import all_sections
from reports.page.sections import answer
from tests.reports.fabricate import published_grid, study

EVIL = "<script>alert(1)</script>"


class Reader(html.parser.HTMLParser):
    """Every element with its attributes, and the text of scripts and styles."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.contents, self.inside = [], {}, False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.inside = True

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.contents.setdefault(len(self.elements) - 1, "")
            self.contents[len(self.elements) - 1] += data

    def of(self, tag):
        return [
            (attributes, self.contents.get(i, ""))
            for i, (name, attributes) in enumerate(self.elements)
            if name == tag
        ]


@pytest.fixture
def text(tmp_path):
    return page.write(study(tmp_path)).read_text(encoding="utf-8")


def data_of(text):
    found = [content for attributes, content in Reader(text).of("script") if "id" in attributes]
    return json.loads(found[0])


def test_the_answer_comes_first(text):
    main = text[text.index("<main") :]
    first = re.search(r'<section id="([a-z]+)"', main)
    assert first is not None
    assert first.group(1) == "answer"
    assert "greedy is nearest to the best in all 2 channels" in main
    assert main.index("nearest to the best") < main.index("data-figures")


def test_nothing_is_fetched(text):
    for tag, attributes in Reader(text).elements:
        assert tag not in ("link", "iframe", "object", "embed", "base")
        for name in ("src", "srcset", "data", "action"):
            assert not attributes.get(name, "").startswith(("http", "/", ".")), (tag, attributes)
        if tag == "a":
            assert attributes["href"].startswith("#")
    style = Reader(text).of("style")[0][1]
    assert "url(" not in style
    assert "@import" not in style


def test_the_policy_allows_this_script_and_this_style_alone(text):
    reader = Reader(text)
    policy = next(a["content"] for a, _ in reader.of("meta") if "http-equiv" in a)
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    script = next(content for attributes, content in reader.of("script") if not attributes)
    for content in (script, reader.of("style")[0][1]):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_sections_link_to_what_is_there(text):
    identifiers = {attributes.get("id") for _, attributes in Reader(text).elements}
    for attributes, _ in Reader(text).of("a"):
        assert attributes["href"][1:] in identifiers


def test_names_are_escaped_everywhere(tmp_path):
    study(tmp_path, landscapes=(EVIL, "</script>&'\""), title=EVIL, command=f"lab {EVIL}")
    text = page.write(tmp_path).read_text(encoding="utf-8")
    assert EVIL not in text
    assert len(Reader(text).of("script")) == 2
    values = data_of(text)["widgets"]["scenarios"]["axes"][0]["values"]
    assert values == [EVIL, "</script>&'\""]


def test_the_embedded_numbers_are_those_of_the_cells(tmp_path):
    results = collect(study(tmp_path))
    packed = data_of(page.write(tmp_path).read_text(encoding="utf-8"))["widgets"]["scenarios"]

    def decoded(array):
        return np.frombuffer(base64.b64decode(array["data"]), "<" + array["type"])

    cells = results.cells
    np.testing.assert_allclose(decoded(packed["numbers"]["p50"]), cells["final_p50"], rtol=1e-6)
    np.testing.assert_allclose(decoded(packed["numbers"]["ratio"]), cells["ratio"], rtol=1e-6)
    np.testing.assert_array_equal(decoded(packed["inert"]) != 0, cells["inert"])
    np.testing.assert_array_equal(decoded(packed["reference"]) - 1, cells["reference"])
    for axis in packed["axes"]:
        values = np.array(axis["values"])[decoded(axis["codes"])]
        np.testing.assert_array_equal(values, cells[axis["name"]])
    spelled = {axis["name"]: axis["spelled"] for axis in packed["axes"]}
    assert spelled["strength"] == ["0.1", "1"]
    assert spelled["steps"] == ["50"]


def test_rates_of_open_loop_schedules_are_those_of_the_schedule(tmp_path):
    study(tmp_path, schedules=("cosine-restarts:T_0=10", "greedy"))
    bands = data_of(page.write(tmp_path).read_text(encoding="utf-8"))["widgets"]["scenarios"][
        "bands"
    ]
    [table] = bands["tables"]
    assert table["steps"] == list(range(50))
    # Restarts at every tenth step, which a dozen log-spaced steps would not show.
    assert [step for step, rate in enumerate(table["rates"]) if rate == 0.01] == [0, 10, 20, 30, 40]


def test_every_figure_states_its_finding(tmp_path):
    sections = all_sections(collect(study(tmp_path)))
    figures = [figure for section in sections for figure in section.figures]
    assert len(figures) == 7
    for figure in figures:
        assert re.search(r"\d", figure.finding), figure
        assert figure.finding.endswith(".")


def test_every_figure_says_how_to_get_it_again(tmp_path):
    for section in all_sections(collect(study(tmp_path))):
        if section.figures:
            assert "lab " in section.command


def test_a_heat_map_says_what_it_shows(tmp_path):
    sections = {section.id: section for section in all_sections(collect(study(tmp_path)))}
    by_noise = sections["heatmaps"].figures[0]
    assert by_noise.facet == "batch"
    assert by_noise.data["values"] == [[1.0] * 3, [2.0] * 3, pytest.approx([3.0] * 3)]
    assert "greedy is nearest to the best for 3 of 3 noises" in by_noise.finding
    assert "exponential" in by_noise.finding
    assert "3.00 times" in by_noise.finding


def test_the_published_grid_fits_into_five_megabytes(tmp_path):
    path = page.write(published_grid(tmp_path))
    assert path.stat().st_size < 5_000_000
    packed = data_of(path.read_text(encoding="utf-8"))["widgets"]["scenarios"]
    assert packed["count"] == 8250
    assert len(packed["bands"]["grids"][0]) == 30


def test_recovery_curves_appear_where_there_are_recovery_times(tmp_path):
    curve = {"step": [0, 5], "waiting": [1.0, 0.25], "low": [1.0, 0.2], "high": [1.0, 0.3]}
    arms = [
        {"schedule": name, "n": 20, "mean": {"steps": steps}, "curve": curve}
        for name, steps in (("greedy", 12.0), ("cosine", 45.0))
    ]
    cell = {"event": "kick:at=100,size=1", "landscape": "rosenbrock", "optimizer": "adam",
            "noise": "none", "strength": 0.5, "horizon": 96, "schedules": arms}  # fmt: skip
    record = {"schema": 1, "request": {"experiment": "recovery"}, "command": "lab recovery"}
    (tmp_path / "manifest.json").write_text(json.dumps(record))
    (tmp_path / "result.json").write_text(json.dumps({"factor": 1.1, "cells": [cell]}))
    text = page.write(tmp_path).read_text(encoding="utf-8")
    [figure] = data_of(text)["figures"]["recovery"]
    assert figure["finding"] == (
        "After kick:at=100,size=1 on rosenbrock, greedy is back first: on average 12.0 of at most"
        " 96 steps (n = 20); last is cosine, 45.0 steps."
    )
    assert [one["y"] for one in figure["data"]["series"]] == [[1.0, 0.25]] * 2


def test_verdicts_come_first_where_there_are_claims(tmp_path):
    effect = {"label": "cosine", "estimate": 0.5, "ci": [0.4, 0.6], "n": 100,
              "verdict": "supported"}  # fmt: skip
    arm = {"reading": "as published", "arm": "pooled", "verdict": "supported",
           "measured": "half of it", "effects": [effect]}  # fmt: skip
    claim = {"id": "C1", "title": "lower median", "verdict": "supported", "arms": [arm]}
    record = {"schema": 1, "request": {"experiment": "check"}}
    (tmp_path / "manifest.json").write_text(json.dumps(record))
    (tmp_path / "result.json").write_text(json.dumps({"claims": [claim]}))
    text = page.write(tmp_path).read_text(encoding="utf-8")
    assert "Of 1 claims: 1 supported." in text
    assert "half of it" in text
    assert data_of(text)["figures"]["arms"][0]["data"]["rows"][0]["low"] == 0.4


def test_two_pages_of_one_directory_are_equal(tmp_path):
    study(tmp_path)
    assert page.write(tmp_path).read_bytes() == page.write(tmp_path).read_bytes()


def experiment(directory, name, cell, **document):
    record = {"schema": 1, "request": {"experiment": name}, "command": f"lab {name}"}
    (directory / "manifest.json").write_text(json.dumps(record))
    content = {**document, "cells": [cell]}
    (directory / "result.json").write_text(json.dumps(content))
    return page.write(directory).read_text(encoding="utf-8")


CELL = {"landscape": "rosenbrock:dim=2", "optimizer": "adam", "noise": "spikes", "strength": 0.5,
        "channel": "batch", "seeds": 300, "n": 300, "measure": "suboptimality"}  # fmt: skip


def test_sensitivity_curves_appear_where_there_are_medians_over_rates(tmp_path):
    arms = [
        {"schedule": "greedy", "p50": [5.0, 0.5, 2.0], "width_own": {"decades": 0.6}},
        {"schedule": "cosine", "p50": [7.0, 1.0, "inf"], "width_own": {"decades": 1.25}},
        {"schedule": "table", "p50": [None, 3.0, None], "width_own": None},
    ]
    cell = {**CELL, "rates": [0.001, 0.01, 0.1], "schedules": arms}
    text = experiment(tmp_path, "sensitivity", cell)
    [figure] = data_of(text)["figures"]["sensitivity"]
    assert figure["finding"] == (
        "On rosenbrock, greedy has the lowest median, 0.500 at lr 0.01 (n = 300 seeds); within"
        " twice its own lowest, cosine stays over the most rates, 1.2 decades, and greedy over the"
        " fewest, 0.6."
    )
    assert figure["facet"] == "rosenbrock, adam, spikes 0.5 in batch"
    assert figure["data"]["series"][1]["y"] == [7.0, 1.0, "inf"]
    assert "<h1>Sensitivity: rosenbrock</h1>" in text


def test_early_convergence_appears_where_targets_were_reached(tmp_path):
    arms = [
        {"schedule": "greedy", "area": 0.18, "ecdf": [0.0, 0.1, 0.3]},
        {"schedule": "cosine", "area": 0.05, "ecdf": [0.0, 0.0, 0.1]},
    ]
    text = experiment(tmp_path, "early", {**CELL, "schedules": arms})
    [figure] = data_of(text)["figures"]["early"]
    assert figure["finding"] == (
        "On rosenbrock, greedy reaches most targets over the run, on average 18 % of them"
        " (n = 300 seeds); cosine fewest, 5 %."
    )
    assert figure["data"]["series"][0]["x"] == [0, 1, 2]


@pytest.mark.parametrize("value", [10**30, 10**400, -1e30, math.nan, math.inf, "x", [], None])
def test_a_time_that_no_calendar_has_is_left_out(value, tmp_path):
    directory = study(tmp_path)
    record = manifest.read(directory)
    assert record is not None
    manifest.write(directory, record | {"started": value, "seconds": 3.0})
    text = page.write(directory).read_text(encoding="utf-8")
    assert "<td>3 s</td>" in text
    assert "UTC" not in text
    manifest.write(directory, record | {"started": 0.0, "seconds": value})
    assert "1970-01-01 00:00:00 UTC" in page.write(directory).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("ratio", "seeds", "note"),
    [
        (math.nan, 50, "both medians are zero or infinite"),
        (0.5, 5, "no interval from fewer than 6 seeds"),
        (0.5, 50_000, "too few seeds lie on different sides of the two medians"),
    ],
)
def test_a_ratio_without_an_interval_says_why(ratio, seeds, note):
    numbers = {"ratio": ratio, "ratio_low": math.nan, "ratio_high": math.nan, "better": 0.5}
    cells = {name: np.array([value]) for name, value in {**numbers, "seeds": seeds}.items()}
    assert answer._pair(cells, 0, "greedy", "").ratio.note == note
