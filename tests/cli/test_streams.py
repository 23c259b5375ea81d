"""Standard streams that are closed, full, or lack letters: the result stands all the same."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.process import ROOT

SMALL = ("run", "--landscape", "rosenbrock", "--seeds", "4", "--steps", "8", "--no-tune", "--quiet")
HITS = (
    "recovery", "--landscape", "rosenbrock", "--perturb", "kick:at=3", "--steps", "12",
    "--seeds", "3", "--hold", "2", "--quiet",
)  # fmt: skip
FULL = Path("/dev/full")


def shell(lab, redirected, *arguments):
    """The command in a shell that redirects its streams."""
    command = f'"$@" {redirected}'
    return subprocess.run(
        ["bash", "-c", command, "bash", sys.executable, str(ROOT / "cli.py"), *arguments],
        cwd=lab.directory, env=lab.environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize(
    "arguments", [SMALL, HITS, (*SMALL, "--json")], ids=["run", "recovery", "json"]
)
def test_a_result_outlives_a_reader_that_went_away(lab, arguments):
    done = shell(lab, "| true; exit ${PIPESTATUS[0]}", *arguments, "--out", "out")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads((lab.directory / "out/manifest.json").read_text())["complete"]


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
class TestFull:
    @pytest.mark.parametrize("arguments", [SMALL, HITS], ids=["run", "recovery"])
    def test_a_result_outlives_it(self, lab, arguments):
        done = shell(lab, "> /dev/full", *arguments, "--out", "out")
        self.assert_said(done)
        assert json.loads((lab.directory / "out/manifest.json").read_text())["complete"]

    @pytest.mark.parametrize("unbuffered", ["", "1"])
    @pytest.mark.parametrize(
        "arguments", [("list", "landscapes"), ("--version",), ("run", "--help")]
    )
    def test_it_is_said(self, lab, arguments, unbuffered):
        lab.environment["PYTHONUNBUFFERED"] = unbuffered
        self.assert_said(shell(lab, "> /dev/full", *arguments))

    def assert_said(self, done):
        assert done.returncode == 1
        assert done.stderr == "lab: stdout cannot be written: No space left on device\n"


class TestClosed:
    def test_stdout(self, lab):
        done = shell(lab, ">&-", *SMALL, "--out", "out")
        assert (done.returncode, done.stderr) == (0, "")
        assert (lab.directory / "out/manifest.json").exists()

    def test_stdin(self, lab):
        done = shell(lab, "<&-", "replay", "greedy", "--losses", "-")
        assert (done.returncode, done.stderr) == (2, "lab: losses: '-' is empty\n")

    def test_stderr_takes_nothing_to_stdout(self, lab):
        done = shell(lab, "2>&-", *SMALL[:-1], "--json")
        assert done.returncode == 0
        json.loads(done.stdout)
        done = shell(lab, "2>&-", "list", "nothing")
        assert (done.returncode, done.stdout) == (2, "")


def test_a_name_that_the_terminal_cannot_show_is_written_out(lab):
    lab.environment["PYTHONIOENCODING"] = "ascii"
    assert r"out\u6f22" in lab.output(*SMALL, "--out", "out漢")


def test_an_interrupt_while_the_command_line_is_imported_is_one_line(lab, tmp_path):
    """The import of typer waits until it is interrupted."""
    (tmp_path / "slow").mkdir()
    (tmp_path / "slow/typer.py").write_text("import time\nprint(flush=True)\ntime.sleep(60)\n")
    lab.environment["PYTHONPATH"] = os.pathsep.join([str(tmp_path / "slow"), str(ROOT)])
    process = lab.start("list", "schedules")
    process.stdout.readline()
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "lab: interrupted\n")


class TestPictures:
    """What a user has set for Matplotlib changes no picture of a command."""

    def test_another_backend(self, lab):
        lab.environment["MPLBACKEND"] = "none-such"
        lab.output(*SMALL, "--out", "out")
        assert (lab.directory / "out/report/bands.png").exists()

    def test_settings_in_the_directory(self, lab):
        lab.output(*SMALL, "--out", "plain")
        (lab.directory / "matplotlibrc").write_text("axes.facecolor: red\nfont.size: nonsense\n")
        done = lab(*SMALL, "--out", "out")
        assert (done.returncode, done.stderr) == (0, "")
        for name in ("bands.svg", "bands.png"):
            plain, found = (lab.directory / out / "report" / name for out in ("plain", "out"))
            assert found.read_bytes() == plain.read_bytes()

    def test_letters_that_the_type_lacks(self, lab):
        (lab.directory / "漢.txt").write_text("0.1\n" * 8)
        done = lab(*SMALL, "--out", "out", "--schedule", "table:file='漢.txt'")
        assert (done.returncode, done.stderr) == (0, "")
        assert "漢" in (lab.directory / "out/report/bands.svg").read_text(encoding="utf-8")

    def test_dollar_signs_of_a_name_are_no_mathematics(self, lab):
        (lab.directory / r"x$\frac$.txt").write_text("0.1\n" * 8)
        lab.output(
            *SMALL, "--out", "out", "--schedule", r"table:file='x$\frac$.txt'",
            "--schedule", "greedy", "--strength", "0,0.5",
        )  # fmt: skip
        for name in ("bands-strength-0.svg", "bands-strength-0.5.svg"):
            drawn = (lab.directory / "out/report" / name).read_text(encoding="utf-8")
            assert r"x$\frac$.txt" in drawn
            assert r">$\mathdefault" not in drawn

    def test_the_suffix_may_be_in_capitals(self, lab):
        done = lab.output("show", "landscape", "rosenbrock", "--figure", "x.PNG")
        assert done.splitlines()[-1].split() == ["figure", "x.PNG"]
        assert lab.tree() == ["x.PNG"]
