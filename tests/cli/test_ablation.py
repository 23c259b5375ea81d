"""`lab ablate` from the command line."""

import json

import pytest

from tests.cli.process import assert_refused

ARGUMENTS = (
    "ablate", "--landscape", "rosenbrock", "--landscape", "quadratic", "--noise", "gaussian",
    "--noise", "none", "--schedule", "greedy:threshold=0,cooldown=0,warmup=0,reset_start=500",
    "--points", "8", "--design-seeds", "10", "--seeds", "20", "--steps", "20",
)  # fmt: skip


def test_text_and_a_whole_directory(lab):
    shown = lab.output(*ARGUMENTS, "--out", "out")
    assert "in 8 scenarios on 2 landscapes" in shown
    assert "Best of the design in" in shown
    tree = lab.tree()
    for path in ("manifest.json", "result.json", "ablation/indices.parquet", "report/index.html"):
        assert f"out/{path}" in tree


def test_one_json_document_and_no_figure(lab):
    done = lab(*ARGUMENTS, "--optimizer", "adam", "--json", "--quiet")
    document = json.loads(done.stdout)
    assert document["settings"] == 8 * 7
    assert len(document["cells"]) == 4
    assert document["out"].startswith("results/ablate-greedy-")
    assert done.stderr == ""
    assert not [path for path in lab.tree() if path.endswith(".png")]


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (("ablate", "--landscape", "rosenbrok"), ("did you mean 'rosenbrock'",)),
        (("ablate", "--points", "100"), ("points: 100 is not allowed", "a power of 2")),
        (("ablate", "--schedule", "cosine"), ("leaves no parameter to turn",)),
        (("ablate", "--design-seeds", "0"), ("design-seeds: 0",)),
        (("ablate", "--noise", "gausian"), ("did you mean 'gaussian'",)),
    ],
)
def test_a_wrong_request_is_one_line(answer, arguments, parts):
    assert_refused(answer(*arguments), *parts)
