"""All lanes of a scenario in bounded memory: summaries of every lane, quantile bands of the steps.

Lanes stream through in pieces, and what is kept of the losses is a `lab.distribution` a step: exact
up to a number of lanes, with a stated error beyond. Where even that is too much for all arms
together, they run a few at a time; every arm meets the same draws as always. Of a long run not
every step has a band (`band_steps`), so that memory grows neither with the lanes nor with the
steps, but for the summary of each lane.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lab.distribution import EXACT_LANES, Distribution, bytes_of
from lab.engine.abi import BLOCK
from lab.engine.result_memory import recording
from lab.engine.workers import cores
from lab.memory import require
from lab.simulation import Arm, Keep, Scenario, simulate
from lab.trajectories import SUMMARY, Trajectories

#: Losses of the piece that is being run.
PIECE_BYTES = 32 * 2**20
#: The same for the bands of a run: the more lanes are counted at a time, the longer a histogram
#: stays in the cache.
WIDE_PIECE_BYTES = 64 * 2**20
#: Distributions that are being filled.
HELD_BYTES = 256 * 2**20
#: Steps that a run has bands of: all up to this number, some of more.
BAND_STEPS = 400
#: Numbers that are kept of every lane of every arm.
SUMMARY_COLUMNS = len(SUMMARY)


@dataclass
class Ensemble:
    """What remains of a scenario's lanes.

    summary: as in `Trajectories`, shape (arms, lanes). at: the steps with bands, of 0 .. T with
    both ends. bands: quantiles of f - f* (or f) at these steps, shape (arms, band steps, levels);
    `exact` says whether they are. lr_mean: mean rates at all of them but T, which has none, shape
    (arms, band steps - 1).
    """

    summary: dict[str, np.ndarray]
    at: np.ndarray
    bands: np.ndarray
    lr_mean: np.ndarray
    exact: bool


@dataclass
class Piece:
    """Some lanes of some arms.

    first: the first lane, counted from the first of the whole. at: steps, of 0 .. T with both ends.
    loss: f_t at these, shape (arms, steps, lanes). summary, below: as in `Trajectories`. lr_mean:
    at these steps but T, which has none.
    """

    first: int
    at: np.ndarray
    loss: np.ndarray
    summary: dict[str, np.ndarray]
    lr_mean: np.ndarray
    below: np.ndarray | None = None

    @property
    def lanes(self) -> int:
        """Number of lanes."""
        return self.summary["final"].shape[1]

    def rows(self, steps: ArrayLike) -> np.ndarray:
        """Where some of its steps stand."""
        return np.searchsorted(self.at, steps)


@dataclass
class BandPiece(Piece):
    """The same at the band steps.

    loss: where there are too many lanes for exact quantiles, in
    the form of `lab.sketch.record_places`.
    """


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
    at = band_steps(steps)
    threads = options.get("threads") or cores()
    signed = scenario.facts.minimum is None
    foresee(len(arms), len(at) - 1, lanes, len(at), signed, piece_bytes=WIDE_PIECE_BYTES)
    summary = {name: recording((len(arms), lanes)) for name in SUMMARY}
    found: list[np.ndarray] = []
    rates: list[np.ndarray] = []
    first = 0
    for chosen in together(arms, len(at) - 1, lanes, len(at), signed):
        bands = Bands(scenario, len(chosen), at, lanes, threads)
        own = {name: values[first : first + len(chosen)] for name, values in summary.items()}
        made = band_pieces(scenario, chosen, steps, lanes, at, **options)
        _while_the_next_is_made(made, partial(_take_in, bands, own))
        first += len(chosen)
        found.append(bands.quantiles(levels))
        rates.append(bands.lr_mean)
    exact = lanes <= EXACT_LANES
    return Ensemble(summary, at, np.concatenate(found), np.concatenate(rates), exact)


def _take_in(bands: Bands, summary: Mapping[str, np.ndarray], piece: Piece) -> None:
    """Add the lanes of a piece to what is known of all."""
    bands.add(piece)
    lanes = slice(piece.first, piece.first + piece.lanes)
    for name, values in piece.summary.items():
        summary[name][:, lanes] = values


def _while_the_next_is_made(pieces: Iterable[Piece], work: Callable[[Piece], None]) -> None:
    """Do `work` on all pieces, one after the other.

    Much of it is done by one thread; the engine's threads go on with the next piece meanwhile.
    """
    with ThreadPoolExecutor(1) as pool:
        before = None
        for piece in pieces:
            if before is not None:
                before.result()
            before = pool.submit(work, piece)
        if before is not None:
            before.result()


def band_steps(steps: int, most: int = BAND_STEPS) -> np.ndarray:
    """Steps 0 .. T at which a run has bands: all, or about `most`, both ends among them.

    Half of them are evenly spaced and half evenly in the logarithm of the step: no gap is longer
    than 2 / `most` of the run, and the first steps are all there.
    """
    if steps <= most:
        return np.arange(steps + 1)
    even = np.linspace(0, steps, most // 2 + 1)
    early = np.geomspace(1, steps, most // 2)
    return np.unique(np.concatenate([even, early]).round().astype(np.int64))


def together(
    arms: Sequence[Arm], steps: int, lanes: int, band_steps: int, signed: bool = False
) -> Iterator[Sequence[Arm]]:
    """Arms in their order, as many at a time as memory allows, at least one."""
    held = HELD_BYTES // max(1, bytes_of(band_steps, lanes, signed))
    running = PIECE_BYTES // (8 * (steps + 1) * BLOCK)
    width = max(1, min(held, running))
    for first in range(0, len(arms), width):
        yield arms[first : first + width]


def foresee(
    arms: int,
    steps: int,
    lanes: int,
    band_steps: int,
    signed: bool,
    also: int = 0,
    at_once: int = 1,
    piece_bytes: int = PIECE_BYTES,
) -> None:
    """Refuse lanes that do not fit into memory even an arm and a block at a time.

    Parameters
    ----------
    also:
        Bytes for what else is kept.
    at_once:
        How many such scenarios run at a time.
    piece_bytes:
        Losses of a piece.

    Raises
    ------
    RequestError
        With what is needed and what there is.
    """
    # Of a piece there are the losses, a copy that becomes f - f*, and those of the band steps; the
    # losses of the next one are made meanwhile.
    piece = max(piece_bytes, 8 * (steps + 1) * BLOCK)
    one = bytes_of(band_steps, lanes, signed)
    bands = max(one, min(HELD_BYTES, arms * one))
    summary = SUMMARY_COLUMNS * 8 * arms * lanes
    require(
        at_once * (4 * piece + bands + summary) + also,
        f"{steps:,} steps of {lanes:,} seeds",
        "take fewer steps, seeds or threads",
    )


def pieces(
    scenario: Scenario,
    arms: Sequence[Arm],
    steps: int,
    lanes: int,
    at: np.ndarray,
    below: float | None = None,
    **options: Any,
) -> Iterator[Piece]:
    """Run all lanes, a piece at a time; where the cuts are depends on nothing but the arguments.

    at, below: what is kept, as in `Piece` and in `Keep`.
    """
    width = _width(PIECE_BYTES, 8 * len(arms) * len(at))
    keep = _keep(at, steps, below=below)
    for first, found in _simulated(scenario, arms, steps, lanes, width, keep, options):
        assert found.loss is not None
        assert found.lr_mean is not None
        yield Piece(first, at, found.loss, found.summary, found.lr_mean, found.below)


def band_pieces(
    scenario: Scenario,
    arms: Sequence[Arm],
    steps: int,
    lanes: int,
    at: np.ndarray,
    **options: Any,
) -> Iterator[BandPiece]:
    """The same for the bands of a run at ascending steps `at`, of 0 .. T with both ends."""
    counted = lanes > EXACT_LANES
    keep = _keep(at, steps, places=counted)
    width = _width(WIDE_PIECE_BYTES, (2 if counted else 8) * len(arms) * len(at))
    for first, found in _simulated(scenario, arms, steps, lanes, width, keep, options):
        loss = found.places if counted else found.loss
        assert loss is not None
        assert found.lr_mean is not None
        yield BandPiece(first, at, loss, found.summary, found.lr_mean)


def _keep(at: np.ndarray, steps: int, **also: Any) -> Keep:
    """Losses and mean rates at some steps, both ends among them, or at all."""
    if len(at) == steps + 1:
        return Keep(**also)
    chosen = tuple(at.tolist())
    return Keep(loss_at=chosen, lr_mean_at=chosen[:-1], **also)


def _width(room: int, bytes_a_lane: int) -> int:
    """Lanes of a piece, in whole blocks."""
    return max(1, room // bytes_a_lane // BLOCK) * BLOCK


def _simulated(
    scenario: Scenario,
    arms: Sequence[Arm],
    steps: int,
    lanes: int,
    width: int,
    keep: Keep,
    options: dict[str, Any],
) -> Iterator[tuple[int, Trajectories]]:
    """All lanes, so many at a time, with the first of each."""
    for first in range(0, lanes, width):
        count = min(width, lanes - first)
        yield first, simulate(scenario, arms, steps, count, first_lane=first, keep=keep, **options)


class Bands:
    """Quantiles of f - f* (or f) over the lanes at some steps, and the mean rates.

    Parameters
    ----------
    at:
        The steps, in 0 .. T.
    lanes:
        How many lanes there will be in all.
    threads:
        How many share the work.
    """

    def __init__(
        self, scenario: Scenario, arms: int, at: np.ndarray, lanes: int, threads: int = 1
    ) -> None:
        self.minimum = scenario.facts.minimum
        self.at, self.lanes, self.threads = at, lanes, threads
        signed = self.minimum is None
        self._losses = Distribution((arms, len(at)), lanes, signed)
        self._rates: np.ndarray | float = 0.0

    def add(self, piece: Piece) -> None:
        """Add the lanes of a piece."""
        rates = piece.lr_mean
        if not isinstance(piece, BandPiece):
            rows = piece.rows(self.at)
            if len(rows):
                self._losses.add(piece.loss[:, rows], self.minimum, self.threads)
            rates = rates[:, rows[rows < rates.shape[1]]]
        elif self.exact:
            self._losses.add(piece.loss, self.minimum, self.threads)
        else:
            self._losses.add_places(piece.loss, piece.lanes, self.threads)
        self._rates = self._rates + rates * piece.lanes

    @property
    def lr_mean(self) -> np.ndarray:
        """Mean rates over all lanes at the steps but T, which has none, a row an arm."""
        return np.asarray(self._rates) / self.lanes

    @property
    def exact(self) -> bool:
        """Whether the quantiles are."""
        return self._losses.exact

    def quantiles(self, levels: Sequence[float]) -> np.ndarray:
        """Shape (arms, steps, levels)."""
        return self._losses.quantiles(levels, self.threads)
