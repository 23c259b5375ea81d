"""The best F of Algorithm 1, against 1 - 1/L_max (GreedyLR, arXiv 2512.14527, theorem A.2).

Algorithm 1 (greedy-simple, sgd) descends f_t = 1/2 sum lambda_j (x_j - s xi_j)^2 with every F of a
grid, from paired starts, initial rates and jitters. The score of a seed is the mean over the last
10 % of the steps of log10(gap / gap_0), each clipped to [-250, 30]; +30 where the lane diverged.
The best F is the one with the lowest median score.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from experiments.components import CHANNELS, LANDSCAPES, NOISES, OPTIMIZERS, SCHEDULES
from experiments.optimal_f.cells import FACTORS, Cell, Clamp, OptimalF
from lab.engine.abi import BLOCK
from lab.memory import require
from lab.simulation import Arm, Keep, Scenario, Spread, simulate
from lab.spec import Spec
from lab.statistics.half_samples import half_sample_medians
from lab.statistics.median import median_interval
from lab.statistics.quantiles import quantiles

#: Range of log10(gap / gap_0): what lies beyond is as good as 0, or as bad as lost.
LOWEST, HIGHEST = -250.0, 30.0
#: Decades over which the initial rates of the seeds spread.
DECADES = 1.0
#: Factors within so many decades of the best one's score form the plateau.
PLATEAU = 0.1
RESAMPLES = 1000
LEVELS = (0.025, 0.975)
#: Seeds of the runs that an estimate of the time rests on.
TRIAL = 2 * BLOCK
#: Losses held at a time.
BUFFER_BYTES = 128 * 2**20


@dataclass(frozen=True)
class CellResult:
    """One cell's answer.

    score, diverged: median score and share of diverged lanes of each of `FACTORS`; intervals: 95 %
    of each median, shape (factors, 2). best: the F of the lowest median score, the middle one where
    several share it (`tied` says how many); best_interval: 95 % of it by resampling the seeds, with
    all that share the lowest score. plateau: all F within `PLATEAU` decades. paper: 1 - 1/L;
    regret: decades by which its score lies above the best, with interval; None where 1 - 1/L is no
    factor.
    """

    cell: Cell
    score: np.ndarray
    intervals: np.ndarray
    diverged: np.ndarray
    best: float
    best_interval: tuple[float, float]
    tied: int
    plateau: tuple[float, ...]
    paper: float
    regret: float | None
    regret_interval: tuple[float, float] | None

    @property
    def at_edge(self) -> bool:
        """Whether a better F may lie beyond the grid."""
        return self.best in (FACTORS[0], FACTORS[-1])

    @property
    def hits(self) -> bool:
        """Whether 1 - 1/L may be as good as the best F.

        It lies in the interval of the best F, which alone says little where that spans a gap
        between factors that share the lowest score; and its regret may be that of the plateau.
        """
        if self.regret_interval is None or self.regret_interval[0] > PLATEAU:
            return False
        return self.best_interval[0] <= self.paper <= self.best_interval[1]


Progress = Callable[[str], None]


def run_cells(
    request: OptimalF, threads: int | None = None, progress: Progress = lambda text: None
) -> list[CellResult]:
    """Every cell of the request, in its order."""
    found: dict[Cell, CellResult] = {}
    passes = _passes(request)
    for number, cells in enumerate(passes):
        if number % 8 == 0:
            progress(f"pass {number + 1} of {len(passes)}: {_words(cells[0])}")
        found.update(_run_pass(cells, request.seeds, request.seed, threads))
    return [found[cell] for cell in request.cells]


def estimate_seconds(request: OptimalF, threads: int | None = None) -> float:
    """Wall time of `run_cells`, from one block of lanes of the first and of the last pass."""
    passes = _passes(request)
    tried = (passes[0], passes[-1])
    for cells in tried:
        _run_pass(cells, BLOCK, request.seed, threads)  # compiles
    begun = time.perf_counter()
    for cells in tried:
        _run_pass(cells, TRIAL, request.seed, threads)
    taken = time.perf_counter() - begun
    return taken / len(tried) * len(passes) * request.seeds / TRIAL


def paper_factor(L: float) -> float:
    """F = 1 - 1/L_max, the theorem's."""
    return 1.0 - 1.0 / L


def factors(L: float) -> tuple[float, ...]:
    """The grid, and the theorem's F after it where it is a factor that the grid lacks."""
    paper = paper_factor(L)
    return FACTORS if paper <= 0.0 or paper in FACTORS else (*FACTORS, paper)


def scores_of(losses: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Scores of lanes: `losses` (..., steps, lanes) against `first` (..., lanes).

    A lane that is lost has an infinite loss and the worst score, never the best; one that is
    exactly at the minimum has log10 0, the lowest score.
    """
    with np.errstate(divide="ignore", invalid="ignore", under="ignore"):
        decades = np.log10(losses / first[..., None, :])
    decades[np.isnan(decades)] = HIGHEST
    return np.clip(decades, LOWEST, HIGHEST).mean(axis=-2)


def window(steps: int) -> range:
    """The last 10 % of the steps (one at least) of a run of so many."""
    return range(steps - max(1, round(steps / 10)), steps)


def landscape_of(cell: Cell) -> Spec:
    """The jittered quadratic of a cell."""
    return Spec(
        "jittered-quadratic",
        {
            "dim": str(cell.dim), "condition": repr(cell.condition), "L": repr(cell.L),
            "jitter": repr(cell.strength),
        },
    )  # fmt: skip


def scenario_of(landscape: Spec) -> Scenario:
    """A landscape without any noise but its own."""
    return Scenario(
        LANDSCAPES.choose(landscape), NOISES.choose("none"), CHANNELS.choose("batch"), 0.0
    )


def arm_of(F: float, lr: float, clamp: Clamp, L: float) -> Arm:
    """Algorithm 1 with one F."""
    low, high = clamp.at(L)
    values = {"F": repr(F), "min_lr": repr(low), "max_lr": repr(high)}
    return Arm(SCHEDULES.choose(Spec("greedy-simple", values)), OPTIMIZERS.choose("sgd"), lr)


def _words(cell: Cell) -> str:
    return f"d = {cell.dim}, s = {cell.strength:g}, clamp {cell.clamp.text}, L = {cell.L:g}"


def _passes(request: OptimalF) -> list[list[Cell]]:
    """Cells that one simulation covers: they differ in the initial rate and the steps alone."""
    groups: dict[tuple, list[Cell]] = {}
    for cell in request.cells:
        key = (cell.dim, cell.condition, cell.strength, cell.clamp, cell.L)
        groups.setdefault(key, []).append(cell)
    return list(groups.values())


def _run_pass(
    cells: list[Cell], seeds: int, seed: int, threads: int | None
) -> dict[Cell, CellResult]:
    return {
        cell: _result(cell, scores, diverged, seed)
        for cell, scores, diverged in _scores(cells, seeds, seed, threads)
    }


def _scores(
    cells: list[Cell], seeds: int, seed: int, threads: int | None
) -> Iterator[tuple[Cell, np.ndarray, np.ndarray]]:
    """Scores and divergence steps, shape (factors, seeds), of every cell of one pass."""
    first = cells[0]
    tried = factors(first.L)
    low, high = first.clamp.at(first.L)
    rates = list(dict.fromkeys(cell.rate for cell in cells))
    arms = [arm_of(F, rate.at(first.L), first.clamp, first.L) for rate in rates for F in tried]
    lengths = sorted({cell.steps for cell in cells})
    at = sorted({0}.union(*(window(steps) for steps in lengths)))
    require(
        8.0 * (len(lengths) + 1) * len(arms) * seeds,
        f"{seeds:,} seeds of {len(arms)} arms", "take fewer seeds",
    )  # fmt: skip
    scores = {steps: np.empty((len(arms), seeds)) for steps in lengths}
    diverged = np.empty((len(arms), seeds))
    chunk = max(1, BUFFER_BYTES // (8 * len(at) * len(arms) * BLOCK)) * BLOCK
    for begin in range(0, seeds, chunk):
        part = slice(begin, min(begin + chunk, seeds))
        found = simulate(
            scenario_of(landscape_of(first)), arms, lengths[-1], part.stop - begin,
            seed=seed, first_lane=begin, keep=Keep(lr_mean=False, loss_at=tuple(at)),
            spread=Spread(DECADES, low, high), threads=threads,
        )  # fmt: skip
        assert found.loss is not None
        diverged[:, part] = found.summary["diverged"]
        for steps in lengths:
            rows = np.searchsorted(at, window(steps))
            scores[steps][:, part] = scores_of(found.loss[:, rows], found.loss[:, 0])
    for cell in cells:
        place = rates.index(cell.rate) * len(tried)
        mine = slice(place, place + len(tried))
        yield cell, scores[cell.steps][mine], diverged[mine]


def _result(cell: Cell, scores: np.ndarray, diverged: np.ndarray, seed: int) -> CellResult:
    """From scores (factors, seeds) to the cell's answer."""
    count = len(FACTORS)
    medians = quantiles(scores, 0.5)
    halves = half_sample_medians(scores, RESAMPLES, seed)
    ends = [median_interval(row) for row in scores[:count]]
    lowest = float(medians[:count].min())
    tied = np.flatnonzero(medians[:count] == lowest)
    paper = paper_factor(cell.L)
    tried = factors(cell.L)
    regret, regret_interval = None, None
    if paper in tried:
        column = tried.index(paper)
        losses = halves[:, column] - halves[:, :count].min(axis=1)
        regret = float(medians[column] - lowest)
        low, high = quantiles(losses, LEVELS)
        regret_interval = (float(low), float(high))
    return CellResult(
        cell,
        medians[:count],
        np.array([(end.low, end.high) for end in ends], dtype=np.float64),
        np.mean(diverged[:count] <= cell.steps, axis=1),
        FACTORS[tied[len(tied) // 2]],
        _best_interval(halves[:, :count]),
        len(tied),
        tuple(F for F, m in zip(FACTORS, medians[:count], strict=True) if m <= lowest + PLATEAU),
        paper,
        regret,
        regret_interval,
    )


def _best_interval(halves: np.ndarray) -> tuple[float, float]:
    """95 % of the best F over halves of the seeds (halves, factors), ties at their whole width."""
    lowest = halves == halves.min(axis=1, keepdims=True)
    first = lowest.argmax(axis=1)
    last = halves.shape[1] - 1 - lowest[:, ::-1].argmax(axis=1)
    low = np.quantile(first, LEVELS[0], method="inverted_cdf")
    high = np.quantile(last, LEVELS[1], method="inverted_cdf")
    return FACTORS[int(low)], FACTORS[int(high)]
