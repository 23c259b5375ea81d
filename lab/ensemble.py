"""All lanes of a scenario in bounded memory: summaries of every lane, quantile bands of every step.

Lanes stream through in pieces, and what is kept of the losses is a `lab.distribution` a step: exact
up to a number of lanes, with a stated error beyond. Where even that is too much for all arms
together, they run a few at a time; every arm meets the same draws as always.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.distribution import Distribution, bytes_of
from lab.engine.abi import BLOCK
from lab.simulation import Arm, Scenario, simulate

#: Losses of the piece that is being run.
PIECE_BYTES = 32 * 2**20
#: Distributions that are being filled.
HELD_BYTES = 128 * 2**20


@dataclass
class Ensemble:
    """What remains of a scenario's lanes.

    summary: as in `Trajectories`, shape (arms, lanes). bands: quantiles of f - f* (or f) at the
    band steps, shape (arms, band steps, levels); `exact` says whether they are. lr_mean: (arms,
    steps).
    """

    summary: dict[str, np.ndarray]
    bands: np.ndarray
    lr_mean: np.ndarray
    exact: bool


@dataclass
class Piece:
    """Some lanes of some arms.

    first: the first lane, counted from the first of the whole. loss: f_t for t = 0 .. T, shape
    (arms, T + 1, lanes). summary, lr_mean: as in `Trajectories`.
    """

    first: int
    loss: np.ndarray
    summary: dict[str, np.ndarray]
    lr_mean: np.ndarray

    @property
    def lanes(self) -> int:
        """Number of lanes."""
        return self.loss.shape[2]


def suboptimality(scenario: Scenario, losses: np.ndarray) -> np.ndarray:
    """Turn losses into f - f* where f* is known (below 0 by rounding: 0); +inf stays."""
    minimum = scenario.facts.minimum
    return losses if minimum is None else np.maximum(losses - minimum, 0.0)


def run_ensemble(
    scenario: Scenario,
    arms: Sequence[Arm],
    steps: int,
    lanes: int,
    levels: Sequence[float],
    **options: Any,
) -> Ensemble:
    """Run all lanes of all arms and reduce them.

    Parameters
    ----------
    levels:
        Quantile levels of the bands.
    options:
        Passed on to `lab.simulation.simulate`: seed, cadence, start, perturbations, threads,
        progress.
    """
    at = np.arange(steps + 1)
    parts: list[Ensemble] = []
    for chosen in together(arms, steps, lanes, len(at), scenario.facts.minimum is None):
        bands = Bands(scenario, len(chosen), at, lanes)
        summaries = []
        for piece in pieces(scenario, chosen, steps, lanes, **options):
            bands.add(piece)
            summaries.append(piece.summary)
        summary = {n: np.concatenate([s[n] for s in summaries], axis=1) for n in summaries[0]}
        parts.append(Ensemble(summary, bands.quantiles(levels), bands.lr_mean, bands.exact))
    return Ensemble(
        {name: np.concatenate([p.summary[name] for p in parts]) for name in parts[0].summary},
        np.concatenate([p.bands for p in parts]),
        np.concatenate([p.lr_mean for p in parts]),
        parts[0].exact,
    )


def together(
    arms: Sequence[Arm], steps: int, lanes: int, band_steps: int, signed: bool = False
) -> Iterator[Sequence[Arm]]:
    """Arms in their order, as many at a time as memory allows, at least one."""
    held = HELD_BYTES // max(1, bytes_of(band_steps, lanes, signed))
    running = PIECE_BYTES // (8 * (steps + 1) * BLOCK)
    width = max(1, min(held, running))
    for first in range(0, len(arms), width):
        yield arms[first : first + width]


def pieces(
    scenario: Scenario, arms: Sequence[Arm], steps: int, lanes: int, **options: Any
) -> Iterator[Piece]:
    """Run all lanes, a piece at a time; where the cuts are depends on nothing but the arguments."""
    width = max(1, PIECE_BYTES // (8 * len(arms) * (steps + 1)) // BLOCK) * BLOCK
    for first in range(0, lanes, width):
        count = min(width, lanes - first)
        outcome = simulate(scenario, arms, steps, count, first_lane=first, **options)
        assert outcome.loss is not None
        assert outcome.lr_mean is not None
        yield Piece(first, outcome.loss, outcome.summary, outcome.lr_mean)


class Bands:
    """Quantiles of f - f* (or f) over the lanes at some steps, and the mean rates.

    Parameters
    ----------
    at:
        The steps, in 0 .. T.
    lanes:
        How many lanes there will be in all.
    """

    def __init__(self, scenario: Scenario, arms: int, at: np.ndarray, lanes: int) -> None:
        self.scenario, self.at, self.lanes = scenario, at, lanes
        signed = scenario.facts.minimum is None
        self._losses = Distribution((arms, len(at)), lanes, signed)
        self._rates: np.ndarray | float = 0.0

    def add(self, piece: Piece) -> None:
        """Add the lanes of a piece."""
        if len(self.at):
            self._losses.add(suboptimality(self.scenario, piece.loss[:, self.at]))
        self._rates = self._rates + piece.lr_mean * piece.lanes

    @property
    def lr_mean(self) -> np.ndarray:
        """Mean rates over all lanes, shape (arms, T)."""
        return np.asarray(self._rates) / self.lanes

    @property
    def exact(self) -> bool:
        """Whether the quantiles are."""
        return self._losses.exact

    def quantiles(self, levels: Sequence[float]) -> np.ndarray:
        """Shape (arms, steps, levels)."""
        return self._losses.quantiles(levels)
