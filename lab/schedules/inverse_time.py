"""Decay like 1/t: the rate of Robbins and Monro's conditions.

    lr_t = lr_0 / (1 + decay_rate t / decay_steps)

`staircase` takes the whole part of t / decay_steps.

>>> rates(1.0, 4, {"decay_steps": 1, "decay_rate": 1.0, "staircase": False}).round(4).tolist()
[1.0, 0.5, 0.3333, 0.25]
>>> rates(1.0, 4, {"decay_steps": 2, "decay_rate": 1.0, "staircase": True}).tolist()
[1.0, 1.0, 0.5, 0.5]

Source: Robbins & Monro, "A stochastic approximation method", 1951; names and order of operations of
Keras 3, `InverseTimeDecay`.
"""

from __future__ import annotations

import numpy as np

from lab.component import OpenLoop, Parameter, Values


def rates(lr: float, steps: int, values: Values) -> np.ndarray:
    """Rates of the steps 0 .. steps - 1."""
    periods = np.arange(steps) / values["decay_steps"]
    if values["staircase"]:
        periods = np.floor(periods)
    # A divisor beyond all numbers makes the rate 0.
    with np.errstate(over="ignore"):
        return lr / (1.0 + values["decay_rate"] * periods)


INVERSE_TIME = OpenLoop(
    name="inverse-time",
    summary="decay like 1/t",
    source="Robbins & Monro 1951; Keras 3, InverseTimeDecay",
    parameters=(
        Parameter("decay_steps", 1, "steps after which decay_rate is added once", "[1, inf)"),
        Parameter("decay_rate", 0.1, "what is added to the divisor", "[0, inf)"),
        Parameter("staircase", False, "whether the rate changes once in decay_steps steps only"),
    ),
    rates=rates,
    notes="Keras has no defaults for decay_steps and decay_rate.",
    aliases=("InverseTimeDecay",),
)
