"""The code of a plug-in at work: what it raises and prints is never taken for a result."""

import json
import signal
import sys

import pytest

from lab import run as run_from_python
from lab.component import PythonSchedule
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


ASYNC = {
    "rates": (OPEN, 2, "plug-in 'p.py': schedule 'mine': rates must not be async"),
    "step": (OBJECT, 1, "schedule 'mine': Mine in lane 0: has a step that is async"),
}


@pytest.mark.parametrize("name", ASYNC)
def test_what_has_to_be_waited_for_is_refused(name, lab):
    text, code, line = ASYNC[name]
    (lab.directory / "p.py").write_text(
        text.replace(f"def {name}", f"async def {name}").replace("BODY", "pass")
    )
    done = lab(*RUN)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", f"lab: {line}\n")


COMMANDS = {
    "run": RUN,
    "run of several blocks": (*RUN, "--seeds", "300", "--threads", "2"),
    "trace": ("trace", *SMALL, "--json", "--plugin", "p.py", "--schedule", "mine"),
    "replay": ("replay", "mine", "--losses", "-", "--json", "--plugin", "p.py"),
}


@pytest.mark.parametrize(
    "text", [OPEN, OBJECT, OBJECT.replace("self.lr = lr", "self.lr = lr; BODY")]
)
@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_plug_in_prints_is_no_result(command, text, plugin, answer):
    plugin(text, "print('heard')")
    done = answer(*COMMANDS[command], stdin="3\n2\n")
    assert done.returncode == 0, done.stderr
    json.loads(done.stdout)
    assert "heard\n" in done.stderr


def test_nor_what_its_declaration_prints_when_it_is_looked_at(plugin, answer):
    plugin(OPEN.replace("rates=rates", "rates=rates, rule=lambda values: print('heard')"), "pass")
    done = answer(*RUN)
    assert done.returncode == 0, done.stderr
    json.loads(done.stdout)
    assert done.stderr.startswith("heard\n")


def test_a_study_of_many_threads_has_its_stdout_back(plugin, answer, tmp_path):
    plugin(OBJECT, "print('heard')")
    (tmp_path / "study.toml").write_text(
        'seeds = 8\n[constants]\nsteps = 8\nlandscape = "rosenbrock"\n'
        '[axes]\nschedule = ["mine", "greedy"]\nlr = [0.01, 0.02, 0.03, 0.04]\n'
    )
    done = answer("sweep", "study.toml", "--plugin", "p.py", "--json", "--quiet", "--threads", "4")
    assert done.returncode == 0, done.stderr
    json.loads(done.stdout)


def test_what_a_script_hands_over_prints_where_the_script_does(capsys):
    class Loud:
        def __init__(self, lr):
            self.lr = lr

        def step(self, loss):
            sys.stdout.write("heard\n")
            return self.lr

    loud = PythonSchedule(name="loud", summary="", source="", factory=Loud)
    run_from_python("rosenbrock", schedules=[loud], seeds=2, steps=2, tune=False)
    assert capsys.readouterr().out.count("heard\n") == 4
