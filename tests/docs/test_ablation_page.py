"""docs/ablation.md: its outputs, and what it concludes from them."""

import json
import re

import pytest

from experiments.ablation.request import BOUND
from experiments.ablation.result import NEGLIGIBLE
from experiments.tune.run import FLOOR
from tests.docs.pages import Page

PAGE = "docs/ablation.md"


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    directory = tmp_path_factory.mktemp("page")
    page = Page(PAGE)
    return page, page.run(directory), directory


@pytest.fixture(scope="module")
def document(ran):
    *_, directory = ran
    return json.loads((directory / "ablation" / "result.json").read_text())


def test_outputs_are_those_of_the_command(ran):
    page, done, directory = ran
    assert len(done) == 1
    assert page.differences(done, directory) == [], f"python docs/refresh.py {PAGE} renews it"


def test_the_rule_is_the_one_that_runs():
    text = Page(PAGE).text
    assert f"above {NEGLIGIBLE:g}" in text
    assert f"below {FLOOR:g} count as {FLOOR:g}" in text
    assert BOUND == 1.0
    assert "limited to one\ndecade either way" in text


def test_what_matters_and_what_never_does(document):
    pooled = [row for row in document["pooled"] if not row["family"]]
    for optimizer in {row["optimizer"] for row in pooled}:
        rows = [row for row in pooled if row["optimizer"] == optimizer]
        largest = sorted(rows, key=lambda row: -row["total"])[:2]
        assert {row["parameter"] for row in largest} == {"factor", "patience"}
        assert {row["clear"] for row in largest} == {5}
        assert 0.4 < sum(row["first"] for row in rows) < 0.7
        (threshold,) = (row for row in rows if row["parameter"] == "threshold")
        assert threshold["verdict"] == "never"


def test_what_five_landscapes_do_not_tell(document):
    assert all(row["ci"][0] <= 0.0 <= row["ci"][1] for row in document["interactions"])
    whole = [row for row in document["differences"] if not row["family"]]
    assert len(whole) == 9
    assert all(row["total_ci"][0] <= 0.0 <= row["total_ci"][1] for row in whole)
    for optimizer in ("adam", "sgd"):
        rows = [r for r in document["interactions"] if r["optimizer"].startswith(optimizer)]
        first, second, *_ = sorted(rows, key=lambda row: -row["index"])
        assert "patience" in first["parameters"]
        if optimizer == "adam":
            assert "patience" in second["parameters"]


def test_what_the_best_set_owes_its_gain_to(document):
    cost = {row["parameter"]: row["ratio"] for row in document["reverted"]}
    patience, factor, *_ = sorted(cost, key=lambda name: -cost[name])
    assert (patience, factor) == ("patience", "factor")
    lowest = {row["parameter"]: row["ci"][0] for row in document["reverted"]}
    assert all(lowest[name] <= 1.0 for name in ("window_size", "min_lr", "max_lr"))


def test_every_link_of_the_page_is_there():
    for name in re.findall(r"\]\((\w+\.md)\)", Page(PAGE).text):
        assert (Page(PAGE).path.parent / name).is_file()
