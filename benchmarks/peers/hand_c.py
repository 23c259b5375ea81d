"""Hand-written C: `trajectories.c`, built here; results in huge pages, as the laboratory's."""

from __future__ import annotations

import ctypes
import functools
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.peers import Run, Unavailable
from benchmarks.workloads import Inputs
from lab.engine.result_memory import recording
from lab.optimizers.adam import bias_corrections

SAME_DRAWS = True
SOURCE = Path(__file__).with_name("trajectories.c")
FLAGS = ("-O3", "-march=native", "-ffast-math", "-shared", "-fPIC", "-pthread", "-Wno-psabi")
ORDER = ("W1", "W2", "W3", "W4", "W5", "W6")
BETAS = {"beta1": 0.9, "beta2": 0.999}


def prepare(inputs: Inputs, threads: int, stream: str = "PHILOX") -> Run:
    call = library(stream).run
    workload = inputs.workload
    adam = workload.optimizer == "adam"
    table = bias_corrections(BETAS, inputs.steps)["corrections"] if adam else inputs.rates
    table = np.ascontiguousarray(table, dtype=np.float64)
    given = (inputs.start, table, inputs.eigenvalues)
    # Without noise the strength is 0: a draw is made and has no effect.
    strength = 0.0 if workload.silent else workload.strength

    def run() -> tuple[np.ndarray, np.ndarray]:
        loss = recording((inputs.steps + 1, inputs.lanes))
        rate = recording((inputs.steps, inputs.lanes))
        failed = call(
            ORDER.index(workload.name), threads, inputs.steps, inputs.lanes, inputs.seed,
            workload.lr, strength, *(array.ctypes.data for array in (*given, loss, rate)),
        )  # fmt: skip
        assert not failed
        return loss, rate

    return run


@functools.cache
def library(stream: str) -> ctypes.CDLL:
    """The compiled C, with one of its two generators."""
    if shutil.which("gcc") is None:
        raise Unavailable("gcc is not installed")
    folder = Path(tempfile.mkdtemp(prefix="benchmark-c-"))
    try:
        built = folder / "trajectories.so"
        command = ["gcc", *FLAGS, f"-DSTREAM={stream}", str(SOURCE), "-o", str(built), "-lm"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise Unavailable(f"gcc failed: {done.stderr.strip().splitlines()[-1]}")
        found = ctypes.CDLL(str(built))
    finally:
        shutil.rmtree(folder)
    numbers = [ctypes.c_int, ctypes.c_int, ctypes.c_long, ctypes.c_long, ctypes.c_uint64]
    found.run.argtypes = [*numbers, *[ctypes.c_double] * 2, *[ctypes.c_void_p] * 5]
    return found
