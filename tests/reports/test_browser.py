"""The page in Chromium: it works from a file, asks for nothing, and is read in any light."""

import json
import re

import pytest

from reports import page
from tests.reports.browsing import (
    SHAPES,
    complaints,
    every,
    needs_chromium,
    one,
    requested,
    rows,
    until,
    visit,
)
from tests.reports.fabricate import EVIL

pytestmark = needs_chromium


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
    record = {"schema": 1, "request": {"experiment": "sensitivity"}}
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
