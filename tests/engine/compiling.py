"""A kernel from a source text, and a process that compiles one."""

import os
import subprocess
import sys
import types
from pathlib import Path

import numpy as np

from lab.engine import native as natives
from lab.engine.abi import vector
from lab.engine.bits import fma
from lab.engine.native import address_of, native

ROOT = Path(__file__).parents[2]

KERNEL = """
FACTOR = 2.0
TABLE = (1.0, 2.0)
ARRAY = np.arange(2000.0)

def inner(x):
    return x + 1.0

def helper(x, bias=0.5):
    return inner(x) + bias

def kernel(p):
    a = vector(p, 4)
    a[0] = FACTOR * helper(a[1]) + TABLE[1] + ARRAY[1000] + settings.OFFSET
"""

PROGRAM = """
import numpy as np
from lab.engine.native import address_of, native, on_compile
from lab.engine.abi import vector

def kernel(p):
    a = vector(p, 2)
    a[0] = 2.0 * a[1]

on_compile(lambda name: print("compiled", name))
a = np.full(2, 21.0)
native(kernel, "p").call(address_of(a))
print(a[0])
"""


def built(text: str = KERNEL, offset: float = 0.25) -> types.FunctionType:
    """The kernel of a source text, with a module `settings` in reach."""
    settings = types.ModuleType("settings")
    settings.OFFSET = offset  # type: ignore[attr-defined]
    namespace = {"vector": vector, "np": np, "fma": fma, "settings": settings}
    exec(text, namespace)
    kernel = namespace["kernel"]
    assert isinstance(kernel, types.FunctionType)
    return kernel


def replaced(old: str, new: str) -> types.FunctionType:
    assert KERNEL.count(old) == 1
    return built(KERNEL.replace(old, new))


def forget(monkeypatch) -> None:
    monkeypatch.setattr(natives, "_loaded", {})


def value_of(kernel: types.FunctionType, start: float = 3.0) -> float:
    a = np.full(4, start)
    native(kernel, "p").call(address_of(a))
    return float(a[0])


def program(directory: Path, **environment: str) -> list[str]:
    """Lines of `program.py` of a directory, run in a process of its own."""
    done = subprocess.run(
        [sys.executable, "program.py"], cwd=directory, env={**os.environ, **environment},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.split("\n")[:-1]
