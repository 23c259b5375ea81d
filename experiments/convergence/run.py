"""Convergence of the average iterate at O(1/T) (GreedyLR, arXiv 2512.14527, theorem A.1).

SGD with Algorithm 1 as printed (its rate depends on the drawn term), with the lagged decision
(which does not), and with the constant rate b, on finite sums where f* is known. Three quantities,
each as a gap to f*: f at the average iterate, the average loss, the loss of the last iterate.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from experiments.convergence.bounds import Setting
from experiments.convergence.cases import Case, cases
from experiments.optimal_f.run import scenario_of
from lab.errors import RequestError
from lab.simulation import Keep, simulate
from lab.statistics.interval import Interval
from lab.store.manifest import identity_hash

QUANTITIES = ("average_iterate", "averaged_loss", "last_iterate")
#: 95 % of a normal distribution lie within so many standard deviations.
Z95 = 1.959963984540054
#: Numbers of steps over which slopes are fitted: the last so many of the checkpoints.
SLOPE_POINTS = 5
#: A mean gap below this is rounding.
ROUNDING = 1e-25


@dataclass(frozen=True)
class Convergence:
    """Seeds, steps and seed of the experiment."""

    seeds: int
    steps: int
    seed: int

    #: Short name for a result directory; scenarios of `experiments.request`, of which it has none.
    name: ClassVar[str] = "convergence"
    requests: ClassVar[tuple[()]] = ()

    @property
    def checkpoints(self) -> tuple[int, ...]:
        """10, 30, 100, ... up to the steps."""
        powers = (
            factor * 10**power for power in range(1, len(str(self.steps))) for factor in (1, 3)
        )
        return tuple(count for count in powers if count <= self.steps)

    def identity(self) -> dict[str, Any]:
        """All that determines the numbers, as plain JSON values."""
        return {
            "experiment": "convergence",
            "seeds": self.seeds,
            "steps": self.steps,
            "seed": self.seed,
        }

    @property
    def hash(self) -> str:
        """Ten hexadecimal digits of the identity."""
        return identity_hash(self.identity())


def make_convergence(seeds: int = 1000, steps: int = 100_000, seed: int = 0) -> Convergence:
    """Check the three numbers.

    Raises
    ------
    RequestError
        One is outside its range.
    """
    limits = (("seeds", seeds, 2, 10**6), ("steps", steps, 10, 10**7), ("seed", seed, 0, 2**64 - 1))
    for name, value, low, high in limits:
        if not low <= value <= high:
            raise RequestError(f"{name}: {value} is not allowed (allowed: {low} to {high})")
    return Convergence(seeds, steps, seed)


@dataclass(frozen=True)
class Row:
    """One problem, variant and number of steps.

    Each of `QUANTITIES`: the mean gap over the seeds; half_widths: of its 95 % interval, in the
    same order. `setting` has the bounds.
    """

    problem: str
    variant: str
    F: float | None
    steps: int
    average_iterate: float
    averaged_loss: float
    last_iterate: float
    half_widths: tuple[float, float, float]
    setting: Setting


@dataclass(frozen=True)
class Slope:
    """d log(mean gap) / d log T of one quantity over the checkpoints from `first` to `last`."""

    problem: str
    variant: str
    F: float | None
    quantity: str
    first: int
    last: int
    slope: Interval


@dataclass(frozen=True)
class Outcome:
    """All rows and slopes."""

    rows: list[Row]
    slopes: list[Slope]

    def of(self, problem: str, variant: str, F: float | None) -> list[Row]:
        """The rows of one curve, in the order of T."""
        return [
            row for row in self.rows if (row.problem, row.variant, row.F) == (problem, variant, F)
        ]


Progress = Callable[[str], None]


PROBLEMS = ("P1", "P2", "P3", "P4", "P5", "P6")


def run_convergence(
    request: Convergence,
    threads: int | None = None,
    progress: Progress = lambda text: None,
    problems: Sequence[str] = PROBLEMS,
) -> Outcome:
    """P1 to P6 of the theory page, or some of them."""
    rows: list[Row] = []
    slopes: list[Slope] = []
    for name in problems:
        progress(f"problem {name}")
        for case in cases(name):
            gaps = _gaps(case, request, threads)
            for number, (variant, F) in enumerate(case.variants):
                rows += _rows(case, variant, F, request.checkpoints, gaps[:, number])
                if name != "P6":  # lanes too rare to be met make its means
                    slopes += _slopes(case, variant, F, request.checkpoints, gaps[:, number])
    return Outcome(rows, slopes)


def _gaps(case: Case, request: Convergence, threads: int | None) -> np.ndarray:
    """Gaps to f*, shape (quantities, variants, checkpoints, seeds)."""
    at = request.checkpoints
    seeds = request.seeds if case.stochastic else 1
    found = simulate(
        scenario_of(case.landscape), case.arms, at[-1], seeds, seed=request.seed,
        keep=Keep(lr_mean=False, loss_at=at, average=at), start=case.start, threads=threads,
    )  # fmt: skip
    assert found.loss is not None
    assert found.mean_loss is not None
    assert found.loss_of_mean is not None
    return np.stack([found.loss_of_mean, found.mean_loss, found.loss]) - case.minimum


def _rows(
    case: Case, variant: str, F: float | None, at: Sequence[int], gaps: np.ndarray
) -> list[Row]:
    """`gaps` has the shape (quantities, checkpoints, seeds)."""
    means, widths = gaps.mean(axis=-1), _half_widths(gaps)
    return [
        Row(case.problem, variant, F, steps, *_triple(means[:, i]), _triple(widths[:, i]),
            case.setting)
        for i, steps in enumerate(at)
    ]  # fmt: skip


def _half_widths(gaps: np.ndarray) -> np.ndarray:
    """Half widths of the 95 % intervals of the means along the last axis."""
    seeds = gaps.shape[-1]
    if seeds == 1:
        return np.zeros(gaps.shape[:-1])
    return Z95 * gaps.std(axis=-1, ddof=1) / math.sqrt(seeds)


def _triple(values: np.ndarray) -> tuple[float, float, float]:
    first, second, third = map(float, values)
    return first, second, third


def _slopes(
    case: Case, variant: str, F: float | None, at: Sequence[int], gaps: np.ndarray
) -> list[Slope]:
    few = min(SLOPE_POINTS, len(at))
    if few < 2:
        return []
    return [
        Slope(case.problem, variant, F, quantity, at[-few], at[-1], slope(at[-few:], part[-few:]))
        for quantity, part in zip(QUANTITIES, gaps, strict=True)
    ]


def slope(at: Sequence[int], gaps: np.ndarray) -> Interval:
    """Least-squares slope of log mean gap against log T; `gaps` has shape (checkpoints, seeds).

    The interval is normal, its standard error from the delta method: a seed's influence on the
    slope is the sum of its gaps over their means, weighted as the logarithms are.
    """
    n = gaps.shape[1]
    means = gaps.mean(axis=1)
    if not (means > ROUNDING).all() or not np.isfinite(means).all():
        return Interval(None, None, None, n, "a mean gap is rounding or infinite")
    logs = np.log(np.asarray(at, dtype=np.float64))
    weights = (logs - logs.mean()) / np.sum((logs - logs.mean()) ** 2)
    estimate = float(weights @ np.log(means))
    if n == 1:
        return Interval(estimate, estimate, estimate, n, "no seed differs")
    influence = (weights / means) @ gaps
    half = Z95 * float(influence.std(ddof=1)) / math.sqrt(n)
    return Interval(estimate, estimate - half, estimate + half, n)
