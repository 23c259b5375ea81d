"""The live display: what it shows of a directory, and that it stays away from logs."""

import io
import sys
import time

import pytest
from rich.console import Console

from experiments.study.declaration import make_study
from lab.store import marks
from reports import live
from tests.reports.fabricate import study

DECLARED = {
    "title": "Ninety cells",
    "axes": {
        "landscape": ["rosenbrock"],
        "noise": ["gaussian", "spikes"],
        "lr": [0.001 * (i + 1) for i in range(15)],
        "schedule": ["greedy", "cosine", "constant"],
    },
}


@pytest.fixture
def declared():
    return make_study("ninety", DECLARED, "ninety")


def shown(progress):
    console = Console(file=io.StringIO(), width=100, force_terminal=True, color_system=None)
    console.print(progress.render())
    return console.file.getvalue()


def test_cells_rate_time_left_and_ranking(declared, tmp_path, monkeypatch):
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0)
    progress = live.Progress(declared, tmp_path, resume=False)
    assert "0 of 90 cells" in shown(progress)
    study(tmp_path)
    progress.look()
    monkeypatch.setattr(time, "monotonic", lambda: 1036.0)
    text = shown(progress)
    assert "Ninety cells: 72 of 90 cells, 36 s, 2 cells/s, about 9 s left" in text
    ranking = [line.split() for line in text.splitlines() if "%" in line]
    assert ranking == [
        ["greedy", "24", "100", "%", "1.00"],
        ["cosine", "24", "0", "%", "2.00"],
        ["exponential", "24", "0", "%", "3.00"],
    ]


def test_what_was_there_before_does_not_count_as_done(declared, tmp_path):
    progress = live.Progress(declared, study(tmp_path), resume=True)
    text = shown(progress)
    assert "72 of 90 cells" in text
    assert "left" not in text


def test_chunks_that_vanish_or_cannot_be_read_are_not_counted(declared, tmp_path):
    progress = live.Progress(declared, study(tmp_path), resume=False)
    progress.look()
    assert progress.finished == 72
    marks.path(tmp_path, 0).unlink()
    progress.look()
    assert progress.finished == 0
    marks.path(tmp_path, 0).write_text("{}")
    (tmp_path / "cells" / "00000.parquet").write_bytes(b"PAR1")
    progress.look()
    assert progress.finished == 0


class Terminal(io.StringIO):
    def isatty(self):
        return True


def used(declared, directory, monkeypatch, stream, quiet=False):
    """What goes to the error stream while a block logs two lines."""
    monkeypatch.setattr(sys, "stderr", stream)
    lines = []
    with live.watched(declared, directory, False, lines.append, quiet) as log:
        log("note: something")
        log("3 of 9 chunks, about 4 s left")
    return lines, stream.getvalue()


def test_a_terminal_gets_the_display_in_place_of_progress_lines(declared, tmp_path, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    lines, text = used(declared, tmp_path, monkeypatch, Terminal())
    assert lines == ["note: something"]
    assert "of 90 cells" in text
    # It clears itself away: the last thing it does is to erase its lines.
    assert text.rstrip().endswith(("\x1b[2K", "\x1b[?25h"))


@pytest.mark.parametrize("case", ["pipe", "quiet", "dumb"])
def test_anything_else_gets_the_log_alone(declared, tmp_path, monkeypatch, case):
    monkeypatch.setenv("TERM", "dumb" if case == "dumb" else "xterm")
    stream = io.StringIO() if case == "pipe" else Terminal()
    lines, text = used(declared, tmp_path, monkeypatch, stream, quiet=case == "quiet")
    assert lines == ["note: something", "3 of 9 chunks, about 4 s left"]
    assert text == ""
