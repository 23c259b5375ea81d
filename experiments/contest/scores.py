"""Ranks from final values: factors to the best, probabilities of improvement, by family.

Written before any data, but for two choices that followed small runs: the second paragraph, and
`LIMIT`, which was 6 decades at first.

- The value of a contender in a scenario is the median over the seeds of f(x_T) - f*. Values below
  `FLOOR` count as it: nobody minds whether a loss is 1e-20 or 1e-40.
- Contenders that know f* (Polyak's step and its kin) are measured beside the others and rank
  nobody down: no user knows f*, and a best that nobody can have would be far from everyone.
- The score of a contender there is log10(median / lowest median of those that do not know f*), 0
  for the best of these, never above `LIMIT`; a median that diverged, or that is further behind,
  counts as `LIMIT`. Where every contender diverges all have it.
- Its score in a family is the interquartile mean (IQM) of its scores over the scenarios: a quarter
  of them on either side, the best and the worst, is left out. Shown as 10^score, the factor to the
  best. Ranks follow it; equal scores share the better rank.
- Every scenario weighs the same, in its family and in `overall`. Each landscape runs in the same
  scenarios, so that landscapes weigh the same, too.
- The probability of improvement over the reference is the share of pairs (scenario, seed) in which
  the final value is lower than the reference's on the same seed; a tie counts one half.

Two intervals, never mixed, both 95 %:

- over seeds, the scenarios given: what other seeds would have changed. The same halves of the seeds
  (`lab.statistics.bootstrap`) serve all scenarios and contenders, because a seed has the same start
  and draws in all of them; for the probability, a mean over seeds, it is BCa. Where
  all seeds agree it has no width.
- over landscapes: the percentile bootstrap of the landscapes of the family, each with all of its
  scenarios, the seeds given: what another choice of landscapes might have changed. A family has few
  of them, so it is a lower bound of that.

The interval of a rank is the central 95 % of its values over the halves of the seeds.

Sources: Agarwal, Schwarzer, Castro, Courville & Bellemare, "Deep reinforcement learning at the edge
of the statistical precipice", NeurIPS 2021, section 4 (IQM, probability of improvement); Dolan and
Moré, Mathematical Programming 91 (2002) (profiles).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lab.statistics.bootstrap import FEWEST, MedianRatio
from lab.statistics.generator import generator_of
from lab.statistics.half_samples import half_sample_medians
from lab.statistics.interval import Interval
from lab.statistics.iqm import iqm
from lab.statistics.means import mean_intervals
from lab.statistics.performance_profile import performance_profile
from lab.statistics.quantiles import quantiles

#: Final values below this count as it, as in `lab tune`.
FLOOR = 1e-12
#: Decades behind the best that count at most, as in `lab tune`.
LIMIT = 12.0
#: Halves of the seeds, and resamples of the landscapes.
RESAMPLES = 400
#: Factors to the best at which profiles are evaluated: 1 to 10^LIMIT, ten a decade.
FACTORS = np.logspace(0.0, LIMIT, 121)
#: The family of all scenarios.
OVERALL = "overall"
ENDS = np.array([0.025, 0.975])
#: Keeps this generator apart from others that are keyed by the same seed.
STREAM = 0x72616E6D


@dataclass(frozen=True)
class Standing:
    """One contender in one family; `contender` is its position.

    fair: whether it does without f*. rank: one more than the number of fair contenders with a lower
    score, with the ends of its interval. factor: to the best, over seeds; over_landscapes: its ends
    over landscapes, None for a single one. better: the probability of improvement over the
    reference, and its ends. lowest: share of the scenarios with the lowest median of fair
    contenders, or one below. lost: share of lanes that diverged.
    """

    contender: int
    fair: bool
    rank: int
    rank_ends: tuple[int, int]
    factor: Interval
    over_landscapes: tuple[float, float] | None
    better: Interval
    better_over_landscapes: tuple[float, float] | None
    lowest: float
    lost: float

    @property
    def leads(self) -> bool:
        """Whether it is first, or other seeds might have put it there."""
        return self.fair and self.rank_ends[0] == 1


@dataclass(frozen=True)
class Family:
    """The standings of one family, in the order of their ranks.

    profiles: (contenders, factors), the share of scenarios within each of `FACTORS` of the best.
    improvement: (contenders, contenders), how often the row ends lower than the column.
    """

    name: str
    scenarios: int
    landscapes: int
    standings: tuple[Standing, ...]
    profiles: np.ndarray
    improvement: np.ndarray


def judge(
    finals: np.ndarray,
    landscapes: Sequence[str],
    families: Sequence[str],
    against: int,
    seed: int = 0,
    fair: Sequence[bool] | None = None,
) -> dict[str, Family]:
    """Every family's standings, and those of all scenarios together where families are several.

    Parameters
    ----------
    finals:
        (scenarios, contenders, seeds): f(x_T) - f*, +inf for a lane that diverged.
    landscapes, families:
        Of each scenario.
    against:
        The contender that the others are held against.
    fair:
        Which contenders do without f*, at least one; all by default.
    """
    honest = np.ones(finals.shape[1], dtype=bool) if fair is None else np.array(fair)
    groups: dict[str, list[int]] = {}
    for i, family in enumerate(families):
        groups.setdefault(family, []).append(i)
    if len(groups) > 1:
        groups[OVERALL] = list(range(len(families)))
    replicates = _replicates(finals, honest, seed)
    return {
        name: _family(
            name, finals[at], replicates[:, at], [landscapes[i] for i in at], against, honest, seed
        )
        for name, at in groups.items()
    }


def decades(medians: np.ndarray, fair: np.ndarray) -> np.ndarray:
    """Decades behind the best fair contender along the last axis, from -`LIMIT` to `LIMIT`."""
    logs = np.log10(np.maximum(medians, FLOOR))
    with np.errstate(invalid="ignore"):
        behind = logs - logs[..., fair].min(axis=-1, keepdims=True)
    return np.where(np.isinf(logs), LIMIT, np.clip(behind, -LIMIT, LIMIT))


def ranks(scores: np.ndarray, fair: np.ndarray) -> np.ndarray:
    """One more than the number of fair contenders with a lower score, of each row of scores."""
    rows = zip(np.sort(scores[:, fair], axis=1), scores, strict=True)
    found = [1 + np.searchsorted(ordered, row) for ordered, row in rows]
    return np.array(found, dtype=int).reshape(scores.shape)


def _replicates(finals: np.ndarray, fair: np.ndarray, seed: int) -> np.ndarray:
    """Scores over halves of the seeds, (resamples, scenarios, contenders); none of few seeds."""
    scenarios, contenders, n = finals.shape
    if n < FEWEST:
        return np.empty((0, scenarios, contenders))
    found = np.empty((RESAMPLES, scenarios, contenders))
    for i, sample in enumerate(finals):
        medians = half_sample_medians(np.ascontiguousarray(sample), RESAMPLES, seed)
        found[:, i] = decades(medians, fair)
    return found


def _family(
    name: str,
    finals: np.ndarray,
    replicates: np.ndarray,
    landscapes: Sequence[str],
    against: int,
    fair: np.ndarray,
    seed: int,
) -> Family:
    n = finals.shape[2]
    medians = quantiles(finals, 0.5)
    scores = decades(medians, fair)
    estimates, over_seeds = iqm(scores, axis=0), iqm(replicates, axis=1)
    place, places = ranks(estimates[None], fair)[0], ranks(over_seeds, fair)
    wins = _wins(finals, against)
    better = mean_intervals(wins.mean(axis=0), seed=seed)
    resampled = _resampled(landscapes, seed)
    score_ends = _ends([iqm(scores[at], axis=0) for at in resampled])
    better_ends = _ends([wins.mean(axis=2)[at].mean(axis=0) for at in resampled])
    found = [
        Standing(
            c,
            bool(fair[c]),
            int(place[c]),
            _rank_ends(int(place[c]), places[:, c]),
            MedianRatio(10.0 ** estimates[c], 10.0 ** over_seeds[:, c], n, "").interval(),
            None if score_ends is None else _pair(10.0 ** score_ends[:, c]),
            better[c],
            None if better_ends is None else _pair(better_ends[:, c]),
            float((scores[:, c] <= 0.0).mean()),
            float(np.isinf(finals[:, c]).mean()),
        )
        for c in range(finals.shape[1])
    ]
    return Family(
        name,
        len(finals),
        len(set(landscapes)),
        tuple(sorted(found, key=lambda s: s.rank)),
        profiles(medians, fair),
        improvement(finals),
    )


def profiles(medians: np.ndarray, fair: np.ndarray) -> np.ndarray:
    """Share of scenarios within each of `FACTORS` of the best fair median, a row a contender."""
    costs = np.maximum(medians, FLOOR)
    return performance_profile(
        np.maximum(costs, costs[:, fair].min(axis=1, keepdims=True)), FACTORS
    )


def improvement(finals: np.ndarray) -> np.ndarray:
    """How often each contender ends lower than each other, ties one half; its diagonal is 1/2."""
    return np.stack([_wins(finals, c).mean(axis=(0, 2)) for c in range(finals.shape[1])], axis=1)


def _wins(finals: np.ndarray, against: int) -> np.ndarray:
    """1 where a final value is below the reference's on the same seed, 1/2 for a tie, else 0."""
    values = np.maximum(finals, FLOOR)
    other = values[:, against : against + 1]
    return (values < other) + 0.5 * (values == other)


def _resampled(landscapes: Sequence[str], seed: int) -> list[np.ndarray]:
    """Scenarios of resampled landscapes; none where there is only one landscape."""
    names = list(dict.fromkeys(landscapes))
    if len(names) < 2:
        return []
    scenarios = [np.flatnonzero([name == other for other in landscapes]) for name in names]
    generator = generator_of(seed, STREAM)
    draws = generator.integers(len(names), size=(RESAMPLES, len(names)))
    return [np.concatenate([scenarios[i] for i in draw]) for draw in draws]


def _ends(values: Sequence[np.ndarray]) -> np.ndarray | None:
    """The central 95 % of each column, (2, contenders)."""
    return quantiles(np.stack(values), ENDS, axis=0) if values else None


def _pair(ends: np.ndarray) -> tuple[float, float]:
    return float(ends[0]), float(ends[1])


def _rank_ends(rank: int, places: np.ndarray) -> tuple[int, int]:
    """The central 95 % of the ranks over the halves; it holds the rank itself."""
    if not places.size:
        return rank, rank
    low, high = np.quantile(places, ENDS, method="nearest")
    return min(rank, int(low)), max(rank, int(high))
