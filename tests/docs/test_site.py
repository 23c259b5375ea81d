"""The documentation site: built strictly, whole, and it asks for nothing from outside."""

import functools
import html
import http.server
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from typing import Any

import pytest
import typer

import cli
from experiments.components import REGISTRIES
from lab import __version__
from tests.docs.pages import ROOT

if importlib.util.find_spec("mkdocs") is None or importlib.util.find_spec("material") is None:
    pytest.skip("mkdocs and its theme are not installed (extra: docs)", allow_module_level=True)

CHROMIUM, DRIVER = (shutil.which(name) for name in ("chromium", "chromedriver"))
#: Tags and attributes by which a page loads something by itself.
LOADS = re.compile(r"<(?:script|link|img|iframe|source)\b[^>]*?\b(?:src|href)=[\"']?([^\"' >]+)")
HEADING = re.compile(r"<h[12] id=\"?([^\" >]+)")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, built from the top of the repository as `make docs` does it."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT, capture_output=True, text=True,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


def text(site, name):
    return (site / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", REGISTRIES)
def test_every_component_is_on_its_page(site, kind):
    page = text(site, f"reference/{kind}.html")
    found = set(HEADING.findall(page))
    assert set(REGISTRIES[kind].all()) <= found
    for component in REGISTRIES[kind].all().values():
        for parameter in component.parameters:
            assert f"<code>{parameter.name}</code>" in page


def test_every_command_is_on_its_page(site):
    page = html.unescape(re.sub(r"<[^>]+>", "", text(site, "reference/command-line.html")))
    group: Any = typer.main.get_command(cli.app)
    assert len(group.commands) > 10
    for name, command in group.commands.items():
        assert f"Usage: lab {name} " in page
        for parameter in command.params:
            names = [*parameter.opts, *parameter.secondary_opts]
            assert names[0] in page, f"lab {name}"


def test_every_docstring_is_on_its_page(site):
    asked = re.findall(r"^::: (\S+)", (ROOT / "docs" / "python.md").read_text(), re.MULTILINE)
    page = text(site, "python.html")
    assert len(asked) > 20
    assert ":::" not in page
    assert [name for name in asked if f"<code>{name}</code>" not in page] == []
    assert "Shape <code>(n,)</code>" in page or "Shape (n,)" in page


def test_nothing_is_loaded_from_outside(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 30
    for path in pages:
        loaded = LOADS.findall(path.read_text(encoding="utf-8"))
        assert loaded
        assert [address for address in loaded if "//" in address] == [], path.name
    for path in site.rglob("*.css"):
        assert not re.search(r"url\([\"']?(?:https?:)?//|@import", path.read_text(encoding="utf-8"))


def test_no_page_of_the_folder_is_left_out(site):
    for path in (ROOT / "docs").rglob("*.md"):
        relative = path.relative_to(ROOT / "docs").with_suffix(".html")
        assert (site / relative).is_file(), relative


def test_the_page_on_citing_says_what_the_citation_file_says():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    page = (ROOT / "docs" / "citing.md").read_text(encoding="utf-8")
    assert re.findall(r"^version: (\S+)", citation, re.MULTILINE) == [__version__]
    assert re.findall(r"version = \{(.*)\}", page) == [__version__]
    plain = re.sub(r"[{}]", "", page)
    for title in re.findall(r"^ *title: (.+)$", citation, re.MULTILINE):
        assert title.strip('"') in plain
    for name in re.findall(r"family-names: (\w+)", citation):
        assert name in plain


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format, *args):
        """Nothing: the test says what was wrong."""


@pytest.fixture
def address(site):
    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def browser(tmp_path):
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    if not (CHROMIUM and DRIVER):
        pytest.skip("chromium and chromedriver are not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--no-first-run", "--disable-background-networking", "--disable-component-update",
        "--disable-sync", f"--user-data-dir={tmp_path / 'profile'}",
    ):  # fmt: skip
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(executable_path=DRIVER)
    driver = webdriver.Chrome(options=options, service=service)
    yield driver
    driver.quit()
    # The service leaves the streams of its process to the collector.
    for stream in (service.process.stdin, service.process.stdout, service.process.stderr):
        if stream is not None:
            stream.close()


def requests(browser):
    """The addresses on a network that were asked for since the last look."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [m["params"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    urls = [params["request"]["url"] for params in sent]
    return [url for url in urls if url.startswith(("http:", "https:"))]


def test_pages_in_a_browser(site, address, browser):
    """No error, nothing asked for elsewhere, and no page is wider than a desk's or a phone's."""
    for width in (1280, 390):
        browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500},
        )
        for name in ("index", "tasks/compare", "claims/index", "reference/schedules", "python"):
            browser.get(f"{address}/{name}.html")
            wide, broken = browser.execute_script(
                "return [document.documentElement.scrollWidth, [...document.images]"
                ".filter((image) => image.complete && !image.naturalWidth).length]"
            )
            assert wide <= width, name
            assert broken == 0, name
            asked = requests(browser)
            assert f"{address}/{name}.html" in asked
            assert [url for url in asked if not url.startswith(address)] == []
            assert [m for m in browser.get_log("browser") if m["level"] == "SEVERE"] == []
