"""Kernels compiled before a pass by several processes: the same code, whatever becomes of these."""

import os
import signal
import sys
import time
import types

import numpy as np
import pytest

from lab.engine import ahead
from lab.engine import native as natives
from lab.engine.abi import vector
from lab.engine.ahead import compile_ahead
from lab.engine.compiler import CompilationError
from lab.engine.native import address_of, at_hand, digest, native

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux")

BODY = "def kernel{0}(p):\n    vector(p, 2)[0] = {0}.0 * vector(p, 2)[1]\n"


def kernel(number: int, body: str = BODY) -> tuple[types.FunctionType, str]:
    namespace = {"vector": vector}
    exec(body.format(number), namespace)
    function = namespace[f"kernel{number}"]
    assert isinstance(function, types.FunctionType)
    return function, "p"


def answers(kernels):
    out = []
    for function, signature in kernels:
        a = np.full(2, 21.0)
        native(function, signature).call(address_of(a))
        out.append(a[0])
    return out


@pytest.fixture
def processes(monkeypatch):
    """Two processes, on any machine, and the numbers of those that were started."""
    started = []
    fork = os.fork

    def counted():
        process = fork()
        started.append(process)
        return process

    monkeypatch.setattr(os, "fork", counted)
    monkeypatch.setattr(ahead, "cores", lambda: 2)
    monkeypatch.setattr(ahead, "_expected", [])
    return started


def in_the_other_process(monkeypatch, act):
    """Have a forked process do `act` in place of compiling, and this one wait for that."""
    here = os.getpid()

    def found(function, signature):
        if os.getpid() != here:
            act()
        time.sleep(0.05)
        return native(function, signature)

    monkeypatch.setattr(ahead, "native", found)


def test_all_is_in_the_cache_under_its_digest(cache, processes):
    kernels = [kernel(number) for number in range(9)]
    compile_ahead([*kernels, *kernels])
    assert len(processes) == 1
    assert {path.name for path in cache.iterdir()} == {digest(*each) for each in kernels}
    assert answers(kernels) == [21.0 * number for number in range(9)]


def test_both_take_part(cache, compiled, processes, monkeypatch):
    here = []
    compile_here = natives._compile
    monkeypatch.setattr(
        natives, "_compile", lambda *given: here.append(given) or compile_here(*given)
    )
    compile_ahead([kernel(number) for number in range(12)])
    assert 0 < len(here) < 12
    assert len(list(cache.iterdir())) == 12


def test_each_is_announced_once_and_nothing_when_all_is_there(cache, compiled, processes):
    kernels = [kernel(number) for number in range(9)]
    compile_ahead(kernels)
    assert sorted(compiled) == [f"kernel{number}" for number in range(9)]
    compiled.clear()
    compile_ahead(kernels)
    assert answers(kernels) == [21.0 * number for number in range(9)]
    assert compiled == []
    assert len(processes) == 1


@pytest.mark.parametrize(
    "act",
    [lambda: os._exit(3), lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: 1 / 0],
    ids=["exit", "killed", "error"],
)
def test_what_an_ended_process_leaves_is_compiled_here(
    act, cache, compiled, processes, monkeypatch, capfd
):
    in_the_other_process(monkeypatch, act)
    kernels = [kernel(number) for number in range(9)]
    compile_ahead(kernels)
    assert answers(kernels) == [21.0 * number for number in range(9)]
    assert capfd.readouterr() == ("", "")


def test_a_process_that_does_not_end_is_ended(cache, processes, monkeypatch):
    monkeypatch.setattr(ahead, "PATIENCE", 0.2)
    in_the_other_process(monkeypatch, lambda: time.sleep(600))
    compile_ahead([kernel(number) for number in range(6)])
    with pytest.raises(ProcessLookupError):
        os.kill(processes[0], 0)


def test_a_kernel_that_cannot_be_compiled_is_named(cache, processes):
    wrong = kernel(5, "def kernel{0}(p):\n    vector(p, 2)[0] = nowhere({0})\n")
    kernels = [wrong, *(kernel(number) for number in range(5))]

    def both():
        compile_ahead(kernels)
        native(*wrong)

    with pytest.raises(CompilationError, match="kernel5"):
        both()


def test_a_cache_that_cannot_be_written_costs_time_alone(cache, processes, monkeypatch):
    monkeypatch.setattr(natives, "_save", lambda *given: None)
    kernels = [kernel(number) for number in range(6)]
    compile_ahead(kernels)
    assert answers(kernels) == [21.0 * number for number in range(6)]


def test_a_few_kernels_are_not_worth_a_process(cache, processes):
    compile_ahead([kernel(number) for number in range(ahead.FEWEST - 1)])
    assert processes == []


def test_what_is_expected_comes_along(cache, processes):
    later = ahead.expected(*kernel(99))
    compile_ahead([kernel(number) for number in range(3)])
    assert at_hand(*later)


def test_nothing_is_compiled_for_what_is_only_expected(cache, processes):
    ahead.expected(*kernel(99))
    compile_ahead([])
    assert not cache.exists()
