"""Many cells in few numbers: how far each schedule's median is from the lowest of its scenario."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.statistics.performance_profile import performance_profile
from reports.page.collect import Results

#: Axes of heat maps, and the words for what they hold.
AXES = {"noise": "noise", "landscape": "landscape", "perturb": "event", "optimizer": "optimizer"}
#: Upper ends of the classes of a heat map; beyond the last is the worst class.
CLASSES = (1.02, 1.2, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0)
#: Factors at which profiles are drawn: 1 to 1,000.
FACTORS = np.concatenate([[1.0], np.geomspace(1.001, 1000.0, 120)])


@dataclass(frozen=True)
class Heat:
    """Schedules by the values of an axis.

    ratio: geometric mean over scenarios of median / lowest median, shape (schedules, values), NaN
    where there is none. lost: scenarios in which the schedule's median diverged; the mean leaves
    them out. scenarios: how many there are of each value. inert: whether the noise acts on nothing
    in all cells of a value.
    """

    axis: str
    schedules: list[str]
    values: list[str]
    ratio: np.ndarray
    lost: np.ndarray
    scenarios: np.ndarray
    inert: np.ndarray

    @property
    def overall(self) -> np.ndarray:
        """Geometric mean over the values, each counted once, shape (schedules,)."""
        with np.errstate(invalid="ignore"):
            return np.array([_geometric_mean(row) for row in self.ratio])


@dataclass(frozen=True)
class Profile:
    """Shares of the problems solved within each of `FACTORS`, shape (schedules, factors)."""

    schedules: list[str]
    shares: np.ndarray
    problems: int


def to_lowest(results: Results) -> np.ndarray:
    """Median / lowest median of the same scenario, for each cell: at least 1, +inf once diverged.

    A lowest median of 0 counts as the smallest positive double. NaN where every schedule of the
    scenario diverged, and where f* is unknown: there is nothing to compare with.
    """
    medians = np.maximum(results.cells["final_p50"], np.finfo(float).tiny)
    lowest = np.full(results.scenario.max() + 1, np.inf)
    np.minimum.at(lowest, results.scenario, medians)
    with np.errstate(invalid="ignore", over="ignore"):
        ratios = medians / lowest[results.scenario]
    return np.where(results.cells["measure"] == "suboptimality", ratios, np.nan)


def heat(results: Results, axis: str, chosen: np.ndarray) -> Heat:
    """How far from the best each schedule is at every value of `axis`, over the chosen cells."""
    cells, ratios = results.cells, to_lowest(results)
    values = [str(v) for v in dict.fromkeys(cells[axis][chosen].tolist())]
    schedules = [s for s in results.schedules if (cells["schedule"][chosen] == s).any()]
    shape = len(schedules), len(values)
    ratio, lost = np.full(shape, np.nan), np.zeros(shape, dtype=int)
    scenarios, inert = np.zeros(shape[1], dtype=int), np.zeros(shape[1], dtype=bool)
    known = chosen & ~np.isnan(ratios)
    for j, value in enumerate(values):
        column = known & (cells[axis].astype(str) == value)
        scenarios[j] = len(np.unique(results.scenario[column]))
        inert[j] = bool(column.any() and cells["inert"][column].all())
        for i, schedule in enumerate(schedules):
            found = ratios[column & (cells["schedule"] == schedule)]
            lost[i, j] = np.isinf(found).sum()
            ratio[i, j] = _geometric_mean(found) if len(found) else np.nan
            if len(found) and lost[i, j] == len(found):
                ratio[i, j] = np.inf
    return Heat(axis, schedules, values, ratio, lost, scenarios, inert)


def profile(results: Results, chosen: np.ndarray) -> Profile | None:
    """Performance profile over the scenarios in which every schedule of the chosen cells ran.

    Of scenarios with known f*; None where there are fewer than two schedules or five of these.
    """
    cells = results.cells
    schedules = [s for s in results.schedules if (cells["schedule"][chosen] == s).any()]
    column = np.array([schedules.index(s) if s in schedules else -1 for s in cells["schedule"]])
    costs = np.full((results.scenario.max() + 1, len(schedules)), np.nan)
    known = chosen & (cells["measure"] == "suboptimality")
    costs[results.scenario[known], column[known]] = cells["final_p50"][known]
    whole = costs[~np.isnan(costs).any(axis=1)]
    if len(schedules) < 2 or len(whole) < 5:
        return None
    return Profile(schedules, performance_profile(whole, FACTORS), len(whole))


def facets(results: Results) -> list[tuple[str, np.ndarray]]:
    """Which cells belong to each channel; first the channel in which noise acts most.

    Channels are never mixed in one mean. Among equals `batch`, the default, comes first.
    """
    channel, inert = results.cells["channel"], results.cells["inert"]
    found = [(str(name), channel == name) for name in dict.fromkeys(channel.tolist())]
    return sorted(found, key=lambda pair: (inert[pair[1]].mean(), pair[0] != "batch"))


def _geometric_mean(ratios: np.ndarray) -> float:
    finite = ratios[np.isfinite(ratios)]
    return float(np.exp(np.log(finite).mean())) if finite.size else float("nan")
