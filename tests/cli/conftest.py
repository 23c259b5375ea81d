"""The command line in a process of its own, or, where an answer takes no work, in this one."""

import io
import json
import subprocess
import sys

import pytest

import cli
from experiments.components import REGISTRIES
from tests.cli.process import RUN, Lab


@pytest.fixture
def lab(tmp_path):
    return Lab(tmp_path)


@pytest.fixture
def answer(tmp_path, monkeypatch, capsys):
    """The command in this process, for answers that take no work; it forgets its plug-ins."""
    monkeypatch.chdir(tmp_path)
    for registry in REGISTRIES.values():
        monkeypatch.setattr(registry, "_added", dict(registry._added))

    def call(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess:
        monkeypatch.setattr(sys, "argv", ["lab", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, ended.value.code, out, err)

    return call


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """One whole run with its table, its rows and its figure."""
    lab = Lab(tmp_path_factory.mktemp("finished"))
    return lab, lab(*RUN, "--out", "out")


@pytest.fixture(scope="session")
def document(tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("document"))
    done = lab(*RUN, "--json", "--schedule", "cosine", "--schedule", "greedy:patience=2")
    assert done.returncode == 0, done.stderr
    return lab, json.loads(done.stdout)
