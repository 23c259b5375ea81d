"""A linear rise from 0, then the initial rate.

With w = num_warmup_steps:  lr_t = lr_0 (t / w) for t < w, then lr_0.

>>> rates(1.0, 4, {"num_warmup_steps": 2}).tolist()
[0.0, 0.5, 1.0, 1.0]

Source: transformers 5.24, `get_constant_schedule_with_warmup`.
"""

from __future__ import annotations

import numpy as np

from lab.component import OpenLoop, Parameter, Values


def rates(lr: float, steps: int, values: Values) -> np.ndarray:
    """Rates of the steps 0 .. steps - 1."""
    warmup = values["num_warmup_steps"]
    t = np.arange(steps, dtype=np.float64)
    return lr * np.where(t < warmup, t / max(1.0, warmup), 1.0)


CONSTANT_WITH_WARMUP = OpenLoop(
    name="constant-with-warmup",
    summary="a linear rise from 0, then the initial rate",
    source="transformers 5.24, get_constant_schedule_with_warmup",
    parameters=(
        Parameter("num_warmup_steps", 10, "steps of the rise from 0", "[0, inf)", required=True),
    ),
    rates=rates,
    notes="The rate of the first step is 0.",
    aliases=("constant_with_warmup", "get_constant_schedule_with_warmup"),
)
