"""The `lab` command as a process, and what a refusal looks like."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SMALL = ("--seeds", "40", "--steps", "12")
RUN = ("run", "--landscape", "rosenbrock", "--noise", "spikes", *SMALL)
TRACE = ("trace", "--landscape", "rosenbrock", "--noise", "spikes", *SMALL)


class Lab:
    """The `lab` command, started in an empty directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"}

    def start(self, *arguments: str, **options) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, str(ROOT / "cli.py"), *arguments], cwd=self.directory,
            env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, **options,
        )  # fmt: skip

    def __call__(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess:
        process = self.start(*arguments)
        out, err = process.communicate(stdin, timeout=120)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def output(self, *arguments: str, stdin: str = "") -> str:
        done = self(*arguments, stdin=stdin)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def tree(self) -> list[str]:
        return sorted(str(path.relative_to(self.directory)) for path in self.directory.rglob("*"))


def assert_refused(done: subprocess.CompletedProcess, *parts: str) -> None:
    """Exit 2, nothing on stdout, one line on stderr that holds the parts."""
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if not line.startswith("[")]
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("lab: ")
    for part in parts:
        assert part in lines[0]
