"""What a study measures of every lane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from experiments.recovery.times import horizon_of, recovery_times
from experiments.rows import measures
from experiments.study.declaration import Group, Study
from lab.ensemble import Piece, suboptimality
from lab.errors import RequestError
from lab.simulation import Arm, Keep, simulate

#: A lane has converged, as the robustness study says it, below this share of its first loss.
CONVERGED = 0.01
#: A lane is back from a perturbation within this factor of its twin, at so many steps in a row.
FACTOR, HOLD = 1.1, 5


class LaneMeasures:
    """Measures the lanes of a group; all results have the shape (arms, lanes).

    As in `experiments.rows.lanes`, and: converged, the first step t < T with f_t - f* below 1 % of
    f_0 - f* (f where f* is unknown), -1 for none; loss_N, f - f* (or f) at step N, for the steps
    that the study keeps; in a study with perturbations also recovery, steps from the event until
    the lane is back at its twin (`experiments.recovery.times`), +inf for not within the horizon,
    and recovery_excluded: there is no event, or the lane had diverged before it, or its twin did.
    """

    def __init__(self, study: Study, group: Group, options: dict[str, Any]) -> None:
        self.group, self.options = group, options
        self.losses = study.document.keep.losses
        self.perturbed = study.perturbed

    def __call__(self, arms: Sequence[Arm], piece: Piece) -> dict[str, np.ndarray]:
        scenario = self.group.scenario
        rows = [measures(scenario, piece.summary, i) for i in range(len(arms))]
        found = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
        assert piece.below is not None
        found["converged"] = piece.below.astype(np.int32)
        for step in self.losses:
            found[f"loss_{step}"] = suboptimality(scenario, piece.loss[:, int(piece.rows(step))])
        if self.perturbed:
            found |= self._recovery(arms, piece)
        return found

    def _recovery(self, arms: Sequence[Arm], piece: Piece) -> dict[str, np.ndarray]:
        """The lanes against the same lanes without the event."""
        group = self.group
        shape = (len(arms), piece.lanes)
        if horizon(group) is None:
            never = np.full(shape, np.inf)
            return {"recovery": never, "recovery_excluded": np.ones(shape, dtype=bool)}
        twin = simulate(
            group.scenario, arms, group.steps, piece.lanes, first_lane=piece.first,
            keep=Keep(lr_mean=False), **self.options,
        ).loss  # fmt: skip
        assert twin is not None
        perturbed, unperturbed = (suboptimality(group.scenario, x) for x in (piece.loss, twin))
        at = group.perturbations[0].values["at"]
        times = recovery_times(perturbed, unperturbed, at, FACTOR, HOLD)
        return {"recovery": times.time, "recovery_excluded": times.excluded}


def horizon(group: Group) -> int | None:
    """The longest recovery that can be seen; None without an event, or with one too late."""
    for event in group.perturbations:
        if "at" in event.values:
            try:
                return horizon_of(group.steps, event.values["at"], HOLD)
            except RequestError:
                return None
    return None
