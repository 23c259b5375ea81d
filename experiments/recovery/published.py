"""The paper's two recovery measures as published, and what they measure in each channel.

Recovery ratio: the largest clean loss of a run over the mean of its last ten, of the losses
f_0 .. f_(T-1).
Spike episodes: an episode opens at a step whose recorded noise term is positive, and closes at the
first later step whose clean loss is below 1.1 times that of the opening step; its length is the
recovery time. A step that closes an episode may open the next; one that is still open at the end
has no length.

Neither needs a perturbation to act. What they measure is shown by the same measures on the same
lanes without noise (episodes: the noise-free losses with the noisy run's terms).

Source: GreedyLR, arXiv 2512.14527, robustness study.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.components import CHANNELS, NOISES
from experiments.grid import lane_chunks
from experiments.request import Request
from lab.component import Chosen
from lab.simulation import Keep, Scenario, Trajectories, simulate
from lab.statistics.interval import Interval
from lab.statistics.median import median_interval

#: The study's spike and burst models.
NOISE_MODELS = ("spikes", "periodic-spikes", "bursts")
#: Losses at the end whose mean the ratio divides by.
LAST = 10
#: An episode closes below this multiple of the loss that it opened with.
CLOSED = 1.1
#: Lanes of each landscape; the paper has one run a configuration, 360 or 720 in all.
SEEDS = 500


@dataclass(frozen=True)
class Ratios:
    """Recovery ratios of one schedule, all scenarios together.

    median, best (the largest). start_is_largest: share of lanes whose largest loss is the first.
    n: lanes; undefined: those among them that diverged or whose last losses have a mean of 0 or
    less; the other numbers are without them, and None where there are no others.
    """

    median: Interval | None
    best: float | None
    start_is_largest: float | None
    n: int
    undefined: int


@dataclass(frozen=True)
class Episodes:
    """Spike episodes of one schedule, all scenarios together.

    closed, open: episodes with and without a length. median, mean: of the lengths, in steps; one:
    share of length 1, the least there is. Lengths are None where no episode has closed.
    """

    closed: int
    open: int
    median: float | None
    mean: float | None
    one: float | None


@dataclass(frozen=True)
class ChannelMeasures:
    """Both measures of one schedule under one noise model in one channel.

    same: share of lanes whose every loss is that of the lane without noise, bit for bit. quiet:
    the episodes of the noise-free losses with the same terms.
    """

    noise: str
    channel: str
    schedule: str
    same: float
    ratios: Ratios
    episodes: Episodes
    quiet: Episodes


@dataclass(frozen=True)
class PublishedRecovery:
    """clean: ratios of each schedule without noise, by its name as written."""

    requests: tuple[Request, ...]
    strength: float
    seeds: int
    clean: dict[str, Ratios]
    channels: tuple[ChannelMeasures, ...]


def published_recovery(
    requests: Sequence[Request], threads: int | None = None
) -> PublishedRecovery:
    """Both measures over the landscapes of the requests with their first optimizer and strength.

    The noise models are the study's spikes and bursts, whatever the requests' own.
    """
    first = requests[0]
    chosen = tuple(
        r for r in requests if r.optimizer == first.optimizer and r.strengths == first.strengths
    )
    seeds = min(first.seeds, SEEDS)
    noises = [NOISES.choose(name) for name in NOISE_MODELS]
    channels = [CHANNELS.choose(name) for name in CHANNELS.all()]
    parts: dict[tuple[str, str], _Gathered] = {}
    clean = _Gathered()
    for request in chosen:
        rows = 4 * request.steps
        for start, count in lane_chunks(seeds, len(request.schedules), rows):
            quiet = _run(request, noises[0], channels[0], 0.0, False, start, count, threads).loss
            assert quiet is not None
            quiet = quiet[:, :-1]
            clean.add_ratios(quiet)
            for noise in noises:
                for channel in channels:
                    found = _run(
                        request, noise, channel, first.strengths[0], True, start, count, threads
                    )
                    key = (noise.component.name, channel.component.name)
                    parts.setdefault(key, _Gathered()).add(found, quiet)
    return PublishedRecovery(
        chosen, first.strengths[0], seeds,
        dict(zip(first.written, clean.ratios(), strict=True)),
        tuple(
            measures
            for (noise, channel), gathered in parts.items()
            for measures in gathered.measures(noise, channel, first.written)
        ),
    )  # fmt: skip


def recovery_ratios(losses: np.ndarray) -> np.ndarray:
    """Largest loss / mean of the last ten, of losses f_0 .. f_(T-1), shape (..., T, lanes).

    NaN where a lane diverged or that mean is not positive.
    """
    largest, last = losses.max(axis=-2), losses[..., -LAST:, :].mean(axis=-2)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where((last > 0.0) & np.isfinite(last), largest / last, np.nan)


def episode_lengths(losses: np.ndarray, terms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many episodes have each length, and how many are still open at the end.

    Parameters
    ----------
    losses, terms:
        Shape (arms, T, lanes): clean losses and recorded noise terms.

    Returns
    -------
    numpy.ndarray, numpy.ndarray
        Shapes (arms, T) and (arms,): entry l of the first counts the episodes of l steps.
    """
    arms, steps, lanes = losses.shape
    counts = np.zeros((arms, steps), dtype=np.int64)
    base = np.zeros((arms, lanes))
    opened = np.full((arms, lanes), -1)
    for t in range(steps):
        closes = (opened >= 0) & (losses[:, t] < CLOSED * base)
        arm, lane = np.nonzero(closes)
        np.add.at(counts, (arm, t - opened[arm, lane]), 1)
        opens = (closes | (opened < 0)) & (terms[:, t] > 0.0)
        opened = np.where(opens, t, np.where(closes, -1, opened))
        base = np.where(opens, losses[:, t], base)
    return counts, np.sum(opened >= 0, axis=1)


def _run(
    request: Request,
    noise: Chosen,
    channel: Chosen,
    strength: float,
    term: bool,
    first: int,
    count: int,
    threads: int | None,
) -> Trajectories:
    scenario = Scenario(request.landscape, noise, channel, strength)
    keep = Keep(lr_mean=False, term=term)
    options = {**request.options, "keep": keep, "first_lane": first, "threads": threads}
    return simulate(scenario, request.arms(), request.steps, count, **options)


class _Gathered:
    """What is kept of the lanes of all scenarios, a number a lane and arm."""

    def __init__(self) -> None:
        self.ratio: list[np.ndarray] = []
        self.first: list[np.ndarray] = []
        self.same: list[np.ndarray] = []
        self.lengths: list[tuple[np.ndarray, np.ndarray]] = []
        self.quiet: list[tuple[np.ndarray, np.ndarray]] = []

    def add_ratios(self, losses: np.ndarray) -> None:
        self.ratio.append(recovery_ratios(losses))
        self.first.append(losses[:, 0] >= losses.max(axis=1))

    def add(self, found: Trajectories, quiet: np.ndarray) -> None:
        assert found.loss is not None
        assert found.term is not None
        losses = found.loss[:, :-1]
        self.add_ratios(losses)
        self.same.append((losses == quiet).all(axis=1))
        self.lengths.append(episode_lengths(losses, found.term))
        self.quiet.append(episode_lengths(quiet, found.term))

    def ratios(self) -> list[Ratios]:
        """One a schedule."""
        every, first = np.concatenate(self.ratio, axis=1), np.concatenate(self.first, axis=1)
        return [_ratios(ratio, start) for ratio, start in zip(every, first, strict=True)]

    def measures(
        self, noise: str, channel: str, written: Sequence[str]
    ) -> Iterator[ChannelMeasures]:
        """One a schedule."""
        same = np.concatenate(self.same, axis=1).mean(axis=1)
        ratios = self.ratios()
        for arm, name in enumerate(written):
            yield ChannelMeasures(
                noise, channel, name, float(same[arm]), ratios[arm],
                _summed(self.lengths, arm), _summed(self.quiet, arm),
            )  # fmt: skip


def _ratios(ratio: np.ndarray, start_is_largest: np.ndarray) -> Ratios:
    defined = np.isfinite(ratio)
    n, sample = len(ratio), ratio[defined]
    if not len(sample):
        return Ratios(None, None, None, n, n)
    share = float(start_is_largest[defined].mean())
    return Ratios(median_interval(sample), float(sample.max()), share, n, n - len(sample))


def _summed(parts: list[tuple[np.ndarray, np.ndarray]], arm: int) -> Episodes:
    counts = np.sum([counts[arm] for counts, _ in parts], axis=0)
    return summarised(counts, int(sum(rest[arm] for _, rest in parts)))


def summarised(counts: np.ndarray, still_open: int) -> Episodes:
    """Episodes of which `counts[l]`, shape (T,), have the length l."""
    closed = int(counts.sum())
    if not closed:
        return Episodes(0, still_open, None, None, None)
    below = np.cumsum(counts)
    ranks = ((closed - 1) // 2 + 1, closed // 2 + 1)
    median = float(np.mean([np.searchsorted(below, rank) for rank in ranks]))
    mean = float(counts @ np.arange(len(counts)) / closed)
    return Episodes(closed, still_open, median, mean, float(counts[1] / closed))
