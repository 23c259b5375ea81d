"""Chromium for the tests of pages: start it, visit a page, look at it, wait for it."""

import json
import shutil
import time
from contextlib import contextmanager

import pytest

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys as Keys  # noqa: E402
from selenium.webdriver.support.ui import Select as Select  # noqa: E402

CHROMIUM, DRIVER = (shutil.which(name) for name in ("chromium", "chromedriver"))
needs_chromium = pytest.mark.skipif(
    not (CHROMIUM and DRIVER),
    reason="chromium and chromedriver are not installed (Debian: chromium, chromium-driver)",
)
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage",
)  # fmt: skip
#: The markup inside of every drawing of a page.
SHAPES = "return [...document.querySelectorAll('svg[role=img]')].map((s) => s.innerHTML).join()"


@contextmanager
def started(folder):
    """A browser that keeps its profile and what it downloads in `folder`."""
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
