"""docs/ablation.md: its outputs, and what it concludes from them."""

import json
import re

import pytest

from experiments.ablation.request import BOUND
from experiments.ablation.result import NEGLIGIBLE
from experiments.tune.run import FLOOR
from tests.docs.pages import Page, full

PAGE = "docs/ablation.md"
ENDS = re.compile(r"([-+]?[\d.]+) \[([-+\d.]+), ([-+\d.]+)\]")


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


def rows_of_the_full_run(first, last, name="ablation"):
    """Lines of a table of a full ablation, by their first word."""
    text = full(name).split(first, 1)[1].split(last, 1)[0]
    lines = [line for line in text.splitlines()[3:] if line]
    return {line.split()[0].rstrip(","): line for line in lines}


def intervals(line):
    return [tuple(float(number) for number in found) for found in ENDS.findall(line)]


def test_what_the_full_run_says_of_each_parameter():
    adam = rows_of_the_full_run("Under adam", "decades: standard deviation")
    sgd = rows_of_the_full_run("Under sgd", "decades: standard deviation")
    both = {"factor", "patience", "cooldown", "warmup"}
    assert {name for name, row in sgd.items() if row.endswith("matters")} == both
    assert {name for name, row in adam.items() if row.endswith("matters")} == both | {
        "threshold", "window_size",
    }  # fmt: skip
    for rows in (adam, sgd):
        assert len(rows) == 9
        assert not any(row.endswith("never") for row in rows.values())
        assert "0 of 80" in rows["reset_start"]
        assert rows["min_lr"].endswith("in some scenarios")
        assert rows["max_lr"].endswith("in some scenarios")
    totals = {name: intervals(row)[1][0] for name, row in adam.items()}
    assert sorted(totals, key=lambda name: totals[name])[-2:] == ["patience", "factor"]


def test_what_the_full_run_says_of_optimizers_and_pairs():
    differences = rows_of_the_full_run("Which optimizer changes", "Total by family")
    assert len(differences) == 9
    assert all(low <= 0.0 <= high for row in differences.values()
               for _, low, high in intervals(row))  # fmt: skip
    pairs = (
        full("ablation").split("Largest interactions", 1)[1].split("\n\n", 1)[0].splitlines()[3:]
    )
    assert len(pairs) == 12
    for line in pairs:
        assert "factor" in line or "patience" in line
    assert [line.split()[:2] for line in (pairs[0], pairs[6])] == [["factor,", "patience"]] * 2


def test_what_the_full_run_says_of_directions():
    text = full("ablation").split("Mean response over a quarter", 1)[1].split("\nQuarter 1", 1)[0]
    shown = {
        (words[0], words[1]): intervals(line)
        for line in text.splitlines()[3:]
        if (words := line.split())
    }
    clear = {
        (*key, part)
        for key, found in shown.items()
        for part, (_, low, high) in enumerate(found)
        if low > 0.0 or high < 0.0
    }
    assert clear == {("patience", "adam", 0), ("threshold", "adam", 3), ("max_lr", "adam", 0)}
    assert shown["warmup", "adam"][3][1] == 0.0


def test_what_the_full_run_says_of_the_best_set():
    text = full("ablation").split("Best of the design in all", 1)[1].split("\n\n", 1)[0]
    lines = {line.split("  ")[0]: line for line in text.splitlines() if "[" in line}
    beyond = {
        name: [float(end) for end in re.findall(r"[\d.]+", line.rsplit("[", 1)[1])]
        for name, line in lines.items()
    }
    surely = {name for name, (_, high) in beyond.items() if high < 1.0}
    assert surely == {"all scenarios", "adam", "smooth convex"}
    assert "patience=0" in text
    back = rows_of_the_full_run("The first of these with one", "\n\nfigure")
    cost = {name: intervals(row)[0] for name, row in back.items()}
    order = sorted(cost, key=lambda name: -cost[name][0])
    assert order[:5] == ["patience", "factor", "warmup", "reset_start", "window_size"]
    assert {name for name, (_, _, high) in cost.items() if high < 1.0} == {
        "threshold", "min_lr", "max_lr",
    }  # fmt: skip


def test_what_stays_and_what_does_not_from_tuned_rates():
    name = "ablation-tuned"
    matters = []
    for optimizer in ("adam", "sgd"):
        rows = rows_of_the_full_run(f"Under {optimizer}", "decades: standard deviation", name)
        matters.append({name for name, row in rows.items() if row.endswith("matters")})
        totals = {name: intervals(row)[1][0] for name, row in rows.items()}
        assert sorted(totals, key=lambda name: -totals[name])[:3] == [
            "factor", "patience", "cooldown",
        ]  # fmt: skip
        assert rows["max_lr"].endswith("in some scenarios")
    assert {"window_size", "min_lr"} <= matters[0] & matters[1]
    best = full(name).split("Best of the design in all", 1)[1].split("\n\n", 1)[0]
    assert "patience=9," in best
    lines = {line.split("  ")[0]: line for line in best.splitlines() if "[" in line}
    assert float(lines["all scenarios"].rsplit(" ", 1)[1].strip("]")) > 1.0
    ((_, low, _),) = intervals(lines["non-stationary"])[:1]
    assert low > 1.0
    back = rows_of_the_full_run("The first of these with one", "\n\nfigure", name)
    cost = {name: intervals(row)[0][0] for name, row in back.items()}
    assert sorted(cost, key=lambda name: -cost[name])[:3] == ["factor", "max_lr", "window_size"]
    # The set for untuned rates gains far more.
    gain = [
        intervals(full(one).split("\nall scenarios", 1)[1].splitlines()[0].split("  ")[1])
        for one in ("ablation", name)
    ]
    assert gain[0][0][0] < 0.6 * gain[1][0][0]


def test_every_link_of_the_page_is_there():
    for name in re.findall(r"\]\((\w+\.md)\)", Page(PAGE).text):
        assert (Page(PAGE).path.parent / name).is_file()
