"""The full runs behind the pages: files, pages and code agree, though nothing of it runs here."""

import importlib.util
import re
import shlex
import sys

import pytest

import cli
from experiments.study.declaration import read_study
from lab.store.manifest import identity_hash
from reports import publish
from tests.docs import pages
from tests.docs.pages import FULL, NUMBER, ROOT, Page

SPEC = importlib.util.spec_from_file_location("full", ROOT / "docs" / "full.py")
assert SPEC is not None
assert SPEC.loader is not None
full = importlib.util.module_from_spec(SPEC)
sys.modules["full"] = full
SPEC.loader.exec_module(full)

SHOWING = [
    str(path.relative_to(ROOT))
    for path in sorted((ROOT / "docs").rglob("*.md"))
    if FULL.search(path.read_text(encoding="utf-8"))
]
#: A heading, and what stands below it.
SECTION = re.compile(r"^## .*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
#: What is no sentence: blocks, comments, code, images and where links lead.
APART = re.compile(r"^```.*?^```$|<!--.*?-->|`[^`]*`|\]\([^)]*\)", re.MULTILINE | re.DOTALL)


class AskedError(Exception):
    """The hash of a request that would now be run."""


def hash_now(command, monkeypatch):
    """The hash that the result of a command would have today."""

    def asked(target, identity, command):
        raise AskedError(identity_hash(identity))

    words = shlex.split(command)
    if words[1] == "sweep":
        return read_study(ROOT / words[2]).hash
    monkeypatch.setattr(publish, "result_directory", asked)
    monkeypatch.setattr(sys, "argv", [*words, "--quiet"])
    with pytest.raises(AskedError) as found:
        cli.app(standalone_mode=False)
    return str(found.value)


def numbers(text):
    """Numbers that nobody has in mind: those with a point, and those from 100 on."""
    found = [number.replace(",", "") for number in NUMBER.findall(text)]
    return {number for number in found if "." in number or len(number.strip("+-")) > 2}


@pytest.mark.parametrize("name", full.RUNS)
def test_a_run_is_kept_and_is_the_one_that_the_code_would_make_today(name, monkeypatch):
    run, text = full.RUNS[name], pages.full(name)
    assert tuple(re.findall(r"^\$ (.*)$", text, re.MULTILINE)) == run.commands
    (kept,) = re.findall(r"; hash (\w+)$", text, re.MULTILINE)
    assert kept == hash_now(run.commands[0], monkeypatch), f"python docs/full.py {name} renews it"
    for _, target in run.figures:
        assert (full.KEPT / target).is_file()


def test_what_a_run_leaves(tmp_path, monkeypatch):
    command = (
        "lab tune --landscape rosenbrock --vary patience=1/2 --seeds 8 --tuning-seeds 4 --steps 10"
        " --threads 1 --out small"
    )
    figures = (("report/tune-scenarios.svg", "drawn.svg"),)
    monkeypatch.setattr(full, "RUNS", {"small": full.Run((command, "lab list channels"), figures)})
    monkeypatch.setattr(full, "PLACE", tmp_path)
    monkeypatch.setattr(full, "KEPT", tmp_path / "kept")
    full.record("small")
    assert {path.name for path in (tmp_path / "kept").iterdir()} == {"small.txt", "drawn.svg"}
    first, second = (tmp_path / "kept" / "small.txt").read_text().split("\n$ ")
    remark = r"# \d{4}-\d\d-\d\d: \d+ s, of which \d+ s of processor time"
    assert re.match(rf"\$ {command}\n{remark}; \d+ cores \w+; .*; hash (\w+)\n\nTuning ", first)
    assert f"; hash {hash_now(command, monkeypatch)}\n" in first
    assert re.match(rf"lab list channels\n{remark}\n\nbatch ", second)


def test_no_file_is_left_over():
    figures = {target for run in full.RUNS.values() for _, target in run.figures}
    assert {path.name for path in full.KEPT.iterdir()} == figures | {
        f"{name}.txt" for name in full.RUNS
    }


@pytest.mark.parametrize("path", SHOWING)
def test_a_page_shows_what_the_files_hold(path):
    page = Page(path)
    assert page.with_full(page.text) == page.text, f"python docs/refresh.py {path} renews it"


@pytest.mark.parametrize("path", SHOWING)
def test_every_number_of_a_sentence_stands_in_a_file(path):
    """In the sections that show a full run."""
    for section in SECTION.findall(Page(path).text):
        names = [found[1] for found in FULL.finditer(section)]
        if names:
            kept = "\n".join(pages.full(name) for name in dict.fromkeys(names))
            said = numbers(APART.sub("", section))
            # A comma is one of thousands, or stands between two columns.
            assert said <= numbers(kept) | numbers(kept.replace(",", " ")), section.splitlines()[0]
