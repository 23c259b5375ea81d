"""What an ablation shows: indices, differences, effects and verdicts over its scenarios."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from experiments.ablation.indices import Indices
from experiments.ablation.judge import Choice, Judged
from experiments.ablation.knobs import turned_spec
from experiments.ablation.request import BOUND, Ablation
from lab.statistics.interval import Interval
from lab.statistics.pool import pooled

#: A total index below this is negligible: a twentieth of the variance.
NEGLIGIBLE = 0.05


@dataclass(frozen=True)
class Ablated:
    """What the ablation shows.

    responses: (scenarios, points), in decades. indices: of every scenario. effects: mean response
    in each part of a knob's range, less that over all of it, and the same over resampled rows:
    (scenarios, knobs, `PARTS`), (resamples, scenarios, knobs, `PARTS`).
    """

    grid: Ablation
    responses: np.ndarray
    indices: Indices
    effects: np.ndarray
    effect_replicates: np.ndarray
    judged: Judged

    def index(self, column: int, optimizer: str, group: str = "") -> Interval:
        """An index, by its column, averaged over the scenarios of an optimizer and a family."""
        members = self.grid.members(optimizer, group)
        found = self.indices
        return self._pooled(
            members, found.estimates[members, column], found.replicates[:, members, column]
        )

    def difference(self, column: int, group: str = "") -> Interval:
        """The same under the first optimizer less that under the second, scenario by scenario.

        A pair in which a response does not vary under one of the two is left out.
        """
        one, other = (self.grid.members(name, group) for name in self.grid.optimizers[:2])
        found = self.indices
        values, replicates = found.estimates[:, column], found.replicates[:, :, column]
        return self._pooled(
            one, values[one] - values[other], replicates[:, one] - replicates[:, other]
        )

    def additive(self, optimizer: str) -> Interval:
        """Share of the variance that the inputs make one by one: the sum of the first orders."""
        members, first = self.grid.members(optimizer), self.indices.first
        return self._pooled(
            members,
            self.indices.estimates[members, first].sum(axis=1),
            self.indices.replicates[:, members, first].sum(axis=2),
        )

    def decades(self, knob: int, optimizer: str) -> Interval:
        """Standard deviation of the response, in decades, that a knob has a part in."""
        members = self.grid.members(optimizer)
        totals = self.indices.estimates[:, self.indices.total][members, knob]
        values = np.sqrt(np.nan_to_num(totals) * self.indices.variance[members])
        return pooled(values, [self.grid.requests[i].landscape.text for i in members])

    def effect(self, knob: int, part: int, optimizer: str) -> Interval:
        """Mean response in a part of a knob's range less its mean over all of it, in decades."""
        members = self.grid.members(optimizer)
        return self._pooled(
            members,
            self.effects[members, knob, part],
            self.effect_replicates[:, members, knob, part],
        )

    def clear(self, knob: int, optimizer: str, group: str = "") -> int:
        """In how many scenarios a knob's total index is surely above `NEGLIGIBLE`."""
        members = self.grid.members(optimizer, group)
        return int(np.sum(self.indices.low[:, self.indices.total][members, knob] > NEGLIGIBLE))

    def verdict(self, knob: int, optimizer: str) -> str:
        """Whether a knob matters, from its total indices; the rule is in `docs/ablation.md`."""
        found = self.index(len(self.grid.knobs) + knob, optimizer)
        if found.low is None or found.high is None:
            return "unclear"
        if found.low > NEGLIGIBLE:
            return "matters"
        if self.clear(knob, optimizer):
            return "in some scenarios"
        return "never" if found.high < NEGLIGIBLE else "unclear"

    def at_bound(self, optimizer: str) -> float:
        """Share of the responses that are limited."""
        return float(np.mean(np.abs(self.responses[self.grid.members(optimizer)]) >= BOUND))

    def flat(self, optimizer: str) -> int:
        """How many scenarios have no indices: `experiments.ablation.indices` says when."""
        return int(np.sum(np.isnan(self.indices.estimates[self.grid.members(optimizer), 0])))

    def better(self, optimizer: str) -> Interval:
        """Share of the settings with a lower median than the schedule as written."""
        members = self.grid.members(optimizer)
        shares = (self.responses[members] < 0.0).mean(axis=1)
        return pooled(shares, [self.grid.requests[i].landscape.text for i in members])

    @property
    def held_out(self) -> tuple[float, ...]:
        """Mean response of each choice, in its own group, on the seeds of the judgement."""
        gains = zip(self.judged.choices, self.judged.gains, strict=True)
        found = [each[choice.group].over_seeds.estimate for choice, each in gains]
        return tuple(math.log10(ratio or 1.0) for ratio in found)

    def text(self, choice: Choice) -> str:
        """A choice as a schedule is written."""
        written = self.grid.first.written[0]
        return str(turned_spec(written, self.grid.knobs, choice.values.tolist()))

    def _pooled(self, members: np.ndarray, values: np.ndarray, replicates: np.ndarray) -> Interval:
        return pooled(values, [self.grid.requests[i].landscape.text for i in members], replicates)
