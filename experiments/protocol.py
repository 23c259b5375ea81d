"""The published protocol, run for the losses of every step: what recovery and speed are read from.

The grid of `experiments.evidence` keeps where a lane ends; these series keep how it got there. They
are small enough to be run anew each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.components import (
    CHANNELS,
    LANDSCAPES,
    NOISES,
    OPTIMIZERS,
    PERTURBATIONS,
    SCHEDULES,
)
from experiments.evidence import LANDSCAPES as FUNCTIONS
from experiments.evidence import Names
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
    landscapes: Sequence[str] = FUNCTIONS,
) -> Iterator[Series]:
    """Every landscape of the published grid under one noise model, with or without an event."""
    texts = [(name, text) for name, members in names.items() for text in members]
    arms = [Arm(SCHEDULES.choose(text), OPTIMIZERS.choose("adam"), RATE) for _, text in texts]
    events = [] if event is None else [PERTURBATIONS.choose(event)]
    for landscape in landscapes:
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


def _named(names: Names, texts: list[tuple[str, str]], values: np.ndarray) -> dict[str, np.ndarray]:
    """Values of shape (arms, steps, seeds) by schedule name, as (steps, cells, seeds)."""
    return {
        name: np.stack([v for (n, _), v in zip(texts, values, strict=True) if n == name], axis=1)
        for name in names
    }


def pooled(parts: Sequence[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Values of shape (cells, seeds) by schedule name, the cells of all scenarios together."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
