"""The published protocol, run for the losses of every step: what recovery and speed are read from.

The grid of `experiments.check.evidence` keeps where a lane ends; these series keep how it got
there. They are small enough to be run anew each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.check.evidence import LANDSCAPES as FUNCTIONS
from experiments.check.evidence import Names
from experiments.components import (
    CHANNELS,
    LANDSCAPES,
    NOISES,
    OPTIMIZERS,
    PERTURBATIONS,
    SCHEDULES,
)
from lab.ensemble import suboptimality
from lab.simulation import Arm, Keep, Scenario, simulate

STEPS, RATE = 200, 0.01


@dataclass(frozen=True)
class Series:
    """One scenario, by schedule name.

    losses: suboptimality, shape (steps + 1, cells, seeds). terms: of the noise, (steps, cells,
    seeds).
    """

    landscape: str
    losses: dict[str, np.ndarray]
    terms: dict[str, np.ndarray]


def series(
    names: Names,
    seeds: int,
    noise: str = "none",
    channel: str = "published",
    strength: float = 0.5,
    event: str | None = None,
    threads: int | None = None,
    rates: Mapping[tuple[str, str], float] | None = None,
) -> Iterator[Series]:
    """Every landscape of the published grid under one noise model, with or without an event.

    `rates` has initial rates by landscape and schedule, in place of the shared one.
    """
    texts = [(name, text) for name, members in names.items() for text in members]
    events = [] if event is None else [PERTURBATIONS.choose(event)]
    for landscape in FUNCTIONS:
        arms = _arms([text for _, text in texts], landscape, rates)
        scenario = Scenario(
            LANDSCAPES.choose(landscape), NOISES.choose(noise), CHANNELS.choose(channel), strength
        )
        found = simulate(
            scenario, arms, STEPS, seeds, perturbations=events, threads=threads,
            keep=Keep(lr_mean=False, term=True),
        )  # fmt: skip
        assert found.loss is not None
        assert found.term is not None
        losses = suboptimality(scenario, found.loss)
        yield Series(landscape, _named(names, texts, losses), _named(names, texts, found.term))


def mean_rates(names: Names, seeds: int, threads: int | None = None) -> dict[str, float]:
    """The mean rate of each schedule over the run without noise, in units of the initial one.

    Of the values of all landscapes (and of both patiences) the median.
    """
    texts = [(name, text) for name, members in names.items() for text in members]
    found: dict[str, list[float]] = {name: [] for name in names}
    for landscape in FUNCTIONS:
        scenario = Scenario(
            LANDSCAPES.choose(landscape), NOISES.choose("none"), CHANNELS.choose("published"), 0.0
        )
        arms = _arms([text for _, text in texts], landscape, None)
        run = simulate(scenario, arms, STEPS, seeds, threads=threads, keep=Keep(loss=False))
        assert run.lr_mean is not None
        for (name, _), rates in zip(texts, run.lr_mean, strict=True):
            found[name].append(float(np.mean(rates)) / RATE)
    return {name: float(np.median(values)) for name, values in found.items()}


def _arms(
    texts: Sequence[str], landscape: str, rates: Mapping[tuple[str, str], float] | None
) -> list[Arm]:
    return [
        Arm(
            SCHEDULES.choose(text),
            OPTIMIZERS.choose("adam"),
            RATE if rates is None else rates[landscape, text],
        )
        for text in texts
    ]


def _named(names: Names, texts: list[tuple[str, str]], values: np.ndarray) -> dict[str, np.ndarray]:
    """Values of shape (arms, steps, seeds) by schedule name, as (steps, cells, seeds)."""
    return {
        name: np.stack([v for (n, _), v in zip(texts, values, strict=True) if n == name], axis=1)
        for name in names
    }


def pooled(parts: Sequence[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Values of shape (cells, seeds) by schedule name, the cells of all scenarios together."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
