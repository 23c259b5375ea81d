"""The cache of kernels removed or damaged while it is in use: between two kernels, between runs."""

import shutil

import numpy as np
import pytest

from experiments.request import make_request
from lab.engine import ahead
from lab.engine import native as natives
from tests.trajectories import different, trajectories

RUN = make_request(
    "quadratic:dim=2", "gaussian", steps=5, schedules=("constant",), optimizer="sgd", tune=False
)
#: Kernels that are still to be loaded when the cache is lost.
LEFT = 2


def remove(cache):
    shutil.rmtree(cache)


def damage(cache):
    for path in cache.iterdir():
        path.write_bytes(b"\x00\xff" * 500)


def shorten(cache):
    for path in cache.iterdir():
        path.write_bytes(path.read_bytes()[:-100])


def obstruct(cache):
    """A file where the directory was."""
    shutil.rmtree(cache)
    cache.write_bytes(b"")


def give_way(cache):
    """Directories in the places of the entries."""
    for path in list(cache.iterdir()):
        path.unlink()
        (path / "below").mkdir(parents=True)


def forget_kernels():
    """Let all be loaded again but the driver, which takes the longest to compile."""
    for key in [key for key in natives._loaded if key[0].__name__ != "drive"]:
        del natives._loaded[key]


LOSSES = (remove, damage, shorten, obstruct, give_way)


@pytest.fixture
def loads(monkeypatch):
    """Keys of the kernels that are loaded, in their order; what was loaded before is forgotten."""
    keys: list[str] = []
    load = natives._load

    def counted(key):
        keys.append(key)
        return load(key)

    monkeypatch.setattr(natives, "_load", counted)
    monkeypatch.setattr(natives, "_loaded", {})
    return keys


@pytest.fixture
def compiled(monkeypatch):
    names: list[str] = []
    monkeypatch.setattr(natives, "_listeners", [names.append])
    return names


@pytest.fixture
def cache(tmp_path, monkeypatch, loads, compiled):
    """A cache that holds what the run needs, and nothing loaded from it yet."""
    # Statistics that another test has imported are not of this run.
    monkeypatch.setattr(ahead, "_expected", [])
    trajectories(RUN)
    cache = tmp_path / "cache"
    cache.mkdir()
    for key in loads:
        shutil.copy(natives.cache_directory() / key, cache)
    monkeypatch.setenv("GREEDYLR_LAB_CACHE", str(cache))
    natives._loaded.clear()
    loads.clear()
    compiled.clear()
    return cache


@pytest.mark.parametrize("lose", LOSSES)
def test_between_two_kernels_of_a_run(lose, cache, loads, compiled, monkeypatch):
    expected = trajectories(RUN)
    assert compiled == []
    forget_kernels()
    loads.clear()
    trajectories(RUN)
    count = len(loads)
    forget_kernels()
    loads.clear()
    load = natives._load

    def losing(key):
        if len(loads) == count - LEFT:
            lose(cache)
        return load(key)

    monkeypatch.setattr(natives, "_load", losing)
    assert different(trajectories(RUN), expected) == []
    assert len(compiled) == LEFT
    # What was compiled again is kept again, whole, where it can be.
    kept = [load(key) is not None for key in loads[-LEFT:]]
    assert kept == [lose in (remove, damage, shorten)] * LEFT


@pytest.mark.parametrize("lose", LOSSES)
def test_between_two_runs_of_a_process(lose, cache, compiled):
    expected = trajectories(RUN)
    lose(cache)
    assert different(trajectories(RUN), expected) == []
    assert compiled == []
    more = make_request(
        "quadratic:dim=2", "gaussian", steps=5, schedules=("constant",), optimizer="momentum",
        tune=False,
    )  # fmt: skip
    found = trajectories(more)
    assert np.isfinite(found.loss).all()
    assert compiled
