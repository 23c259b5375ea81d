"""`lab recovery`, `lab sensitivity`, `lab early` and `--perturb`, from the command line."""

import json

import pytest

from tests.cli.process import RUN, SMALL, TRACE, assert_refused

SMALLER = (
    "--landscape",
    "rosenbrock",
    "--seeds",
    "20",
    "--schedule",
    "greedy",
    "--schedule",
    "cosine",
)
COMMANDS = {
    "recovery": ("--perturb", "kick:at=20,size=1", "--steps", "50", "--no-published"),
    "sensitivity": ("--rates", "3", "--steps", "20"),
    "early": ("--at", "10,100", "--steps", "20"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_text_and_a_whole_directory(lab, name):
    shown = lab.output(name, *SMALLER, *COMMANDS[name], "--out", "out")
    assert "rosenbrock:dim=2,scale=1, noise none, adam" in shown
    tree = lab.tree()
    for path in ("out/manifest.json", "out/result.json", "out/report"):
        assert path in tree
    assert any(path.endswith(".parquet") for path in tree)
    assert not [path for path in tree if path.startswith(".")]


@pytest.mark.parametrize("name", COMMANDS)
def test_one_json_document_and_no_figure(lab, name):
    done = lab(name, *SMALLER, *COMMANDS[name], "--json")
    document = json.loads(done.stdout)
    assert document["cells"][0]["landscape"] == "rosenbrock:dim=2,scale=1"
    assert document["out"].startswith(f"results/{name}-rosenbrock-")
    assert json.loads((lab.directory / document["out"] / "result.json").read_text()) == document
    assert not [path for path in lab.tree() if path.endswith(".png")]


@pytest.mark.parametrize("name", [*COMMANDS, "rank", "ablate", "tune"])
def test_plug_ins_are_known_before_the_request_is_read(answer, tmp_path, name):
    (tmp_path / "mine.py").write_text("1 +")
    done = answer(name, "--landscape", "of-the-plug-in", "--plugin", "mine.py")
    assert_refused(done, "plug-in 'mine.py', line 1 does not import: SyntaxError")


@pytest.mark.parametrize("name", ["optimal-f", "convergence"])
def test_the_theorems_take_no_plug_ins(answer, name):
    assert_refused(answer(name, "--plugin", "mine.py"), "No such option: --plugin")


def test_landscapes_optimizers_and_events_repeat(lab):
    done = lab(
        "recovery", "--landscape", "rosenbrock", "--landscape", "quadratic:dim=2", "--optimizer",
        "sgd", "--optimizer", "adam", "--perturb", "kick:at=9", "--perturb", "reset:at=9",
        "--seeds", "8", "--steps", "30", "--no-published", "--json", "--quiet",
    )  # fmt: skip
    cells = [
        (c["landscape"][:4], c["optimizer"][:4], c["kind"])
        for c in json.loads(done.stdout)["cells"]
    ]
    assert len(cells) == len(set(cells)) == 8
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (("recovery", "--perturb", "kick:at=500"), ("at=500 lies beyond the run",)),
        (("recovery", "--perturb", "kik"), ("did you mean 'kick'",)),
        (("recovery", "--factor", "0.5"), ("factor: 0.5", "[1, inf)")),
        (("sensitivity", "--rates", "2"), ("rates: 2", "odd")),
        (("early", "--at", "ten"), ("at: 'ten'",)),
        ((*RUN, "--perturb", "kick:at=12"), ("at=12 lies beyond the run",)),
    ],
)
def test_a_wrong_request_is_one_line(answer, arguments, parts):
    assert_refused(answer(*arguments), *parts)


def test_a_perturbed_run_and_its_trace_are_the_same_lanes(lab):
    event = ("--perturb", "kick:at=5,size=3")
    lab.output(*RUN, *event, "--out", "out", "--no-tune", "--quiet", "--schedule", "greedy")
    lane = json.loads(lab.output(*TRACE, *event, "--index", "3", "--json"))
    import pyarrow.parquet as pq

    rows = pq.read_table(lab.directory / "out" / "runs" / "00000.parquet").to_pylist()
    assert rows[3]["final"] == lane["final"]
    assert lane["final"] != json.loads(lab.output(*TRACE, "--index", "3", "--json"))["final"]
    assert SMALL[1] == "40"
