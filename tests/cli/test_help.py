"""Help, lists and descriptions, and how little they load."""

import subprocess
import sys

import pytest

from experiments.components import REGISTRIES
from lab import __version__
from tests.cli.process import ROOT


class TestHelp:
    def test_it_imports_next_to_nothing(self, lab):
        script = (
            "import sys, runpy\n"
            "sys.argv = ['lab', '--help']\n"
            "try:\n    runpy.run_path(r'%s', run_name='__main__')\n"
            "except SystemExit as end:\n    assert not end.code\n"
            "heavy = {'numba', 'llvmlite', 'numpy', 'pandas', 'scipy', 'matplotlib', 'pyarrow',"
            " 'seaborn', 'experiments'}\n"
            "print('heavy:', sorted(heavy & set(sys.modules)))\n"
        ) % (ROOT / "cli.py")
        done = subprocess.run(
            [sys.executable, "-c", script], env=lab.environment, capture_output=True, text=True,
            check=True,
        )  # fmt: skip
        assert done.stdout.splitlines()[-1] == "heavy: []"

    def test_every_command_is_listed_and_has_help(self, answer):
        text = answer("--help").stdout
        for command in ("run", "trace", "replay", "list", "show"):
            assert f"\n  {command} " in text
        assert "--landscape" in answer("run", "--help").stdout

    def test_the_bare_command_shows_help(self, answer):
        assert "Usage: lab" in answer().stdout

    def test_version(self, answer):
        assert answer("--version").stdout == f"lab {__version__}\n"


@pytest.mark.parametrize("kind", ["landscapes", "noises", "channels", "schedules", "optimizers"])
def test_list_names_every_component(kind, answer):
    lines = answer("list", kind).stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(REGISTRIES[kind].all())
    assert all(len(line.split()) > 2 for line in lines)


def test_show_explains_a_component(answer):
    text = answer("show", "landscape", "rosenbrock").stdout
    for part in ("landscape rosenbrock: ", "formula: ", "minimum 0 at", "dim", "source: "):
        assert part in text
    assert "patience" in answer("show", "schedule", "GreedyLR").stdout
