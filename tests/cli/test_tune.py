"""`lab tune` from the command line."""

import json

import pytest

from tests.cli.process import assert_refused

ARGUMENTS = (
    "tune", "--landscape", "rosenbrock", "--landscape", "quadratic", "--noise", "gaussian",
    "--noise", "none", "--channel", "metric", "--channel", "batch", "--vary", "lr=1x/3x",
    "--vary", "factor=0.5/0.95", "--seeds", "20", "--tuning-seeds", "10", "--steps", "20",
)  # fmt: skip


def test_text_and_a_whole_directory(lab):
    shown = lab.output(*ARGUMENTS, "--out", "out")
    assert "over 6 scenarios" in shown
    assert "GreedyLR(optimizer, factor=" in shown
    tree = lab.tree()
    for path in ("manifest.json", "result.json", "search/candidates.parquet", "report/index.html"):
        assert f"out/{path}" in tree


def test_one_json_document_and_no_figure(lab):
    done = lab(*ARGUMENTS, "--json", "--quiet")
    document = json.loads(done.stdout)
    assert document["candidates"] == 4
    assert len(document["cells"]) == 6
    assert document["out"].startswith("results/tune-greedy-")
    assert done.stderr == ""
    assert not [path for path in lab.tree() if path.endswith(".png")]


def test_an_answer_for_each_landscape(lab):
    shown = lab.output(*ARGUMENTS, "--each", "--against", "cosine", "--out", "out")
    assert "on 2 landscapes, each by itself (gaussian 0.5 in metric, adam; " in shown
    assert "out/report/tune-each.svg" in lab.tree()


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (("tune",), ("landscape: at least one is needed",)),
        (("tune", "--landscape", "rosenbrok"), ("did you mean 'rosenbrock'",)),
        ((*ARGUMENTS, "--vary", "patence=1/2"), ("did you mean 'patience'",)),
        ((*ARGUMENTS, "--search", "random"), ("search", "grid, tpe")),
        ((*ARGUMENTS, "--tuning-seeds", "0"), ("tuning-seeds: 0",)),
    ],
)
def test_a_wrong_request_is_one_line(answer, arguments, parts):
    assert_refused(answer(*arguments), *parts)
