"""What the best settings of an ablation's design are worth on seeds that the design never saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from experiments.ablation.knobs import Knob, turned
from experiments.request import Request
from experiments.tune.judge import geometric_mean
from experiments.tune.search import finals
from experiments.tuning import suits
from lab.simulation import Arm
from lab.statistics.bootstrap import MedianRatio, replicate_ratios
from lab.statistics.interval import Interval
from lab.statistics.pool import pooled

#: Scenarios by the name of a group of them, as positions.
Groups = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Choice:
    """The design's best setting in a group of scenarios.

    group: where it has the lowest mean response; point: which row of the design it is; values: of
    the knobs. objective: its mean response there, as the design saw it.
    """

    group: str
    point: int
    values: np.ndarray
    objective: float
    trimmed: bool = False


@dataclass(frozen=True)
class Gain:
    """Geometric mean over scenarios of median / median of the schedule as written.

    over_seeds: with the interval for these scenarios; over_landscapes: with the one for further
    landscapes.
    """

    over_seeds: Interval
    over_landscapes: Interval


@dataclass(frozen=True)
class Judged:
    """The choices on other seeds.

    gains: of each choice in each group. reverted: of the first choice, for each knob, the geometric
    mean of median / its own median when that knob is put back to what the schedule has.
    """

    choices: tuple[Choice, ...]
    gains: tuple[Mapping[str, Gain], ...]
    reverted: tuple[Interval, ...]


def choose(group: str, members: np.ndarray, settings: np.ndarray, responses: np.ndarray) -> Choice:
    """The setting with the lowest mean response over some scenarios."""
    means = responses[members].mean(axis=0)
    best = int(np.argmin(means))
    return Choice(group, best, settings[best], float(means[best]))


def judge(
    requests: Sequence[Request],
    knobs: Sequence[Knob],
    choices: Sequence[Choice],
    groups: Groups,
    floor: float,
    bound: float,
    threads: int | None,
) -> Judged:
    """Run every choice, and the first with each knob put back, on the requests' own seeds.

    floor: final values below count as it. bound: decades beyond which a ratio counts no more.
    """
    written = requests[0].written[0]
    first = choices[0].values
    settings = [choice.values for choice in choices]
    settings += [np.where(np.arange(len(knobs)) == i, np.nan, first) for i in range(len(knobs))]
    schedules = [
        requests[0].schedules[0],
        *(turned(written, knobs, each.tolist()) for each in settings),
    ]
    ratios: list[list[MedianRatio]] = []
    costs: list[dict[int, MedianRatio]] = []
    for request in requests:
        allowed = [i for i, s in enumerate(schedules) if suits(s, request.lr, request.steps)]
        arms = [Arm(schedules[i], request.optimizer, request.lr) for i in allowed]
        values = np.maximum(finals(request, arms, request.seeds, 0, threads), floor)
        # The choices stand before what is put back, and are always allowed.
        against = replicate_ratios(values[: len(choices) + 1], 0, seed=request.seed)
        ratios.append([_limited(ratio, bound) for ratio in against[1:]])
        back = replicate_ratios(values[[1, *range(len(choices) + 1, len(arms))]], 0,
                                seed=request.seed)  # fmt: skip
        kept = [i - len(choices) - 1 for i in allowed[len(choices) + 1 :]]
        costs.append({k: _limited(r, bound) for k, r in zip(kept, back[1:], strict=True)})
    landscapes: list[str] = [request.landscape.text for request in requests]
    gains = tuple(
        {name: _gain([row[c] for row in ratios], landscapes, m) for name, m in groups.items()}
        for c in range(len(choices))
    )
    reverted = tuple(_cost([row.get(i) for row in costs]) for i in range(len(knobs)))
    return Judged(tuple(choices), gains, reverted)


def _cost(ratios: Sequence[MedianRatio | None]) -> Interval:
    """Geometric mean over the scenarios that allow a setting."""
    kept = [ratio for ratio in ratios if ratio is not None]
    left = len(ratios) - len(kept)
    note = f"refused in {left} of {len(ratios)} scenarios" if left else ""
    if not kept:
        return Interval(None, None, None, 0, note)
    return replace(geometric_mean(kept).interval(), note=note)


def _limited(ratio: MedianRatio, bound: float) -> MedianRatio:
    """A ratio between 10^-bound and 10^bound; NaN stays."""
    limits = (10.0**-bound, 10.0**bound)
    estimate = float(np.clip(ratio.estimate, *limits))
    return replace(ratio, estimate=estimate, replicates=np.clip(ratio.replicates, *limits))


def _gain(ratios: Sequence[MedianRatio], landscapes: list[str], members: np.ndarray) -> Gain:
    kept = [ratios[i] for i in members]
    logs = np.nan_to_num(np.log10([ratio.estimate for ratio in kept]))
    names: list[str] = [landscapes[i] for i in members]
    spread = pooled(logs, names)
    found = {name: getattr(spread, name) for name in ("estimate", "low", "high")}
    ends = {name: None if end is None else 10.0**end for name, end in found.items()}
    return Gain(geometric_mean(kept).interval(), replace(spread, **ends))
