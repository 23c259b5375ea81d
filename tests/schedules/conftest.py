import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import cli
from experiments.components import REGISTRIES
from lab.component import Chosen
from lab.schedules import SCHEDULES

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.fixture(scope="session")
def golden_feedback() -> dict[str, np.ndarray]:
    with np.load(GOLDEN / "feedback.npz") as file:
        return dict(file)


@pytest.fixture(scope="session")
def golden_tables() -> dict[str, np.ndarray]:
    with np.load(GOLDEN / "tables.npz") as file:
        return dict(file)


@pytest.fixture(scope="session")
def choose():
    """The schedule that a text means."""
    return SCHEDULES.choose


@pytest.fixture
def answer(tmp_path, monkeypatch, capfd):
    """The `lab` command in an empty directory; its plug-ins are forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    for registry in REGISTRIES.values():
        monkeypatch.setattr(registry, "_added", dict(registry._added))

    def call(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess:
        monkeypatch.setattr(sys, "argv", ["lab", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capfd.readouterr()
        return subprocess.CompletedProcess(arguments, ended.value.code, out, err)

    return call


@pytest.fixture(scope="session")
def plain_replay():
    return run_uncompiled


def run_uncompiled(chosen: Chosen, losses: np.ndarray, lr: float) -> np.ndarray:
    """`replay` of a feedback schedule with its kernel as plain Python; losses (n, series)."""
    resolved = chosen.at(lr, len(losses))
    schedule, values = chosen.component, resolved.values
    width = losses.shape[1]
    fields = {**schedule.kernel_values(values), **schedule.constants(values)}
    for name, state in schedule.state.items():
        initial = state.initial
        if isinstance(initial, str):
            initial = lr if initial == "lr" else values[initial]
        shape = (width,) if state.rows == "scalar" else (state.rows(values), width)
        fields[name] = np.full(shape, float(initial))
    fields["lr"] = np.full(width, lr)
    wanted = schedule.kernel.__code__.co_varnames[: schedule.kernel.__code__.co_argcount]
    out = np.empty_like(losses)
    with np.errstate(all="ignore"):
        for step, row in enumerate(losses):
            fields.update(metric=row.copy(), step=step)
            schedule.kernel(**{name: fields[name] for name in wanted})
            out[step] = fields["lr"]
    return out
