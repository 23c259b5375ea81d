"""The code of a plug-in at work: what it raises and prints is never taken for a result."""

import signal

import pytest

from tests.cli.process import assert_refused

SMALL = ("--landscape", "rosenbrock", "--seeds", "4", "--steps", "8")
RUN = ("run", *SMALL, "--no-tune", "--quiet", "--json", "--plugin", "p.py", "--schedule", "mine")

OPEN = """
import os, sys
import numpy as np
import typer
from lab.component import OpenLoop
class Silent(Exception):
    def __str__(self):
        raise ValueError("no")
def rates(lr, steps, values):
    BODY
    return np.full(steps, lr)
X = OpenLoop(name="mine", summary="s", source="s", rates=rates)
"""
OBJECT = """
import os, sys
from lab.component import PythonSchedule
class Mine:
    def __init__(self, lr):
        self.lr = lr
    def step(self, loss):
        BODY
        return self.lr
X = PythonSchedule(name="mine", summary="s", source="s", factory=Mine)
"""
#: What ends a process, or a command of Typer's, without a word.
ENDS = {
    "sys.exit(0)": "SystemExit: 0",
    "sys.exit(3)": "SystemExit: 3",
    "sys.exit()": "SystemExit",
    "raise typer.Exit(0)": "Exit: 0",
    "raise BrokenPipeError": "BrokenPipeError",
    "raise GeneratorExit": "GeneratorExit",
    "raise BaseException('x')": "BaseException: x",
    "raise Silent": "Silent",
    "raise ValueError": "ValueError",
}


@pytest.fixture
def plugin(tmp_path):
    def write(text, body):
        (tmp_path / "p.py").write_text(text.replace("BODY", body))

    return write


@pytest.mark.parametrize("body", ENDS)
def test_what_a_function_raises_is_an_error_of_its_file(body, plugin, answer, tmp_path):
    plugin(OPEN, body)
    done = answer(*RUN)
    assert_refused(done)
    assert done.stderr == f"lab: plug-in '{tmp_path}/p.py', line 10: {ENDS[body]}\n"
    done = answer("validate", "p.py")
    assert done.returncode == 1
    assert done.stdout.startswith("FAILED  schedule mine: runs; ")
    assert done.stdout.endswith(f"line 10: {ENDS[body]}\n")


def test_a_function_from_elsewhere_that_fails_is_one_of_its_file_too(plugin, answer, tmp_path):
    plugin(OPEN.replace("rates=rates", "rates=len"), "pass")
    done = answer(*RUN)
    assert_refused(done)
    assert done.stderr.startswith(f"lab: plug-in '{tmp_path}/p.py': TypeError: len() takes")


@pytest.mark.parametrize("body", ["sys.exit(0)", "raise GeneratorExit", "raise BrokenPipeError"])
def test_so_is_what_an_object_raises(body, plugin, answer):
    plugin(OBJECT, body)
    done = answer(*RUN)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("lab: schedule 'mine': Mine in lane 0, step 0: step(")
    assert done.stderr.endswith("(p.py line 8)\n")
    done = answer("validate", "p.py")
    assert done.returncode == 1
    assert done.stdout.startswith("FAILED  schedule mine: runs; ")


@pytest.mark.parametrize(
    ("body", "code"), [("raise KeyboardInterrupt", 130), ("raise MemoryError", 1)]
)
def test_an_interrupt_and_little_memory_are_what_they_are(body, code, plugin, answer):
    for text in (OPEN, OBJECT):
        plugin(text, body)
        done = answer(*RUN)
        assert (done.returncode, done.stdout) == (code, "")
        assert "p.py" not in done.stderr


def test_a_plug_in_that_is_being_loaded_can_be_terminated(lab):
    text = "import sys, time\nprint('loading', file=sys.stderr, flush=True)\ntime.sleep(60)\n"
    (lab.directory / "p.py").write_text(text)
    process = lab.start(*RUN)
    assert process.stderr is not None
    assert process.stderr.readline() == "loading\n"
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=60) == ("", "lab: terminated\n")
    assert process.returncode == 143
