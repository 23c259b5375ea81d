"""Result directories made of formulas, in the layout of `lab sweep`: nothing is simulated."""

import itertools
import json

import numpy as np

from experiments.rows import BAND_NAMES
from lab.statistics.quantiles import quantiles
from lab.store import marks
from lab.store.tables import parquet_bytes, write_whole

OPTIMIZER = "adam:beta1=0.9,beta2=0.999,eps=1e-08"
#: A name that would run if a page took it for markup.
EVIL = "<script>alert(1)</script>"
LEVELS = np.array([0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95])


def study(
    directory,
    landscapes=("rosenbrock", "quadratic"),
    noises=("none", "gaussian", "spikes"),
    channels=("batch", "metric"),
    strengths=(0.1, 1.0),
    schedules=("greedy", "cosine", "exponential"),
    seeds=20,
    steps=50,
    rows=True,
    bands=12,
    title="A fabricated study",
    final=None,
    **manifest,
):
    """Write a study; `final(cell)` gives the sorted final values of a cell's seeds.

    By default the i-th schedule ends at (i + 1) times a log-uniform sample, so that its median is
    i + 1 times the lowest; in the metric channel open-loop schedules are inert.
    """
    identity = list(itertools.product(channels, landscapes, noises, strengths, schedules))
    names = ("channel", "landscape", "noise", "strength", "schedule")
    cells = [dict(zip(names, values, strict=True)) for values in identity]
    samples = np.array([(final or _final(schedules, seeds))(cell) for cell in cells], dtype=float)
    put(directory, "cells", _cell_columns(cells, samples, steps, len(schedules)))
    if rows:
        put(directory, "runs", _row_columns(cells, samples, steps))
    if bands:
        put(directory, "bands", _band_columns(cells, samples, steps, bands))
    record = {
        "schema": 1, "command": "lab sweep fabricated.toml", "hash": "0123456789", "title": title,
        "complete": True, "completed": [0], "planned": 1, "seconds": 1.5, "started": 1.7e9,
        "request": {"experiment": "sweep", "seeds": seeds, "seed": 0},
        "versions": {"numpy": "2"}, "machine": {"cores": 2},
    } | manifest  # fmt: skip
    write_whole(directory / "manifest.json", json.dumps(record).encode())
    write_whole(marks.path(directory, 0), b"{}")
    return directory


def put(directory, folder, columns, number=0):
    write_whole(directory / folder / f"{number:05d}.parquet", parquet_bytes(columns))


def _final(schedules, seeds):
    base = np.geomspace(0.1, 10.0, seeds)
    return lambda cell: (schedules.index(cell["schedule"]) + 1) * base


def _identity(cells, steps, repeat):
    columns = {name: np.repeat([cell[name] for cell in cells], repeat) for name in cells[0]}
    count = len(cells) * repeat
    return {
        "cell": np.repeat(np.arange(len(cells)), repeat), **columns,
        "steps": np.full(count, steps), "metric_every": np.ones(count, dtype=int),
        "metric": _words("last", count), "perturb": _words("none", count),
        "optimizer": _words(OPTIMIZER, count),
        "lr": np.full(count, 0.01),
    }  # fmt: skip


def _words(word, count):
    return np.full(count, word)


def _cell_columns(cells, samples, steps, group):
    count = len(cells)
    first = np.arange(count) // group * group
    found = quantiles(samples, LEVELS)
    with np.errstate(invalid="ignore"):
        ratio = found[3] / found[3][first]
    ratio[first == np.arange(count)] = np.nan
    inert = [c["channel"] == "metric" and c["noise"] != "none" and c["schedule"] != "greedy"
             for c in cells]  # fmt: skip
    return {
        **_identity(cells, steps, 1),
        "measure": _words("suboptimality", count), "inert": np.array(inert),
        "seeds": np.full(count, samples.shape[1]),
        **{f"final_{name}": row for name, row in zip(BAND_NAMES, found, strict=True)},
        "diverged": np.isinf(samples).mean(axis=1), "reference": first,
        "ratio": ratio, "ratio_low": 0.9 * ratio, "ratio_high": 1.1 * ratio,
        "better": np.where(np.isnan(ratio), np.nan, 0.25),
    }  # fmt: skip


def _row_columns(cells, samples, steps):
    seeds = samples.shape[1]
    return {
        **_identity(cells, steps, seeds), "seed": np.tile(np.arange(seeds), len(cells)),
        "final": samples.ravel(),
    }  # fmt: skip


def _band_columns(cells, samples, steps, count):
    at = np.unique(np.geomspace(1, steps + 1, count).round().astype(int)) - 1
    start = 100.0 ** (1 - at / steps)
    medians = quantiles(samples, 0.5)[:, None] * start
    lr = np.tile(np.append(np.full(len(at) - 1, 0.01), np.nan), len(cells))
    spread = {"p5": 0.1, "p10": 0.2, "p25": 0.5, "p50": 1.0, "p75": 2.0, "p90": 5.0, "p95": 10.0}
    return {
        **_identity(cells, steps, len(at)), "step": np.tile(at, len(cells)),
        **{name: (factor * medians).ravel() for name, factor in spread.items()}, "lr_mean": lr,
    }  # fmt: skip


def published_grid(directory):
    """As many cells as the published grid has in all channels: 8,250."""
    return study(
        directory,
        landscapes=[f"rosenbrock:dim=2,scale={i + 1}" for i in range(11)],
        noises=("none", "gaussian", "periodic-spikes", "spikes", "plateau"),
        channels=("published", "metric", "gradient", "batch", "parameters"),
        strengths=(0.1, 0.3, 0.5, 0.8, 1.0),
        schedules=("greedy", "constant", "linear", "cosine", "cosine-restarts", "exponential"),
        seeds=10,
        steps=200,
        bands=40,
    )
