"""Noise as a run makes it: the terms of many lanes, with a base of 1."""

from __future__ import annotations

import numpy as np

from experiments.components import CHANNELS, NOISES, OPTIMIZERS, SCHEDULES
from lab.simulation import Arm, Keep, Scenario, Trajectories, simulate
from landscapes import LANDSCAPES

#: A level of 1 that nobody leaves: every base, |f| and the gradient's norm, is 1.
STILL = "huber:dim=1,delta=1"


def run(
    noise: str,
    channel: str,
    strength: float,
    steps: int,
    lanes: int,
    landscape: str = STILL,
    lr: float = 0.0,
    start: tuple[float, ...] = (1.5,),
    **options,
) -> Trajectories:
    """Lanes of one arm with a constant rate of plain gradient descent."""
    scenario = Scenario(
        LANDSCAPES.choose(landscape), NOISES.choose(noise), CHANNELS.choose(channel), strength
    )
    arm = Arm(SCHEDULES.choose("constant"), OPTIMIZERS.choose("sgd"), lr)
    return simulate(
        scenario, [arm], steps, lanes, keep=Keep(term=True, x=True), start=start, **options
    )


def terms(noise: str, strength: float, steps: int, lanes: int, **options) -> np.ndarray:
    """eta_t, shape (steps, lanes), in the metric channel with the base 1."""
    return run(noise, "metric", strength, steps, lanes, **options).term[0]


def vectors(noise: str, strength: float, steps: int, lanes: int, dim: int) -> np.ndarray:
    """What a gradient channel adds, shape (steps - 1, dim, lanes): moves where f is flat."""
    flat = f"quadratic:dim={dim},condition=1,L=1e-250"
    x = run(
        noise, "gradient", strength, steps, lanes, landscape=flat, lr=1.0, start=(0.0,) * dim
    ).x[0]
    return -np.diff(x, axis=0)
