"""Kernels to machine code: once, with every kind of argument, or refused in one line."""

import math
import types

import numpy as np
import pytest

from lab.engine import maths
from lab.engine.abi import vector
from lab.engine.bits import fma
from lab.engine.compiler import CompilationError
from lab.engine.native import address_of, digest, native
from tests.engine.compiling import PROGRAM, ROOT, built, forget, program, value_of


def test_a_kernel_is_compiled_once(cache, compiled, monkeypatch):
    kernel = built()
    first = native(kernel, "p")
    assert native(kernel, "p") is first
    forget(monkeypatch)
    assert value_of(built()) == value_of(kernel)
    assert compiled == ["kernel"]
    assert [path.name for path in cache.iterdir()] == [digest(kernel, "p")]


def test_the_next_process_imports_no_compiler(tmp_path):
    text = PROGRAM + 'import sys\nprint("numba" in sys.modules)\n'
    (tmp_path / "program.py").write_text(text)
    where = {"PYTHONPATH": str(ROOT), "GREEDYLR_LAB_CACHE": str(tmp_path / "cache")}
    assert program(tmp_path, **where) == ["compiled kernel", "42.0", "True"]
    assert program(tmp_path, **where) == ["42.0", "False"]


def raising(p):
    a = vector(p, 4)
    if a[0] > 0.0:
        raise ValueError("no")


def allocating(p):
    a = vector(p, 4)
    b = np.zeros(3)
    a[0] = b[1]


def printing(p):
    print(1.0)  # noqa: T201


def misspelt(p):
    a = vector(p, 4)
    a[0] = squrt(a[1])  # noqa: F821


def lacking(p):
    a = vector(p, 4)
    a[0] = maths.LN3_HI


def nested(p):
    misspelt(p)


@pytest.mark.parametrize(
    ("kernel", "cause"),
    [
        (raising, "must not raise"),
        (allocating, "function zeros"),
        (printing, "must not raise, allocate"),
        (misspelt, "'squrt' is not defined"),
        (lacking, "no attribute 'LN3_HI'"),
        (nested, "'squrt' is not defined"),
    ],
)
def test_what_cannot_stand_alone_is_refused_in_one_line(kernel, cause, cache):
    with pytest.raises(CompilationError) as caught:
        native(kernel, "p")
    message = str(caught.value)
    assert message.startswith(f"kernel {kernel.__name__!r} cannot be compiled: ")
    assert cause in message
    assert "\n" not in message
    assert len(message) < 300
    assert not cache.exists()


def test_the_line_at_fault_is_named(cache):
    with pytest.raises(CompilationError, match=rf"test_native.py line {line_of(allocating) + 2}\b"):
        native(allocating, "p")


def line_of(function: types.FunctionType) -> int:
    return function.__code__.co_firstlineno


def test_mathematics_of_the_c_library_is_allowed(cache):
    def kernel(p):
        a = vector(p, 4)
        a[0] = math.exp(a[1]) + math.sin(a[2])

    assert value_of(kernel, 0.5) == math.exp(0.5) + math.sin(0.5)


def test_every_kind_of_argument_arrives(cache):
    def kernel(floats, integers, number, whole, unsigned):
        a, b = vector(floats, 2), vector(integers, 2)
        a[0] = number
        a[1] = fma(1.0, whole, 0.5)
        b[0] = b[1] + 1
        b[1] = 1 if unsigned == np.uint64(2**64 - 1) else 0

    floats, integers = np.zeros(2), np.array([0, 2**53])
    native(kernel, "pqdlu").call(address_of(floats), address_of(integers), 0.1, -(2**40), 2**64 - 1)
    assert floats.tolist() == [0.1, 0.5 - 2**40]
    assert integers.tolist() == [2**53 + 1, 1]
