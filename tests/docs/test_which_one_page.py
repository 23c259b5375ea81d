"""docs/which-one.md: its outputs, and that its decisions are what the tables say."""

import json

import pytest

from tests.docs.pages import Page

PAGE = "docs/which-one.md"
ADAM = ("greedy with adam", "greedy-kesten with adam", "constant with adam")


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    directory = tmp_path_factory.mktemp("page")
    page = Page(PAGE)
    return page, page.run(directory), directory


def standings(directory, result, rates, family):
    """The standings of a family by contender."""
    document = json.loads((directory / result / "result.json").read_text(encoding="utf-8"))
    tables = {table["rates"]: table["families"] for table in document["tables"]}
    found = next(f for f in tables[rates] if f["family"] == family)
    ranks = {s["contender"]: s for s in found["standings"] if s["contender"] != "polyak with sgd"}
    return found["leaders"], ranks


def test_commands_outputs_and_figures(ran):
    page, commands, directory = ran
    assert page.differences(commands, directory) == [], f"docs/refresh.py renews {PAGE}"


def test_who_cannot_tune(ran):
    _, found = standings(ran[2], "ranking", "default", "overall")
    assert [*found][:2] == ["dowg with sgd", "greedy with sgd"]
    factors = [found[name]["factor"] for name in ADAM]
    assert found["constant with prodigy"]["factor"] < min(factors)
    assert max(factors) < 1.2 * min(factors)
    leaders, _ = standings(ran[2], "ranking", "default", "non-stationary")
    assert leaders == ["constant with prodigy"]
    assert [*found][-1] == "constant with schedule-free-adamw"


def test_who_can_tune(ran):
    leaders, found = standings(ran[2], "ranking", "tuned", "overall")
    assert leaders == ["cosine with sgd"]
    assert found["cosine with sgd"]["diverged"] > 0.0
    assert found["cosine with sgd"]["better_landscapes"][0] < 0.5
    assert found["greedy-kesten with adam"]["better_landscapes"][0] > 0.5
    assert {*found} - {*[*found][:-2]} == {"dowg with sgd", "constant with prodigy"}
    leaders, _ = standings(ran[2], "ranking", "tuned", "stochastic")
    assert set(leaders) == {"constant with schedule-free-adamw", "greedy-kesten with adam"}


def test_what_drifts_and_what_is_hit(ran):
    leaders, found = standings(ran[2], "ranking", "tuned", "non-stationary")
    assert set(leaders) == set(ADAM)
    assert [*found][-2:] == ["cosine with sgd", "constant with schedule-free-adamw"]
    leaders, found = standings(ran[2], "ranking", "tuned", "recovery")
    assert leaders == ["cosine with sgd"]
    greedy, constant = found["greedy with adam"], found["constant with adam"]
    assert greedy["factor"] > constant["factor"]
    assert constant["better_ci"][1] < 0.5
    assert constant["rank_ci"][1] >= greedy["rank_ci"][0]


def test_greedy_against_a_constant_rate(ran):
    _, default = standings(ran[2], "ranking", "default", "overall")
    low, high = default["constant with adam"]["better_ci"]
    assert low < 0.5 < high
    _, tuned = standings(ran[2], "ranking", "tuned", "overall")
    assert tuned["constant with adam"]["better_ci"][1] < 0.5
    assert 1.0 < tuned["constant with adam"]["factor"] / tuned["greedy with adam"]["factor"] < 1.2


def test_a_line_search_leads_at_equal_steps_only(ran):
    leaders, _ = standings(ran[2], "steps", "default", "overall")
    assert leaders[0] == "armijo with sgd"
    _, found = standings(ran[2], "evaluations", "default", "overall")
    assert [*found][-1] == "armijo with sgd"
    assert found["armijo with sgd"]["evaluations"] > 2.0
