"""Blocks get shorter where a lane has many coordinates, and nothing else changes by it."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import lab.assembly
from experiments.request import make_request
from lab.engine.abi import BLOCK
from lab.engine.workspace import CACHED_BYTES, block_lanes
from lab.trajectories import Keep
from tests.trajectories import different, trajectories

ROOT = Path(__file__).parents[2]
SCHEDULES = ("greedy:patience=1", "polyak", "armijo", "cosine")


def test_blocks_are_as_long_as_their_rows_fit():
    lengths = {1: 128, 40: 128, 41: 64, 80: 64, 81: 32, 160: 32, 161: 16, 10**6: 16}
    assert {rows: block_lanes(rows) for rows in lengths} == lengths
    assert 40 * BLOCK * 8 == CACHED_BYTES


@pytest.mark.parametrize(
    ("lanes", "landscape", "noise", "channel", "optimizer"),
    [
        (16, "quadratic:dim=9", "spikes:probability=0.3", "batch", "momentum"),
        (16, "least-squares", "plateau:period=5,length=2", "batch", "sgd"),
        (32, "rosenbrock:dim=3", "spikes:probability=0.04", "batch", "adam"),
        (32, "rastrigin:dim=6", "gaussian", "gradient", "adam"),
    ],
)
def test_the_length_of_a_block_changes_nothing(
    lanes, landscape, noise, channel, optimizer, monkeypatch
):
    request = make_request(
        landscape, noise, channel=channel, optimizer=optimizer, schedules=SCHEDULES, steps=21
    )
    expected = trajectories(request, 150, threads=1)
    monkeypatch.setattr(lab.assembly, "block_lanes", lambda rows: lanes)
    assert different(trajectories(request, 150, threads=2), expected) == []


def test_places_and_mean_rates_are_the_same_but_for_order_and_rounding(monkeypatch):
    """Blocks lay places out and sum rates: the former are rearranged, the latter rounded anew."""
    request = make_request("quadratic:dim=5", "spikes", schedules=SCHEDULES, steps=12)
    keep = Keep(places=True, lr_mean=True)
    expected = trajectories(request, 141, keep=keep)
    monkeypatch.setattr(lab.assembly, "block_lanes", lambda rows: 16)
    found = trajectories(request, 141, keep=keep)
    assert found.lr_mean is not None
    assert expected.lr_mean is not None
    np.testing.assert_allclose(found.lr_mean, expected.lr_mean, rtol=1e-14)
    one, other = (
        np.sort(run.places.view(np.uint16), axis=-1)
        for run in (found, expected)
        if run.places is not None
    )
    np.testing.assert_array_equal(one, other)


def compiled(*dimensions: int, cache: Path) -> list[list[str]]:
    """Names of the functions that a new process compiles for a run of each dimension."""
    script = (
        "from lab.engine.native import on_compile\n"
        "from tests.trajectories import run\n"
        "names = []\n"
        "on_compile(names.append)\n"
        f"for dim in {dimensions}:\n"
        "    run(f'quadratic:dim={dim}', 'gaussian', 1, schedules=('cosine',), steps=1)\n"
        "    print(*names)\n"
        "    names.clear()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "GREEDYLR_LAB_CACHE": str(cache)},
    )  # fmt: skip
    return [line.split() for line in done.stdout.split("\n")[:-1]]


def test_a_stage_is_compiled_once_for_each_length_that_is_used(tmp_path):
    few, again, many = compiled(2, 8, 60, cache=tmp_path)
    assert len(few) == len(set(few))
    assert "drive" in few
    assert again == []
    assert sorted(many) == sorted(set(few) - {"drive"})
