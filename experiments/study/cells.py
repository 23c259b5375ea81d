"""What a study says of every cell: quantiles over its lanes, and how it compares."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from experiments.comparison import LEVELS
from experiments.rows import BAND_NAMES
from experiments.study.declaration import Group, Study
from experiments.study.lanes import horizon
from lab.counts import counted_quantiles
from lab.distribution import Distribution
from lab.ensemble import Piece
from lab.statistics.bootstrap import median_ratios
from lab.statistics.interval import Interval
from lab.statistics.paired import probability_better

#: The values of a lane that every cell has quantiles of.
VALUES = ("final", "last", "best")
#: Steps whose relative decrease the robustness study reports.
DECREASE_AT = (10, 50, 100)
#: Paired comparisons need no more lanes than this.
PAIRED_SEEDS = 10_000
#: Random halves that a ratio's interval rests on: 25 lie beyond each end.
RESAMPLES = 1000
P50 = (0.5,)


class CellReduction:
    """Reduces the lanes of some arms of a group, a piece at a time, to a row a cell."""

    def __init__(self, group: Group, arms: int, seeds: int) -> None:
        self.group, self.seeds = group, seeds
        self.known = group.scenario.facts.minimum is not None
        self.values = Distribution((arms, len(VALUES)), seeds, signed=not self.known)
        self.decrease_at = [t for t in DECREASE_AT if t <= group.steps and self.known]
        self.left = Distribution((arms, len(self.decrease_at)), seeds)
        self.diverged = np.zeros(arms)
        self.converged = _Steps(arms, group.steps)
        span = horizon(group)
        self.recovery = None if span is None else _Steps(arms, span + 1)
        self.finals: list[np.ndarray] = []

    def add(self, piece: Piece, lanes: dict[str, np.ndarray]) -> None:
        """Add a piece with its measures (`experiments.study.lanes`)."""
        self.values.add(np.stack([lanes[name] for name in VALUES], axis=1))
        if self.decrease_at:
            self.left.add(self._left(piece))
        self.diverged += (lanes["diverged"] >= 0).sum(axis=1)
        self.converged.add(lanes["converged"], lanes["converged"] < 0)
        if self.recovery is not None:
            time, excluded = lanes["recovery"], lanes["recovery_excluded"]
            self.recovery.add(time, np.isinf(time), ~excluded)
        if piece.first < PAIRED_SEEDS:
            self.finals.append(lanes["final"][:, : PAIRED_SEEDS - piece.first])

    def _left(self, piece: Piece) -> np.ndarray:
        """What is left of the first loss at some steps, shape (arms, steps, lanes)."""
        minimum = self.group.scenario.facts.minimum or 0.0
        later = np.maximum(piece.loss[:, piece.rows(self.decrease_at)] - minimum, 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            left = later / np.maximum(piece.loss[:, :1] - minimum, 0.0)
        # 0 / 0: there was nothing to lose; inf / inf: the lane diverged in its first step.
        return np.where(np.isnan(left), np.where(np.isinf(later), np.inf, 1.0), left)

    def columns(self) -> dict[str, np.ndarray]:
        """A value a cell for each column; NaN where there is none."""
        found = self.values.quantiles(LEVELS)
        columns = {
            f"{name}_{level}": found[:, i, j]
            for i, name in enumerate(VALUES)
            for j, level in enumerate(BAND_NAMES)
        }
        arms = len(found)
        columns["exact"] = np.full(arms, self.values.exact)
        columns["diverged"] = self.diverged / self.seeds
        columns |= self.converged.columns("converged")
        columns |= {f"decrease_{step}_p50": np.full(arms, np.nan) for step in DECREASE_AT}
        if self.decrease_at:
            left = self.left.quantiles(P50)[:, :, 0]
            for i, step in enumerate(self.decrease_at):
                columns[f"decrease_{step}_p50"] = 1.0 - left[:, i]
        return columns

    def recovery_columns(self) -> dict[str, np.ndarray]:
        """The same for a study with perturbations."""
        arms = len(self.diverged)
        names = ("recovery", "recovery_p50", "recovery_seeds", "recovery_horizon")
        if self.recovery is None:
            return {name: np.full(arms, np.nan) for name in names}
        found = self.recovery.columns("recovery")
        found["recovery_seeds"] = self.recovery.counts.sum(axis=1).astype(np.float64)
        found["recovery_horizon"] = np.full(arms, float(self.recovery.never - 1))
        return found


class _Steps:
    """Counts of a step that each lane reaches, or never; `never` is the first number beyond."""

    def __init__(self, arms: int, never: int) -> None:
        self.never = never
        self.counts = np.zeros((arms, never + 1), dtype=np.int64)

    def add(self, step: np.ndarray, missing: np.ndarray, counted: np.ndarray | None = None) -> None:
        """Add lanes: their steps, which of them have none, which of them count."""
        numbers = np.where(missing, self.never, step).astype(np.int64)
        for arm, row in enumerate(numbers):
            chosen = row if counted is None else row[counted[arm]]
            self.counts[arm] += np.bincount(chosen, minlength=self.never + 1)

    def columns(self, name: str) -> dict[str, np.ndarray]:
        """Share of the lanes that get there, and the median step, +inf where fewer than half do."""
        values = np.append(np.arange(float(self.never)), np.inf)
        lanes = self.counts.sum(axis=1)
        median = [
            float(counted_quantiles(counts, values, P50)[0]) if n else np.nan
            for counts, n in zip(self.counts, lanes, strict=True)
        ]
        with np.errstate(invalid="ignore"):
            share = self.counts[:, :-1].sum(axis=1) / lanes
        return {name: share, f"{name}_p50": np.array(median)}


def cell_columns(
    study: Study, group: Group, reductions: Sequence[CellReduction]
) -> dict[str, np.ndarray]:
    """All of a group's cells.

    measure: suboptimality, or loss where f* is unknown. parameters: the schedule's, with the
    numbers that ran. final, last, best: quantiles of f(x_T), f(x_(T-1)) and of the lowest;
    exact: whether these are (`lab.sketch` has the error of those that are not). diverged: share
    of the lanes. converged: share that falls below 1 % of its first loss, and the median step.
    decrease_N_p50: median of 1 - f_N / f_0. ratio: median final / that of the reference cell with
    its 95 % interval, better: probability of ending below the reference on the same seed, ties one
    half, with its interval; both over the first `paired_seeds` lanes. recovery (in studies with
    perturbations): share of the lanes at risk that come back within the horizon, and the median
    step.
    """
    arms = len(group.arms)
    parts = [reduction.columns() for reduction in reductions]
    if study.perturbed:
        parts = [p | r.recovery_columns() for p, r in zip(parts, reductions, strict=True)]
    known = group.scenario.facts.minimum is not None
    metric = group.cadence.metric
    finals = np.concatenate([np.concatenate(r.finals, axis=1) for r in reductions])
    return {
        "measure": np.array(["suboptimality" if known else "loss"] * arms),
        "parameters": np.array([arm.schedule.at(arm.lr, group.steps).text for arm in group.arms]),
        "inert": np.array([group.scenario.inert(arm.schedule, metric) for arm in group.arms]),
        "seeds": np.full(arms, study.document.seeds),
        **{name: np.concatenate([part[name] for part in parts]) for name in parts[0]},
        **_compared(study, group, finals, known),
    }


def _compared(study: Study, group: Group, finals: np.ndarray, known: bool) -> dict[str, np.ndarray]:
    """Every cell against its reference, on the same seeds."""
    reference = references(group)
    names = ("ratio", "ratio_low", "ratio_high", "better", "better_low", "better_high")
    values = np.full((len(group.arms), len(names)), np.nan)
    for of in sorted(set(reference)):
        members = [i for i, r in enumerate(reference) if r == of and i != of]
        if members and known:
            found = median_ratios(finals[[of, *members]], 0, RESAMPLES, seed=study.document.seed)
            for i, interval in zip(members, found[1:], strict=True):
                values[i, :3] = _numbers(interval)
        for i in members:
            values[i, 3:] = _numbers(probability_better(finals[i], finals[of]))
    return {
        "reference": group.first + np.array(reference),
        "paired_seeds": np.full(len(reference), finals.shape[1]),
        **{name: values[:, i] for i, name in enumerate(names)},
    }


def _numbers(interval: Interval) -> list[float]:
    """Estimate and ends, NaN where there is none."""
    values = (interval.estimate, interval.low, interval.high)
    return [np.nan if value is None else value for value in values]


def references(group: Group) -> list[int]:
    """For each arm its reference: greedy, else the first, of the same optimizer and rate."""
    chosen: dict[tuple[str, float], int] = {}
    greedy: set[tuple[str, float]] = set()
    keys = [(cell.optimizer, cell.lr) for cell in group.cells]
    for i, (key, arm) in enumerate(zip(keys, group.arms, strict=True)):
        chosen.setdefault(key, i)
        if arm.schedule.component.name == "greedy" and key not in greedy:
            greedy.add(key)
            chosen[key] = i
    return [chosen[key] for key in keys]
