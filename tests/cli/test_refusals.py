"""A wrong request: exit 2, one line that names value, allowed and nearest, and nothing left."""

import json

import pytest

from tests.cli.process import RUN, TRACE, assert_refused

REFUSED = {
    "no landscape": (("run",), ("--landscape",)),
    "unknown landscape": (
        ("run", "--landscape", "rosenbrok"),
        ("unknown landscape 'rosenbrok'", "did you mean 'rosenbrock'?", "quadratic"),
    ),
    "wrong key": (
        ("run", "--landscape", "rosenbrock:dimension=3"),
        ("unknown parameter 'dimension'", "allowed: dim, scale"),
    ),
    "wrong type": (
        ("run", "--landscape", "rosenbrock:dim=two"),
        ("dim=two", "allowed: integer in"),
    ),
    "out of range": (
        ("run", "--landscape", "rosenbrock:dim=1"),
        ("dim=1 is not allowed", "[2, 10000]"),
    ),
    "bare name": (("run", "--landscape", "rosenbrock:"), ("expected a key, the text ends",)),
    "empty": (("run", "--landscape", ""), ("expected a name",)),
    "unclosed": (
        (*RUN, "--schedule", "warmup:then=(cosine"),
        ("the bracket after then= is not closed",),
    ),
    "unknown schedule": ((*RUN, "--schedule", "cosin"), ("did you mean 'cosine'?",)),
    "not the same": ((*RUN, "--schedule", "cosine_with_restarts"), ("is not 'cosine-restarts'",)),
    "unknown noise": ((*RUN, "--noise", "spike"), ("did you mean 'spikes'?",)),
    "unknown option": ((*RUN, "--sed", "3"), ("--sed",)),
    "unknown command": (("rum",), ("rum",)),
    "option type": ((*RUN, "--seeds", "many"), ("--seeds", "many")),
    "no seeds": ((*RUN, "--seeds", "0"), ("seeds: 0 is not allowed",)),
    "threads": ((*RUN, "--threads", "0"), ("--threads",)),
    "strength": ((*RUN, "--strength", "0.1,x"), ("strength: '0.1,x' is not allowed",)),
    "negative strength": ((*RUN, "--strength=-1"), ("strength: -1.0 is not allowed",)),
    "strength twice": ((*RUN, "--strength", "0.5,0,0.50"), ("strength: 0.5 is given twice",)),
    "schedule twice": (
        (*RUN, "--schedule", "greedy", "--schedule", "greedy"),
        ("schedule: 'greedy' is given twice",),
    ),
    "rate": ((*RUN, "--lr", "0"), ("lr: 0.0 is not allowed (allowed: (0, inf))",)),
    "missing plug-in": ((*RUN, "--plugin", "none.py"), ("plug-in 'none.py' is not a file",)),
    "kind": (("list", "landscape"), ("unknown kind 'landscape'", "did you mean 'landscapes'?")),
    "show": (("show", "schedule", "adamm"), ("unknown schedule 'adamm'",)),
    "trace index": ((*TRACE, "--index", "40"), ("index: 40 is not allowed (allowed: 0 to 39",)),
    "trace start": ((*TRACE, "--start", "1"), ("start: 1 numbers given",)),
    "replay file": (
        ("replay", "greedy", "--losses", "none.csv"),
        ("'none.csv' cannot be read: No such file",),
    ),
    "replay rate": (("replay", "greedy", "--losses", "-", "--lr", "inf"), ("lr: inf is not",)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_request_is_refused_in_one_line(name, answer, tmp_path):
    arguments, parts = REFUSED[name]
    assert_refused(answer(*arguments), *parts)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["unknown landscape", "unknown option"])
def test_so_it_is_in_a_process_of_its_own(name, lab):
    arguments, parts = REFUSED[name]
    assert_refused(lab(*arguments), *parts)


def test_a_place_that_is_taken_or_cannot_be_written_is_refused(lab, answer):
    (lab.directory / "file").write_text("precious")
    (lab.directory / "mine").mkdir()
    (lab.directory / "mine" / "notes").write_text("precious")
    before = lab.tree()
    assert_refused(answer(*RUN, "--out", "file"), "is a file, a directory is needed")
    assert_refused(answer(*RUN, "--out", "file/out"), "cannot be written")
    assert_refused(answer(*RUN, "--out", "mine"), "not a result of this laboratory")
    assert lab.tree() == before


PLUGIN = """
from lab.component import NoiseModel


def bump(size, strength, step):
    for k in range(size.shape[0]):
        size[k] = {value}


BUMP = NoiseModel(name="bump", summary="a bump", source="here", formula="s", kernel=bump)
"""


def test_a_plug_in_takes_part(lab):
    (lab.directory / "mine.py").write_text(PLUGIN.format(value="strength if step == 3 else 0.0"))
    assert "bump  " in lab.output("list", "noises", "--plugin", "mine.py")
    text = lab.output(*TRACE, "--noise", "bump", "--plugin", "mine.py", "--channel", "metric",
                      "--json")  # fmt: skip
    assert json.loads(text)["term"] == [0.0, 0.0, 0.0, 0.5] + [0.0] * 8


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("1.0 +", ("plug-in 'mine.py', line 7 does not import: SyntaxError",)),
        ("strenght", ("kernel 'bump' cannot be compiled", "'strenght' is not defined")),
        ("sum([1.0, 2.0])", ("kernel 'bump' cannot be compiled",)),
    ],
)
def test_a_broken_plug_in_is_refused_in_one_line(value, parts, lab):
    (lab.directory / "mine.py").write_text(PLUGIN.format(value=value))
    before = lab.tree()
    done = lab(*RUN, "--noise", "bump", "--plugin", "mine.py", "--schedule", "constant")
    assert_refused(done, *parts)
    assert [name for name in lab.tree() if "__pycache__" not in name] == before


@pytest.mark.parametrize("path", ["x" * 3000 + ".py", "file/mine.py"])
def test_a_plug_in_that_no_file_can_be_called_is_refused(path, answer, tmp_path):
    (tmp_path / "file").write_text("")
    assert_refused(answer(*RUN, "--plugin", path), "plug-in ", "cannot be read: ")


EXPERIMENTS = {
    "run": RUN,
    "sweep": ("sweep", "small.toml"),
    "recovery": ("recovery", "--landscape", "rosenbrock"),
    "check": ("check", "C1", "--quick"),
}
SMALL_STUDY = """
seeds = 4
constants = {steps = 4, landscape = "rosenbrock"}
axes = {schedule = ["greedy", "cosine"]}
"""


@pytest.mark.parametrize("command", EXPERIMENTS)
def test_a_directory_that_results_cannot_be_in_is_refused(command, answer, tmp_path):
    (tmp_path / "small.toml").write_text(SMALL_STUDY)
    arguments = EXPERIMENTS[command]
    assert_refused(answer(*arguments, "--out", ""), "out: the path is empty")
    assert_refused(answer(*arguments, "--out", "a\udcffb"), "'a\\udcffb' is not UTF-8 text")
    assert [path.name for path in tmp_path.iterdir()] == ["small.toml"]


def test_a_study_whose_name_results_cannot_hold_is_refused(answer, tmp_path):
    (tmp_path / "a\udcff.toml").write_text(SMALL_STUDY)
    assert_refused(answer("sweep", "a\udcff.toml"), "'a\\udcff.toml' is not UTF-8 text")
    assert len(list(tmp_path.iterdir())) == 1


def test_a_result_that_is_not_there_is_refused(answer):
    assert_refused(answer("query", "nope", "select 1"), "'nope' does not exist")
