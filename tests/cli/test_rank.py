"""`lab rank` from the command line."""

import json

import pytest

from tests.cli.process import assert_refused

ARGUMENTS = (
    "rank", "--landscape", "rosenbrock", "--landscape", "quadratic", "--noise", "gaussian",
    "--contender", "greedy with adam", "--contender", "dog", "--seeds", "16", "--steps", "20",
    "--tuning-seeds", "8", "--threads", "1",
)  # fmt: skip


def test_text_and_a_whole_directory(lab):
    shown = lab.output(*ARGUMENTS, "--out", "out")
    assert "2 contenders in 6 scenarios of 2 families" in shown
    assert "dog with sgd" in shown
    assert "recovery, tuned rates: 2 scenarios" in shown
    tree = lab.tree()
    for path in (
        "manifest.json", "result.json", "scenarios/tuned.parquet", "pairs/default.parquet",
        "profiles/default.parquet", "report/rank-forest-tuned.svg", "report/index.html",
    ):  # fmt: skip
        assert f"out/{path}" in tree


def test_one_json_document_and_no_figure(lab):
    done = lab(*ARGUMENTS, "--tuning-seeds", "0", "--json", "--quiet")
    document = json.loads(done.stdout)
    assert [table["rates"] for table in document["tables"]] == ["default"]
    assert document["out"].startswith("results/rank-")
    assert done.stderr == ""
    assert not [path for path in lab.tree() if path.endswith(".png")]


def test_a_schedule_with_an_optimizer_that_it_is_not_made_for_is_remarked_on(lab):
    done = lab(*ARGUMENTS, "--contender", "dog with adam", "--tuning-seeds", "0", "--json")
    assert "its rate is made for sgd" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (("rank", "--contender", "gredy"), ("did you mean 'greedy'",)),
        (("rank", "--family", "convex"), ("family", "smooth convex")),
        ((*ARGUMENTS, "--budget", "time"), ("budget", "evaluations, steps")),
        ((*ARGUMENTS, "--against", "dowg"), ("did you mean 'dog with sgd'",)),
        ((*ARGUMENTS, "--perturb", "kik"), ("did you mean 'kick'",)),
    ],
)
def test_a_wrong_request_is_one_line(answer, arguments, parts):
    assert_refused(answer(*arguments), *parts)
