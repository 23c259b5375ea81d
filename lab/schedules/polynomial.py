"""Decay to lr_end along a power of the remaining share of steps, after an optional warm-up from 0.

With w = num_warmup_steps and n = num_training_steps:

    t < w:        lr_t = lr_0 (t / w)
    w <= t <= n:  lr_t = lr_end + (lr_0 - lr_end) (1 - (t - w) / (n - w))^power
    t > n:        lr_t = lr_end

>>> values = {"num_warmup_steps": 0, "num_training_steps": 4, "lr_end": 0.0, "power": 2.0}
>>> rates(1.0, 6, values).tolist()
[1.0, 0.5625, 0.25, 0.0625, 0.0, 0.0]

Source: transformers 5.24, `get_polynomial_decay_schedule_with_warmup`.
"""

from __future__ import annotations

import numpy as np

from lab.component import OpenLoop, Parameter, Values


def rates(lr: float, steps: int, values: Values) -> np.ndarray:
    """Rates of the steps 0 .. steps - 1."""
    return np.array([lr * share(t, lr, values) for t in range(steps)])


def share(t: int, lr: float, values: Values) -> float:
    """Rate of step t as a share of the initial one, in the reference's order of operations."""
    warmup, end = values["num_warmup_steps"], values["num_training_steps"]
    if t < warmup:
        return t / max(1, warmup)
    if t > end:
        return values["lr_end"] / lr
    remaining = 1 - (t - warmup) / (end - warmup)
    decay = (lr - values["lr_end"]) * remaining ** values["power"] + values["lr_end"]
    return decay / lr


def room(values: Values) -> str:
    """What is wrong with the numbers of steps, or nothing."""
    warmup, end = values["num_warmup_steps"], values["num_training_steps"]
    return (
        "" if warmup < end else f"num_warmup_steps={warmup} is not below num_training_steps={end}"
    )


POLYNOMIAL = OpenLoop(
    name="polynomial",
    summary="decay to lr_end along a power of the remaining share of steps",
    source="transformers 5.24, get_polynomial_decay_schedule_with_warmup",
    parameters=(
        Parameter("num_warmup_steps", 0, "steps of the rise from 0", "[0, inf)"),
        Parameter(
            "num_training_steps",
            0,
            "step at which the rate is lr_end; 0 = all steps of the run",
            "[0, inf)",
            zero_is_steps=True,
        ),
        Parameter("lr_end", 1e-7, "rate in the end", "[0, inf)", rate=True),
        Parameter("power", 1.0, "exponent; 1 is a straight line", "(0, inf)"),
    ),
    rates=rates,
    rule=room,
    notes="The reference refuses an initial rate that is not above lr_end; here the rate then rises"
    " to it.",
    aliases=("get_polynomial_decay_schedule_with_warmup",),
    not_the_same={
        "polynomial_schedule": "optax's polynomial_schedule has transition_begin and"
        " transition_steps; write polynomial:num_training_steps=..., or polynomial-lr for torch's",
    },
)
