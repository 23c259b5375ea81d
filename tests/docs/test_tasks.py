"""The first page and the pages of the tasks: every command runs, every output is what it prints."""

import pytest

from tests.docs.pages import ROOT, Page

PAGES = ["docs/index.md", *sorted(str(p.relative_to(ROOT)) for p in ROOT.glob("docs/tasks/*.md"))]


def test_there_are_five_tasks():
    assert len(PAGES) == 1 + 5


@pytest.mark.parametrize("path", PAGES)
def test_commands_outputs_and_figures(path, tmp_path, plugins_of_the_page):
    page = Page(path)
    ran = page.run(tmp_path)
    assert ran
    assert page.differences(ran, tmp_path) == [], f"make docs-refresh renews {path}"


def test_there_is_an_example_for_every_task():
    for page in map(Page, PAGES[1:]):
        assert [c for _, c in page.commands() if c.startswith("python examples/")], page.path.name
