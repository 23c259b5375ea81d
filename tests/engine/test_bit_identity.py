"""The same lanes to the last bit, whatever the block, the vectors, the threads, the cuts.

Each way of running is compared by a digest of all series and summaries of several scenarios, which
between them use every kind of draw and of stage. Ways that are fixed when kernels are compiled run
in a process of their own.
"""

import hashlib
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from experiments.request import make_request
from lab.engine import abi
from lab.engine.native import processor
from lab.ensemble import run_ensemble
from tests.trajectories import arrays, trajectories

ROOT = Path(__file__).parents[2]
#: Landscape, noise, channel, optimizer: draws of the metric, of vectors, of the batch, of shapes.
SCENARIOS = (
    ("rosenbrock", "gaussian", "gradient", "adam"),
    ("rastrigin:dim=5", "spikes:probability=0.2", "batch", "momentum"),
    ("ackley:dim=3", "plateau:period=9,length=2", "metric", "sgd"),
    ("least-squares", "student-t", "parameters", "nesterov"),
)
SCHEDULES = (
    "greedy:patience=1,smooth=true,window_size=4",
    "reduce-on-plateau:patience=2",
    "cosine",
)
LANES, STEPS = 150, 37


def requests():
    for landscape, noise, channel, optimizer in SCENARIOS:
        yield make_request(
            landscape, noise, channel=channel, optimizer=optimizer, schedules=SCHEDULES, steps=STEPS
        )


def digest(found) -> str:
    """Digest of all arrays of a simulation with lanes as their last axis."""
    state = hashlib.sha256()
    for name, array in sorted(arrays(found).items()):
        state.update(name.encode())
        # Zeros of either sign are one number.
        state.update((np.ascontiguousarray(array) + 0.0).tobytes())
    return state.hexdigest()


def digests(**options) -> list[str]:
    return [digest(trajectories(request, LANES, **options)) for request in requests()]


@pytest.fixture(scope="module")
def expected() -> list[str]:
    return digests(threads=1)


def elsewhere(block: int, **environment: str) -> list[str]:
    """The digests of a process whose blocks have so many lanes."""
    script = (
        "import lab.engine.abi as abi\n"
        f"abi.BLOCK = {block}\n"
        "from tests.engine.test_bit_identity import digests\n"
        "print(*digests(threads=2), sep='\\n')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip
    return done.stdout.split()


def test_the_digest_tells_lanes_apart(expected):
    assert len(set(expected)) == len(SCENARIOS)
    assert digests(seed=1) != expected


def test_smaller_blocks_and_narrower_vectors_change_nothing(expected):
    """Where the processor has AVX-512: Haswell, with AVX2, fused multiply-add, nothing wider."""
    both = {"+avx512f", "+avx2", "+fma"} <= set(processor()[1].split(","))
    haswell = {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": ""} if both else {}
    assert abi.BLOCK != 32
    assert elsewhere(32, **haswell) == expected


@pytest.mark.parametrize("threads", [2, 3, 8])
def test_the_number_of_threads_changes_nothing(threads, expected):
    assert digests(threads=threads) == expected


@pytest.mark.parametrize("cuts", [(1,), (127, 128, 129), (128,), (64, 100), (149,)])
def test_lanes_run_in_parts_in_any_order_are_the_same(cuts):
    """Tails of 1, 22, 127 and 128 lanes among them; the last part runs first."""
    ends = (0, *cuts, LANES)
    for request in requests():
        parts = {}
        for first, last in reversed([*pairwise(ends)]):
            parts[first] = arrays(trajectories(request, last - first, first_lane=first))
        whole = arrays(trajectories(request, LANES))
        for name, array in whole.items():
            joined = np.concatenate([parts[first][name] for first in sorted(parts)], axis=-1)
            np.testing.assert_array_equal(joined, array)


@pytest.mark.parametrize("piece_bytes", [1, 300_000])
def test_the_pieces_of_an_ensemble_change_nothing(piece_bytes, monkeypatch):
    request = next(requests())
    given = (request.scenario(0.5), request.arms(), STEPS, 700, (0.1, 0.5))
    whole = run_ensemble(*given, threads=1)
    monkeypatch.setattr("lab.ensemble.WIDE_PIECE_BYTES", piece_bytes)
    found = run_ensemble(*given, threads=3)
    np.testing.assert_array_equal(found.bands, whole.bands)
    for name, values in whole.summary.items():
        np.testing.assert_array_equal(found.summary[name], values)
