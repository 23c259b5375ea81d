"""Every block of code on docs/bring-your-own-schedule.md runs and does what the page says."""

import io
import json
import re
import runpy
import shlex
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

import cli
from experiments.components import REGISTRIES, SCHEDULES, add_plugins
from experiments.request import make_request
from lab.errors import RequestError
from lab.replay import replay
from lab.simulation import Arm, Keep, simulate

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "bring-your-own-schedule.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
FILES = {
    match[1]: code
    for language, code in BLOCKS
    if language == "python" and (match := re.match(r"# (\w+\.py)\n", code))
}
SNIPPETS = [code for language, code in BLOCKS if language == "python" and code[:2] != "# "]
COMMANDS = [
    line for language, code in BLOCKS if language == "console" for line in code.splitlines()
]


@pytest.fixture
def page(tmp_path, monkeypatch):
    """A directory with the page's files and those it takes for granted; plug-ins are forgotten."""
    monkeypatch.chdir(tmp_path)
    for registry in REGISTRIES.values():
        monkeypatch.setattr(registry, "_added", dict(registry._added))
    for name, code in FILES.items():
        (tmp_path / name).write_text(code, encoding="utf-8")
    shutil.copy(ROOT / "examples" / "training-log.csv", tmp_path)
    (tmp_path / "rates.txt").write_text("0.01\n" * 200)
    (tmp_path / "my rates.txt").write_text("0.01\n" * 9)
    return tmp_path


def test_there_is_something_to_run():
    assert list(FILES) == [
        "root.py", "average.py", "turning.py", "halving.py", "steady.py", "write_rates.py",
    ]  # fmt: skip
    assert len(SNIPPETS) == 3
    assert len(COMMANDS) == 14


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_runs(command, page, monkeypatch, capfd):
    program, *arguments = shlex.split(command)
    if program == "python":
        (page / "rates.txt").unlink()
        runpy.run_path(arguments[0])
        assert len((page / "rates.txt").read_text().split()) == 200
        return
    assert program == "lab"
    few = ["--seeds", "30", "--no-tune", "--json"] if arguments[0] == "run" else []
    monkeypatch.setattr(sys, "argv", ["lab", *arguments, *few])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out, err = capfd.readouterr()
    assert ended.value.code == 0, err
    assert out
    asked = [arguments[i + 1] for i, word in enumerate(arguments) if word == "--schedule"]
    if arguments[0] == "run":
        assert [entry["schedule"] for entry in json.loads(out)["schedules"]] == asked
    assert ("slow path: Python class" in err) == any("steady" in word for word in arguments)


@pytest.mark.parametrize("code", SNIPPETS, ids=["function", "optax", "torch"])
def test_python_runs(code, page, capsys):
    for module in ("torch", "optax"):
        if f"import {module}" in code:
            pytest.importorskip(module, reason=f"needs {module}: make parity runs it")
    (page / "snippet.py").write_text(code)
    runpy.run_path(str(page / "snippet.py"), run_name="__main__")
    if "print" in code:
        lines = capsys.readouterr().out.splitlines()
        assert [line.split()[1] for line in lines] == ["p50", "greedy", "staircase", "flat"]


def plugged(page, text, losses, lr):
    add_plugins([page / name for name in ("root.py", "average.py", "steady.py")])
    return replay(SCHEDULES.choose(text), losses, lr)


def test_the_formula_is_what_the_page_says(page):
    rates = plugged(page, "root:alpha=3", np.zeros(2), 1.0)
    np.testing.assert_allclose(rates, [0.5, 7.0**-0.5], rtol=1e-15)


def test_the_rule_is_what_the_page_says(page):
    rates = plugged(page, "average:alpha=0.5,factor=0.5", [4.0, 2.0, 4.0, 3.0], 1.0)
    # The averages before each loss: 4, 4, 3, 3.5.
    assert rates.tolist() == [0.5, 1.0, 0.5, 1.0]


def test_the_rule_on_gradients_is_what_the_page_says(page):
    """By hand, on a bowl under sgd: the product of gradient and last step decides."""
    add_plugins([page / "turning.py"])
    lr, x, update, expected = 0.05, 4.0, 0.0, []
    for _ in range(30):
        along = x * update
        lr = lr * 0.5 if along > 0.0 else lr / 0.5 if along < 0.0 else lr
        expected.append(lr)
        update = -lr * x
        x += update
    found = one_lane("quadratic:dim=1,L=1,condition=1", "turning:factor=0.5", 0.05, [4.0])
    np.testing.assert_allclose(found.lr[0, :, 0], expected, rtol=1e-12)
    assert max(expected) > 1.0  # beyond it a step goes too far
    assert (np.diff(expected) < 0.0).any()
    with pytest.raises(RequestError, match="hears the gradient"):
        replay(SCHEDULES.choose("turning"), [1.0, 2.0], 0.1)


def test_the_search_is_what_the_page_says(page):
    """On a bowl of curvature 1 under sgd every rate below 2 lowers the loss, and none above."""
    add_plugins([page / "halving.py"])
    found = one_lane("quadratic:dim=1,L=1,condition=1", "halving", 0.3, [4.0], steps=6)
    assert found.lr[0, :, 0] == pytest.approx([0.6, 1.2, 1.2, 1.2, 1.2, 1.2])
    # One trial in each of the first two steps, two in the others.
    assert found.summary["evaluations"][0, 0] == 2 + 4 * 2


def one_lane(landscape, schedule, lr, start, steps=30):
    """A lane without noise under sgd."""
    request = make_request(landscape, schedules=(schedule,), optimizer="sgd", lr=lr, steps=steps)
    scenario = request.scenario(0.0)
    arms = [Arm(request.schedules[0], request.optimizer, lr)]
    return simulate(scenario, arms, steps, 1, start=start, keep=Keep(lr=True))


def test_the_class_is_what_the_page_says(page):
    rates = plugged(page, "steady:alpha=0.5,window=3", [3.0, 2.0, 9.0, 1.0, 0.5], 1.0)
    # The medians: 3, 2.5, 3, 2, 1.
    assert rates.tolist() == [1.0, 1.0, 0.5, 0.5, 0.5]
