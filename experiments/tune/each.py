"""A search of its own for every landscape: where tuning pays, by how much, and what was luck."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.components import LANDSCAPES
from experiments.grid import Grid
from experiments.tune.judge import RATE_TUNED, TUNED, geometric_mean
from experiments.tune.run import CLOSE, Tuned, Tuning, make_tune, tune
from lab.errors import RequestError
from lab.statistics.bootstrap import MedianRatio
from lab.statistics.interval import Interval
from lab.statistics.pool import pooled

Progress = Callable[[str], None]
#: Without parameters the same as another landscape.
ALIAS = ("transformed",)


@dataclass(frozen=True)
class Apart(Grid):
    """What `lab tune --each` was asked for: the same search once a landscape.

    requests: the scenarios of all parts. parts: a search a landscape.
    """

    parts: tuple[Tuning, ...]

    def identity(self) -> dict[str, Any]:
        return {
            "experiment": self.experiment,
            "parts": [part.identity() for part in self.parts],
        }

    @property
    def name(self) -> str:
        """Short name for a result directory."""
        return f"{self.experiment}-{self.parts[0].space.spec.name}"


@dataclass(frozen=True)
class Compared:
    """One thing against another, landscape by landscape.

    ratios: of medians, geometric means over the scenarios of each landscape. gain: geometric mean
    of these, with its interval for these landscapes. landscapes: the same with that for others of
    their kind (`lab.statistics.pool`).
    """

    label: str
    ratios: tuple[MedianRatio, ...]
    gain: Interval
    landscapes: Interval

    @property
    def lower(self) -> int:
        """On how many landscapes the ratio is surely below 1."""
        return sum(high is not None and high < 1.0 for _, high in self._ends)

    @property
    def higher(self) -> int:
        """On how many landscapes the ratio is surely above 1."""
        return sum(low is not None and low > 1.0 for low, _ in self._ends)

    @property
    def _ends(self) -> list[tuple[float | None, float | None]]:
        return [(found.low, found.high) for found in (ratio.interval() for ratio in self.ratios)]


@dataclass(frozen=True)
class TunedApart:
    """What the searches found, in the order of the landscapes."""

    grid: Apart
    found: tuple[Tuned, ...]

    @property
    def landscapes(self) -> tuple[str, ...]:
        return tuple(part.first.landscape.text for part in self.grid.parts)

    @property
    def false(self) -> tuple[float, ...]:
        """Of each promised gain, as a logarithm, the share that other seeds did not keep.

        NaN where next to nothing was promised: a gain of less than one per cent.
        """
        return tuple(
            found.optimism / found.objective if found.objective < -CLOSE else math.nan
            for found in self.found
        )

    @property
    def basic(self) -> tuple[Compared, ...]:
        """Tuned against untuned, what the rate alone does of it, and the rest."""
        return (
            self._compared("tuned / untuned", [f.outcomes[TUNED].gain for f in self.found]),
            self._compared("lr alone / untuned", [f.outcomes[RATE_TUNED].gain for f in self.found]),
            self._compared("tuned / lr alone", [f.outcomes[TUNED].at_rate for f in self.found]),
        )

    @property
    def rivals(self) -> tuple[Compared, ...]:
        """The other schedules at tuned rates, against the one that is tuned, its rate alone."""
        name, *rivals = self.grid.parts[0].first.written
        return tuple(
            self._compared(
                f"{rival} / {name}, lr alone",
                [f.outcomes[RATE_TUNED + 2 + 2 * i].at_rate for f in self.found],
            )
            for i, rival in enumerate(rivals)
        )

    @property
    def against(self) -> tuple[Compared, ...]:
        """The tuned schedule against the others at tuned rates."""
        _, *rivals = self.grid.parts[0].first.written
        tuned = self.basic[2].ratios
        return tuple(
            self._compared(
                f"tuned / {rival}, lr alone",
                [_quotient(a, b) for a, b in zip(tuned, compared.ratios, strict=True)],
            )
            for rival, compared in zip(rivals, self.rivals, strict=True)
        )

    def _compared(self, label: str, ratios: Sequence[MedianRatio]) -> Compared:
        logs = pooled(np.log([r.estimate for r in ratios]), self.landscapes)
        middle, low, high = (
            None if log is None else math.exp(log) for log in (logs.estimate, logs.low, logs.high)
        )
        return Compared(
            label,
            tuple(ratios),
            geometric_mean(ratios).interval(),
            Interval(middle, low, high, logs.n),
        )


def _quotient(one: MedianRatio, other: MedianRatio) -> MedianRatio:
    """The ratio of two samples of which both were compared with a third, over the same halves."""
    with np.errstate(divide="ignore", invalid="ignore"):
        replicates = one.replicates / other.replicates
        estimate = float(np.divide(one.estimate, other.estimate))
    return MedianRatio(estimate, replicates, one.n, one.note or other.note)


def every_landscape() -> tuple[str, ...]:
    """Landscapes that need no parameter and have a known minimum, so that ratios mean something."""
    found = []
    for name, landscape in LANDSCAPES.all().items():
        needy = any(parameter.required for parameter in landscape.parameters)
        if not needy and name not in ALIAS:
            chosen = LANDSCAPES.choose(name)
            if chosen.component.facts(chosen.values).minimum is not None:
                found.append(name)
    return tuple(found)


def make_each(landscapes: Sequence[str], *scenarios: Any, **options: Any) -> Apart:
    """A search for each landscape, for each that there is where none is given.

    The other arguments are those of `make_tune`.

    Raises
    ------
    RequestError
        As `make_tune`; or a landscape is asked for twice.
    """
    parts = [make_tune((each,), *scenarios, **options) for each in landscapes or every_landscape()]
    texts = [part.first.landscape.text for part in parts]
    for text in texts:
        if texts.count(text) > 1:
            raise RequestError(f"landscape {text} is asked for twice")
    requests = tuple(request for part in parts for request in part.requests)
    return Apart("tune-each", requests, tuple(parts))


def tune_each(
    grid: Apart, threads: int | None = None, progress: Progress = lambda text: None
) -> TunedApart:
    """Search and judge, landscape by landscape; no parameter is varied alone."""
    found = []
    for number, part in enumerate(grid.parts):
        progress(f"{number + 1} of {len(grid.parts)}: {part.first.landscape.text}")
        found.append(tune(part, threads, varied=False))
    return TunedApart(grid, tuple(found))
