"""What a measurement was made on: processor, instruction set, versions, date."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from experiments.bench import instruction_set
from lab._version import __version__
from lab.engine.workers import cores

PACKAGES = ("numpy", "numba", "llvmlite", "jax", "jaxlib", "torch")


def lines() -> list[str]:
    """A Markdown list."""
    found = [f"greedylr-lab {__version__}", f"Python {sys.version.split()[0]}"]
    for name in PACKAGES:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"{name} absent")
    return [
        f"- date: {dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC",
        f"- processor: {model()}, {cores()} cores at hand, {instruction_set()}",
        f"- system: {platform.system()} {platform.release()}, {platform.machine()}",
        f"- versions: {', '.join(found)}, {compiler()}",
    ]


def model() -> str:
    """The processor's own name, as far as the system tells it."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def compiler() -> str:
    """GCC's version."""
    if shutil.which("gcc") is None:
        return "gcc absent"
    done = subprocess.run(["gcc", "-dumpfullversion"], capture_output=True, text=True)
    return f"gcc {done.stdout.strip()}"
