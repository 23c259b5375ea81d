"""Stretches of steps, each boundary with a factor for the rate.

The rate v_0 is the initial one, and v_i = v_(i-1) scales_i. With `interpolate=none` the rate is v_i
from step boundaries_i on. With linear or cosine it is v_i exactly at boundaries_i, and between two
boundaries, at the share p of the stretch,

    linear:  v_(i-1) + (v_i - v_(i-1)) p
    cosine:  v_i + (v_(i-1) - v_i) (1 + cos(pi p)) / 2

>>> values = {"boundaries": (2.0, 4.0), "scales": (0.5, 2.0), "interpolate": "none"}
>>> rates(1.0, 6, values).tolist()
[1.0, 1.0, 0.5, 0.5, 1.0, 1.0]
>>> rates(1.0, 6, {**values, "interpolate": "linear"}).tolist()
[1.0, 0.75, 0.5, 0.75, 1.0, 1.0]

Source: optax 0.2.8, `piecewise_constant_schedule` and `piecewise_interpolate_schedule`.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from lab.component import OpenLoop, Parameter, Values


def rates(lr: float, steps: int, values: Values) -> np.ndarray:
    """Rates of the steps 0 .. steps - 1."""
    levels = np.multiply.accumulate([lr, *values["scales"]])
    bounds = np.array([0.0, *values["boundaries"]])
    t = np.arange(steps)
    # Index of the last boundary that is not after t.
    stretch = np.searchsorted(bounds, t, side="right") - 1
    if values["interpolate"] == "none":
        return levels[stretch]
    between = linear if values["interpolate"] == "linear" else cosine
    following = np.minimum(stretch + 1, len(bounds) - 1)
    length = np.maximum(bounds[following] - bounds[stretch], 1.0)
    share = (t - bounds[stretch]) / length
    return np.where(
        stretch == following, levels[-1], between(levels[stretch], levels[following], share)
    )


def linear(start: np.ndarray, end: np.ndarray, share: np.ndarray) -> np.ndarray:
    """A straight line, in the reference's order of operations."""
    return (end - start) * share + start


def cosine(start: np.ndarray, end: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Half a cosine, in the reference's order of operations."""
    wave = np.array([math.cos(math.pi * p) for p in share])
    return end + (start - end) / 2.0 * (wave + 1)


def pairs(values: Values) -> str:
    """What is wrong with the boundaries and scales, or nothing."""
    bounds, scales = values["boundaries"], values["scales"]
    if len(bounds) != len(scales):
        return f"{len(bounds)} boundaries and {len(scales)} scales: as many of one as of the other"
    if any(bound != int(bound) for bound in bounds):
        return "boundaries are whole steps"
    if any(later <= earlier for earlier, later in pairwise(bounds)):
        return "boundaries must rise"
    return ""


PIECEWISE = OpenLoop(
    name="piecewise",
    summary="stretches of steps, each boundary with a factor for the rate",
    source="optax 0.2.8, piecewise_constant_schedule, piecewise_interpolate_schedule",
    parameters=(
        Parameter(
            "boundaries", (100.0, 150.0), "steps in rising order", "[1, 1e15]", required=True
        ),
        Parameter("scales", (0.5, 0.1), "factor at each boundary", "[0, inf)", required=True),
        Parameter(
            "interpolate",
            "none",
            "how the rate goes from one boundary to the next",
            choices=("none", "linear", "cosine"),
        ),
    ),
    rates=rates,
    rule=pairs,
    not_the_same={
        "piecewise_constant_schedule": "write piecewise:boundaries=30/80,scales=0.5/0.1 for optax's"
        " boundaries_and_scales={30: 0.5, 80: 0.1}",
        "piecewise_interpolate_schedule": "write"
        " piecewise:boundaries=30/80,scales=0.5/0.1,interpolate=linear",
        "SequentialLR": "write warmup:steps=...,then=(...) for a warm-up, piecewise for steps,"
        " table for anything else",
    },
)
