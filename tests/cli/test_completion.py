"""The TAB key: names of components, in three shells, without loading the components."""

import json
import shutil
import subprocess
import sys

import pytest

from experiments.components import REGISTRIES
from reports.commands import completion
from tests.cli.process import ROOT

#: How each shell asks: its program's variables for the words before the TAB, the last one begun.
ASK = {
    "bash": lambda words: {"COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)},
    "zsh": lambda words: {"_TYPER_COMPLETE_ARGS": " ".join(words)},
    "fish": lambda words: {
        "_TYPER_COMPLETE_ARGS": " ".join(words), "_TYPER_COMPLETE_FISH_ACTION": "get-args"
    },
}  # fmt: skip


def complete(lab, shell, *words, options=()):
    return subprocess.run(
        [sys.executable, *options, str(ROOT / "cli.py")], capture_output=True, text=True,
        cwd=lab.directory, check=False,
        env={
            **lab.environment, "_LAB_COMPLETE": f"complete_{shell}", **ASK[shell](("lab", *words))
        },
    )  # fmt: skip


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """A cache of the test's own, empty at first."""
    monkeypatch.setenv("GREEDYLR_LAB_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("shell", ASK)
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("run", "--landscape", "rast"), {"rastrigin"}),
        (("run", "--schedule", "cosine-"), {"cosine-restarts"}),
        (("trace", "--optimizer", "ada"), {"adagrad", "adam", "adamw"}),
        (("show", "noise", "gaus"), {"gaussian"}),
        (("list", "sch"), {"schedules"}),
    ],
)
def test_names_are_offered(shell, words, expected, lab):
    text = complete(lab, shell, *words).stdout
    for name in expected:
        assert name in text
    assert "greedy" not in text


def test_the_second_time_nothing_heavy_is_loaded(lab):
    assert "rastrigin" in complete(lab, "bash", "run", "--landscape", "rast").stdout
    done = complete(lab, "bash", "run", "--landscape", "rast", options=("-X", "importtime"))
    assert done.stdout.strip() == "rastrigin"
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert not loaded & {"numpy", "llvmlite", "numba", "experiments", "pyarrow", "landscapes"}


def test_what_is_kept_is_what_there_is():
    for kind, registry in REGISTRIES.items():
        assert completion.names(kind) == list(registry.all())
        assert completion.names(kind) == list(registry.all())


def test_a_new_file_is_seen_and_a_broken_cache_is_no_matter(tmp_path, monkeypatch):
    before = completion._state()
    completion.names("noises")
    (file,) = (tmp_path / "cache").glob("names-*.json")
    file.write_text("{")
    assert "gaussian" in completion.names("noises")
    assert json.loads(file.read_text())["noises"]
    copy = tmp_path / "root"
    for folder in completion.FOLDERS.values():
        shutil.copytree(completion.ROOT / folder, copy / folder, dirs_exist_ok=True)
    monkeypatch.setattr(completion, "ROOT", copy)
    old = completion._state()
    (copy / "noise" / "new.py").write_text("")
    assert len({before, old, completion._state()}) == 3


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_each_shell(shell, lab):
    done = subprocess.run(
        [sys.executable, str(ROOT / "cli.py")], capture_output=True, text=True, check=True,
        cwd=lab.directory, env={**lab.environment, "_LAB_COMPLETE": f"source_{shell}"},
    )  # fmt: skip
    assert "_LAB_COMPLETE" in done.stdout
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed: its script is not tried")
    script = lab.directory / f"lab.{shell}"
    script.write_text(done.stdout)
    subprocess.run([program, "-n", str(script)], check=True)
