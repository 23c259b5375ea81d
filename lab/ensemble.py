"""All lanes of a scenario in bounded memory: summaries of every lane, quantile bands of every step.

Up to `EXACT_LANES` lanes the bands are exact: the losses of all lanes are held, for as many arms at
a time as memory allows. Beyond, lanes stream through in chunks and each step's losses go into a
histogram (`lab.sketch`) whose quantiles carry a stated relative error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.engine.abi import BLOCK
from lab.simulation import Arm, Keep, Scenario, simulate
from lab.sketch import Histograms
from lab.statistics.quantiles import quantiles

#: Most lanes whose bands are exact.
EXACT_LANES = 100_000
#: Losses held at a time.
BUFFER_BYTES = 256 * 2**20


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
    band_steps: np.ndarray | None = None,
    **options: Any,
) -> Ensemble:
    """Run all lanes of all arms and reduce them.

    Parameters
    ----------
    levels:
        Quantile levels of the bands.
    band_steps:
        Steps to take the bands at; all by default.
    options:
        Passed on to `lab.simulation.simulate`: seed, cadence, start, threads, progress.
    """
    at = np.arange(steps + 1) if band_steps is None else band_steps
    width = max(1, BUFFER_BYTES // (8 * (steps + 1)))
    if lanes <= max(EXACT_LANES, BLOCK):
        group = max(1, width // lanes)
        return _exact(scenario, arms, steps, lanes, levels, at, group, options)
    return _streamed(scenario, arms, steps, lanes, levels, at, width // len(arms), options)


def _exact(
    scenario: Scenario,
    arms: Sequence[Arm],
    steps: int,
    lanes: int,
    levels: Sequence[float],
    at: np.ndarray,
    group: int,
    options: dict[str, Any],
) -> Ensemble:
    parts: list[Ensemble] = []
    for first in range(0, len(arms), group):
        chosen = arms[first : first + group]
        outcome = simulate(scenario, chosen, steps, lanes, **options)
        assert outcome.loss is not None
        assert outcome.lr_mean is not None
        bands = np.moveaxis(quantiles(suboptimality(scenario, outcome.loss[:, at]), levels), 0, -1)
        parts.append(Ensemble(outcome.summary, bands, outcome.lr_mean, True))
    return Ensemble(
        {name: np.concatenate([p.summary[name] for p in parts]) for name in parts[0].summary},
        np.concatenate([p.bands for p in parts]),
        np.concatenate([p.lr_mean for p in parts]),
        True,
    )


def _streamed(
    scenario: Scenario,
    arms: Sequence[Arm],
    steps: int,
    lanes: int,
    levels: Sequence[float],
    at: np.ndarray,
    width: int,
    options: dict[str, Any],
) -> Ensemble:
    chunk = max(BLOCK, width // BLOCK * BLOCK)
    origin = options.pop("first_lane", 0)
    histograms = Histograms(len(arms), len(at))
    rates = np.zeros((len(arms), steps))
    summaries: list[dict[str, np.ndarray]] = []
    for first in range(0, lanes, chunk):
        count = min(chunk, lanes - first)
        outcome = simulate(
            scenario, arms, steps, count, first_lane=origin + first, keep=Keep(), **options
        )
        assert outcome.loss is not None
        assert outcome.lr_mean is not None
        histograms.add(suboptimality(scenario, outcome.loss[:, at]))
        rates += outcome.lr_mean * count
        summaries.append(outcome.summary)
    return Ensemble(
        {name: np.concatenate([s[name] for s in summaries], axis=1) for name in summaries[0]},
        histograms.quantiles(levels),
        rates / lanes,
        False,
    )
