"""What happens to a study when it is killed, stopped, crowded out or damaged."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from experiments.study.declaration import read_study
from experiments.study.sweep import run_study
from lab.errors import RequestError
from lab.store import manifest, marks
from tests.experiments.small_study import data

ROOT = Path(__file__).parents[2]
STUDY = """
seeds = 500
[constants]
steps = 40
[axes]
landscape = ["rosenbrock", "quadratic:dim=4", "rastrigin"]
noise = ["none", "gaussian", "spikes", "bursts"]
strength = [0.1, 0.5]
schedule = ["greedy", "cosine"]
"""
#: Takes far longer than any test waits.
LONG = STUDY.replace("seeds = 500", "seeds = 50_000").replace("steps = 40", "steps = 400")


def start(*arguments, cwd, **options) -> subprocess.Popen:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=cwd, env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, **options,
    )  # fmt: skip


def lab(*arguments, cwd, **options) -> subprocess.Popen:
    return start(str(ROOT / "cli.py"), *arguments, cwd=cwd, **options)


def ended(process) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=240)
    return process.returncode, out, err


def complete(directory: Path) -> bool:
    found = manifest.read(directory)
    return found is not None and found["complete"]


@pytest.fixture
def place(tmp_path):
    (tmp_path / "small.toml").write_text(STUDY)
    (tmp_path / "long.toml").write_text(LONG)
    return tmp_path


def test_twenty_kills_in_a_row_end_in_the_same_data(place):
    process = start("-m", "tests.experiments.killing", "small.toml", "killed", "20", "1", cwd=place)
    code, out, err = ended(process)
    assert code == 0, err
    # Most of them met a child that was still at work.
    assert int(out) >= 10
    assert complete(place / "killed")
    assert data(place / "killed") == data(place / "whole")


def wait_for(condition, seconds=240.0):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("sent", "code", "word"), [("SIGINT", 130, "interrupted"), ("SIGTERM", 143, "terminated")]
)
def test_a_signal_ends_the_work_and_keeps_what_is_finished(sent, code, word, place):
    process = lab("sweep", "long.toml", "--out", "out", "--threads", "2", cwd=place)
    wait_for(lambda: list((place / "out").glob("runs/*.part")))
    time.sleep(0.2)
    process.send_signal(getattr(signal, sent))
    found, out, err = ended(process)
    assert (found, out) == (code, "")
    last = err.splitlines()[-1]
    assert last.startswith(f"lab: {word}; ")
    assert last.endswith(" safe, --resume goes on from there")
    assert not complete(place / "out")
    assert not list((place / "out").glob("*/*.part"))


def test_an_interrupted_check_says_what_goes_on(place):
    process = lab("check", "C1", "--out", "out", "--threads", "2", cwd=place)
    wait_for(lambda: list((place / "out").glob("*/runs/*.part")))
    process.send_signal(signal.SIGINT)
    found, _, err = ended(process)
    assert found == 130
    assert err.splitlines()[-1].endswith(" safe, the same command goes on from there")


def test_two_processes_do_not_write_one_directory(place):
    first = lab("sweep", "long.toml", "--out", "out", cwd=place)
    try:
        wait_for(lambda: (place / "out" / "manifest.json").exists())
        code, out, err = ended(lab("sweep", "long.toml", "--out", "out", "--resume", cwd=place))
        assert (code, out) == (2, "")
        assert err == "lab: out: another process is writing 'out'\n"
        assert first.poll() is None, first.stderr.read()
    finally:
        first.kill()
        first.communicate()


def run_here(place, name="out") -> list[str]:
    """The small study in this process; what it logs."""
    lines: list[str] = []
    study = read_study(place / "small.toml")
    run_study(study, place / name, "lab sweep", True, 1, None, (), lines.append)
    return lines


def test_damage_is_told_and_repaired(place):
    run_here(place)
    whole = data(place / "out")
    rows = place / "out" / "runs" / "00000.parquet"
    content = bytearray(rows.read_bytes())
    content[1000] ^= 1
    for damage in (bytes(content), rows.read_bytes()[:-7], b""):
        rows.write_bytes(damage)
        assert "note: damaged on the disk, done again: chunk 0" in run_here(place)
        assert data(place / "out") == whole


@pytest.fixture
def tiny_disk(tmp_path):
    """A file system of four megabytes."""
    mount = shutil.which("mount")
    path = tmp_path / "disk"
    path.mkdir()
    if mount is None or os.getuid() != 0:
        pytest.skip("mounting a small file system needs root")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(path)],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        pytest.skip("mounting is not permitted here")
    yield path
    subprocess.run(["umount", str(path)], check=True)


def test_a_full_disk_is_told_and_overcome(place, tiny_disk):
    (place / "small.toml").write_text(STUDY.replace("seeds = 500", "seeds = 1500"))
    out = tiny_disk / "out"
    ballast = tiny_disk / "ballast"
    ballast.write_bytes(bytes(2_900_000))
    code, printed, err = ended(lab("sweep", "small.toml", "--out", str(out), cwd=place))
    assert (code, printed) == (1, "")
    last = err.splitlines()[-1]
    assert "the disk is full; " in last
    assert last.endswith(" safe, --resume goes on from there")
    assert not complete(out)
    folders = ("runs", "bands", "cells")
    assert all(marks.is_sound(out, number, folders) for number in marks.numbers(out))
    ballast.unlink()
    code, _, err = ended(lab("sweep", "small.toml", "--out", str(out), "--resume", cwd=place))
    assert code == 0, err
    run_here(place, "whole")
    assert data(out) == data(place / "whole")


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"thesis.tex": "x"}, "holds files that are not a result of this laboratory"),
        ({"manifest.json": "{"}, "holds files that are not a result of this laboratory"),
        ({"manifest.json": '{"schema": 1, "hash": "x"}'}, "holds another study (hash x, this"),
        ({"manifest.json": '{"schema": 2, "hash": "x"}'}, "has schema 2, this version of the"),
    ],
)
def test_a_directory_of_something_else_is_refused_and_left_alone(files, says, place):
    for name, content in files.items():
        (place / "out").mkdir(exist_ok=True)
        (place / "out" / name).write_text(content)
    with pytest.raises(RequestError, match=re.escape(says)):
        run_here(place)
    assert {p.name: p.read_text() for p in (place / "out").iterdir()} == files


def test_progress_is_silent_when_asked_and_json_is_alone_on_stdout(place):
    code, out, err = ended(
        lab("sweep", "small.toml", "--out", "out", "--quiet", "--json", cwd=place)
    )
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert document["cells"] == 3 * 4 * 2 * 2
    assert document["rankings"][0]["schedules"][0].keys() >= {"schedule", "below", "above"}
    code, out, err = ended(lab("sweep", "small.toml", "--dry-run", "--json", cwd=place))
    assert code == 0, err
    assert json.loads(out)["lanes"] == 48 * 500
