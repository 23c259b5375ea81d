"""The published grid beside the paper's figures: claims C1, C2, C5, C9 and C10, channel by channel.

Computed from the rows of finished studies (`studies/published.toml`, `published-channels.toml`).
A figure pools all lanes of all cells of a schedule, as the paper does; both patiences of GreedyLR
are one schedule there. Cells without noise count three times, because the robustness study ran them
at each of its three strengths. Intervals resample seeds (`lab.statistics.pooled`): all lanes of a
seed together, over all cells.

Source of the figures: GreedyLR, arXiv 2512.14527, robustness study.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments.check.pools import quotient
from experiments.study.ranking import read_table
from lab.engine.workers import cores
from lab.errors import RequestError
from lab.statistics.bootstrap import MedianRatio
from lab.statistics.generator import generator_of
from lab.statistics.interval import Interval
from lab.statistics.pooled import PooledQuantiles, pooled_quantiles

#: The study's schedules, by the component that plays each.
SCHEDULES = {
    "GreedyLR": "greedy-research",
    "cosine": "cosine",
    "restarts": "cosine-restarts",
    "exponential": "exponential",
    "constant": "constant",
}
GREEDY = "GreedyLR"
#: Those that the paper compares GreedyLR with; the constant rate is the laboratory's addition.
RIVALS = ("cosine", "restarts", "exponential")
CHANNELS = ("published", "metric", "gradient", "batch", "parameters")
STRENGTHS = 3

#: Median final loss: all twelve models, and the four analytic ones.
PAPER_MEDIAN = {"GreedyLR": 0.148, "cosine": 0.232, "restarts": 0.226, "exponential": 0.249}
PAPER_ANALYTIC = {"GreedyLR": 3.08, "cosine": 7.96, "restarts": 7.96, "exponential": 36.12}
#: p10, p50 and p90 of the final loss over all twelve models, read from the paper's bands.
PAPER_BAND = {
    "GreedyLR": (0.001, 0.01, 0.1),
    "cosine": (0.01, 0.3, 3.0),
    "restarts": (0.02, 0.25, 2.5),
    "exponential": (1.0, 100.0, 1000.0),
}
#: Success rates; the paper's repository does not say what success is.
PAPER_SUCCESS = "94.8 % against 60.4 %"
PAPER_CLEAN = "-44 % in clean conditions"

LEVELS = (0.1, 0.5, 0.9)
P10, P50, P90 = range(3)
RESAMPLES = 500
#: Thresholds on the final loss that success is shown against.
THRESHOLDS = (0.01, 0.1, 1.0, 10.0)
#: Suboptimality below this is as good as none.
FLOOR = 1e-300


@dataclass(frozen=True)
class Figures:
    """One schedule in one channel.

    band: p10, p50, p90 of the final loss f(x_(T-1)). one_seed: 5 % and 95 % quantile of the median
    over studies of one seed a configuration. early: median loss at the steps kept in the rows.
    noises: median final loss under each noise model. clean: the one under none. ratio: GreedyLR's
    pooled median / this one's; width: GreedyLR's p90 / p10 over this one's; clean_ratio and
    early_ratio: as ratio. success: share of lanes below each threshold; converged: share that falls
    below 1 % of the first loss.
    """

    lanes: int
    band: tuple[Interval, ...]
    one_seed: tuple[float, float]
    early: dict[str, Interval]
    noises: dict[str, Interval]
    success: tuple[float, ...]
    converged: float
    ratio: Interval | None
    width: Interval | None
    early_ratio: dict[str, Interval | None]
    noise_ratio: dict[str, Interval | None]


@dataclass(frozen=True)
class Channel:
    """All schedules in one channel, by name, and how many seeds there are."""

    name: str
    seeds: int
    schedules: dict[str, Figures]


@dataclass(frozen=True)
class _Lanes:
    """Lanes of one channel: arrays of shape (cells, seeds), and what the cells are."""

    schedule: np.ndarray
    noise: np.ndarray
    scenario: np.ndarray
    columns: dict[str, np.ndarray]


def read_published(directories: Sequence[Path], threads: int | None = None) -> list[Channel]:
    """The figures of every channel that the directories hold.

    Raises
    ------
    RequestError
        A directory holds no rows of the published grid.
    """
    found: list[Channel] = []
    for directory in directories:
        cells = read_table(directory, "cells")
        for channel in dict.fromkeys(cells["channel"]):
            lanes = _read(directory, cells, channel)
            found.append(_figures(str(channel), lanes, threads or cores()))
    order = {name: i for i, name in enumerate(CHANNELS)}
    return sorted(found, key=lambda c: order.get(c.name, len(order)))


def _read(directory: Path, cells: Mapping[str, np.ndarray], channel: str) -> _Lanes:
    """The lanes of one channel."""
    component = np.array([text.split(":")[0] for text in cells["parameters"]])
    mine = (cells["channel"] == channel) & np.isin(component, list(SCHEDULES.values()))
    missing = [name for name, of in SCHEDULES.items() if name != "constant" and of not in component]
    if missing or not mine.any():
        raise RequestError(f"{str(directory)!r} is not the published grid: no {', '.join(missing)}")
    chosen = np.flatnonzero(mine)
    seeds = int(cells["seeds"][chosen[0]])
    numbers = {int(cells["cell"][i]): row for row, i in enumerate(chosen)}
    columns = _rows(directory, numbers, seeds)
    scenario = [
        f"{cells['landscape'][i]} {cells['noise'][i]} {cells['strength'][i]}" for i in chosen
    ]
    return _Lanes(component[chosen], cells["noise"][chosen], np.array(scenario), columns)


def _rows(directory: Path, numbers: Mapping[int, int], seeds: int) -> dict[str, np.ndarray]:
    """Columns of the rows of some cells, shape (cells, seeds)."""
    rows = read_table(directory, "runs")
    wanted = [n for n in rows if n in ("last", "converged") or n.startswith("loss_")]
    row = np.array([numbers.get(int(cell), -1) for cell in range(int(rows["cell"].max()) + 1)])
    place = row[rows["cell"]]
    kept = place >= 0
    out = {}
    for name in wanted:
        out[name] = np.empty((len(numbers), seeds), dtype=rows[name].dtype)
        out[name][place[kept], rows["seed"][kept]] = rows[name][kept]
    return out


def _figures(channel: str, lanes: _Lanes, threads: int) -> Channel:
    """All figures of one channel; the pools are independent of each other."""
    early = sorted((n for n in lanes.columns if n.startswith("loss_")), key=lambda n: int(n[5:]))
    noises = list(dict.fromkeys(lanes.noise))
    names = [name for name, of in SCHEDULES.items() if (lanes.schedule == of).any()]
    tasks: dict[tuple[str, str], Callable[[], PooledQuantiles]] = {}
    for name in names:
        mine = lanes.schedule == SCHEDULES[name]
        for column in ("last", *early):
            tasks[name, column] = _pooling(lanes, column, mine)
        for noise in noises:
            tasks[name, noise] = _pooling(lanes, "last", mine & (lanes.noise == noise))
    with ThreadPoolExecutor(threads) as pool:
        found = dict(zip(tasks, pool.map(lambda task: task(), tasks.values()), strict=True))

    def against(name: str, what: str) -> Interval | None:
        pair = found[GREEDY, what], found[name, what]
        return None if name == GREEDY else quotient(pair[0], P50, pair[1], P50).interval()

    figures = {}
    for name in names:
        mine = lanes.schedule == SCHEDULES[name]
        last = _weighted(lanes, "last", mine)
        figures[name] = Figures(
            last.size,
            tuple(_interval(found[name, "last"], level) for level in (P10, P50, P90)),
            _one_seed(lanes, mine),
            {column: _interval(found[name, column], P50) for column in early},
            {noise: _interval(found[name, noise], P50) for noise in noises},
            tuple(float((last < threshold).mean()) for threshold in THRESHOLDS),
            float((_weighted(lanes, "converged", mine) >= 0).mean()),
            against(name, "last"),
            None if name == GREEDY else _widths(found[GREEDY, "last"], found[name, "last"]),
            {column: against(name, column) for column in early},
            {noise: against(name, noise) for noise in noises},
        )
    seeds = next(iter(lanes.columns.values())).shape[1]
    return Channel(channel, seeds, figures)


def _weighted(lanes: _Lanes, column: str, mine: np.ndarray) -> np.ndarray:
    """The lanes of some cells, those without noise three times."""
    times = np.where(lanes.noise[mine] == "none", STRENGTHS, 1)
    return np.repeat(lanes.columns[column][mine], times, axis=0)


def _pooling(lanes: _Lanes, column: str, mine: np.ndarray) -> Callable[[], PooledQuantiles]:
    def task() -> PooledQuantiles:
        values = np.maximum(_weighted(lanes, column, mine), FLOOR)
        return pooled_quantiles(values, LEVELS, RESAMPLES)

    return task


def _interval(found: PooledQuantiles, level: int) -> Interval:
    """A quantile of a pool with its interval."""
    ratio = MedianRatio(float(found.estimates[level]), found.replicates[level], found.seeds, "")
    return ratio.interval()


def _widths(above: PooledQuantiles, below: PooledQuantiles) -> Interval:
    """Ratio of two bands' widths p90 / p10."""
    with np.errstate(divide="ignore", invalid="ignore"):
        one, two = (f.estimates[P90] / f.estimates[P10] for f in (above, below))
        replicates = [f.replicates[P90] / f.replicates[P10] for f in (above, below)]
        return MedianRatio(
            float(one / two), replicates[0] / replicates[1], above.seeds, ""
        ).interval()


def _one_seed(lanes: _Lanes, mine: np.ndarray) -> tuple[float, float]:
    """Where nine in ten studies of one seed a configuration have their median.

    Every scenario gets seeds of its own, the same for all its schedules, as if each had been run
    from a start of its own.
    """
    generator = generator_of(0, 0)
    seeds = lanes.columns["last"].shape[1]
    order = {scenario: generator.permutation(seeds) for scenario in dict.fromkeys(lanes.scenario)}
    values = lanes.columns["last"][mine]
    shuffled = np.stack(
        [row[order[of]] for row, of in zip(values, lanes.scenario[mine], strict=True)]
    )
    times = np.where(lanes.noise[mine] == "none", STRENGTHS, 1)
    medians = np.median(np.repeat(shuffled, times, axis=0), axis=0)
    low, high = np.quantile(medians, (0.05, 0.95))
    return float(low), float(high)
