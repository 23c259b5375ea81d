"""Linear decay to 0 over all steps, after an optional linear warm-up from 0.

With w = num_warmup_steps, n = num_training_steps and lr_0 the initial rate:

    t < w:   lr_t = lr_0 (t / w)
    t >= w:  lr_t = lr_0 max(0, (n - t) / (n - w))

>>> rates(1.0, 6, {"num_warmup_steps": 0, "num_training_steps": 4}).tolist()
[1.0, 0.75, 0.5, 0.25, 0.0, 0.0]
>>> rates(1.0, 6, {"num_warmup_steps": 2, "num_training_steps": 6}).tolist()
[0.0, 0.5, 1.0, 0.75, 0.5, 0.25]

Source: transformers 5.24, `get_linear_schedule_with_warmup`.
"""

from __future__ import annotations

import numpy as np

from lab.component import OpenLoop, Parameter, Values


def rates(lr: float, steps: int, values: Values) -> np.ndarray:
    """Rates of the steps 0 .. steps - 1."""
    warmup, end = values["num_warmup_steps"], values["num_training_steps"]
    t = np.arange(steps, dtype=np.float64)
    rise = t / max(1, warmup)
    fall = np.maximum(0.0, (end - t) / max(1, end - warmup))
    return lr * np.where(t < warmup, rise, fall)


LINEAR = OpenLoop(
    name="linear",
    summary="linear decay to 0 over all steps",
    source="transformers 5.24, get_linear_schedule_with_warmup",
    parameters=(
        Parameter("num_warmup_steps", 0, "steps of the rise from 0", "[0, inf)"),
        Parameter(
            "num_training_steps",
            0,
            "step at which the rate is 0; 0 = all steps of the run",
            "[0, inf)",
            zero_is_steps=True,
        ),
    ),
    rates=rates,
    aliases=("linear_with_warmup", "get_linear_schedule_with_warmup"),
    notes="torch's LinearLR, by default a short warm-up, is linear-lr.",
)
