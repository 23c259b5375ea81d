"""docs/adding-a-component.md: the components of the page are valid, and run."""

import json
import re

from tests.docs.pages import ROOT, Page

PAGE = Page("docs/adding-a-component.md")


def test_commands_run(tmp_path, plugins_of_the_page):
    ran = PAGE.run(tmp_path, {"--seeds 100": "--seeds 20 --json"})
    validated = [one.out for one in ran if "validate" in one.command]
    assert [out.split()[1:3] for out in validated] == [
        ["landscape", "flat-bowl:"], ["noise", "pulse:"], ["optimizer", "sign:"]
    ]  # fmt: skip
    documents = [json.loads(one.out) for one in ran if one.command.startswith("lab run")]
    assert len(documents) == 3
    for document in documents:
        assert [entry["diverged"] for entry in document["schedules"]] == [0.0] * 7


def test_every_file_that_the_page_names_is_there():
    named = re.findall(r"`([\w/-]+\.(?:py|md)|[\w/]+/)`", PAGE.text)
    assert len(named) > 10
    assert [name for name in named if name != "mine.py" and not (ROOT / name).exists()] == []
