"""Decay like the inverse square root of t, after an optional warm-up from 0.

With w = num_warmup_steps and s = timescale:

    t < w:   lr_t = lr_0 (t / w)
    t >= w:  lr_t = lr_0 / sqrt((t + s - w) / s)

>>> rates(1.0, 4, {"num_warmup_steps": 0, "timescale": 1}).round(4).tolist()
[1.0, 0.7071, 0.5774, 0.5]
>>> rates(1.0, 9, {"num_warmup_steps": 2, "timescale": 0})[[0, 1, 2, 8]].tolist()
[0.0, 0.5, 1.0, 0.5]

Source: transformers 5.24, `get_inverse_sqrt_schedule`.
"""

from __future__ import annotations

import math

import numpy as np

from lab.component import OpenLoop, Parameter, Values


def rates(lr: float, steps: int, values: Values) -> np.ndarray:
    """Rates of the steps 0 .. steps - 1."""
    warmup = values["num_warmup_steps"]
    scale = values["timescale"] or warmup or 10_000
    rise = [t / max(1, warmup) for t in range(min(warmup, steps))]
    fall = [1.0 / math.sqrt((t + (scale - warmup)) / scale) for t in range(warmup, steps)]
    return lr * np.array(rise + fall)


INVERSE_SQRT = OpenLoop(
    name="inverse-sqrt",
    summary="decay like the inverse square root of t",
    source="transformers 5.24, get_inverse_sqrt_schedule",
    parameters=(
        Parameter("num_warmup_steps", 0, "steps of the rise from 0", "[0, inf)"),
        Parameter(
            "timescale",
            0,
            "steps s of the decay; 0 = num_warmup_steps, or 10000 without a warm-up",
            "[0, inf)",
        ),
    ),
    rates=rates,
    notes="Without a warm-up and a timescale the rate hardly moves in a few hundred steps.",
    aliases=("inverse_sqrt", "get_inverse_sqrt_schedule"),
)
