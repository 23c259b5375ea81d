"""Simulations in a few words, and their comparison bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.request import Request, make_request
from lab.simulation import Keep, Trajectories, simulate

EVERYTHING = Keep(lr=True, observed=True, term=True, x=True)


def trajectories(request: Request, lanes: int = 130, **options: Any) -> Trajectories:
    """Every arm of a request at its first strength, with all series."""
    options = {"keep": EVERYTHING, "seed": request.seed, "cadence": request.cadence} | options
    strength = options.pop("strength", request.strengths[0])
    steps = options.pop("steps", request.steps)
    arms = options.pop("arms", request.arms())
    return simulate(request.scenario(strength), arms, steps, lanes, **options)


def run(landscape: str, noise: str = "none", lanes: int = 130, **request: Any) -> Trajectories:
    """The same from the words of a request."""
    return trajectories(make_request(landscape, noise, **request), lanes)


def arrays(found: Trajectories) -> dict[str, np.ndarray]:
    """All arrays with lanes as their last axis, by name."""
    series = {name: getattr(found, name) for name in ("loss", "lr", "observed", "term", "x")}
    return {**found.summary, **{name: a for name, a in series.items() if a is not None}}


def different(
    a: Trajectories, b: Trajectories, arm_a: Any = slice(None), arm_b: Any = slice(None)
) -> list[str]:
    """Names of the arrays that differ in any bit (zeros of either sign are one number)."""
    one, other = arrays(a), arrays(b)
    assert one.keys() == other.keys()
    return [
        name for name in one if not np.array_equal(one[name][arm_a], other[name][arm_b])
    ]  # fmt: skip
