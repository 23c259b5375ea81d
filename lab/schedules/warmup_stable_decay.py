"""A rise, a plateau at the initial rate and a decay.

With w, s and d the steps of the three stages and p the share of a stage that is over, the rate is
lr_0 times

    rise:   min_lr_ratio + (1 - min_lr_ratio) u(p),  u = p | (1 - cos(pi p)) / 2 | 1 - sqrt(1 - p)
    stable: 1
    decay:  min_lr_ratio + (1 - min_lr_ratio) v(p),
            v = 1 - p | (1 + cos(2 pi num_cycles p)) / 2 | 1 - sqrt(p)

for the types linear | cosine | 1-sqrt, and min_lr_ratio after the last stage. Without
num_stable_steps the plateau takes what the other two leave of num_training_steps.

>>> values = {
...     "num_warmup_steps": 2,
...     "num_decay_steps": 2,
...     "num_training_steps": 6,
...     "num_stable_steps": -1,
...     "warmup_type": "linear",
...     "decay_type": "linear",
...     "min_lr_ratio": 0.0,
...     "num_cycles": 0.5,
... }
>>> rates(1.0, 7, values).tolist()
[0.0, 0.5, 1.0, 1.0, 1.0, 0.5, 0.0]

Source: transformers 5.24, `get_wsd_schedule`; Hu et al., "MiniCPM", 2024, section 4.
"""

from __future__ import annotations

import math

import numpy as np

from lab.component import OpenLoop, Parameter, Values

SHAPES = ("linear", "cosine", "1-sqrt")


def rates(lr: float, steps: int, values: Values) -> np.ndarray:
    """Rates of the steps 0 .. steps - 1."""
    return np.array([lr * share(t, values) for t in range(steps)])


def share(t: int, values: Values) -> float:
    """Rate of step t as a share of the initial one, in the reference's order of operations."""
    low = values["min_lr_ratio"]
    warmup, decay = values["num_warmup_steps"], values["num_decay_steps"]
    falling = warmup + stable_steps(values)
    if t < warmup:
        height = rise(t / max(1, warmup), values["warmup_type"])
    elif t < falling:
        return 1.0
    elif t < falling + decay:
        height = fall((t - falling) / max(1, decay), values["decay_type"], values["num_cycles"])
    else:
        return low
    return max(0.0, height * (1.0 - low) + low)


def rise(progress: float, shape: str) -> float:
    """From 0 to 1."""
    if shape == "linear":
        return progress
    if shape == "cosine":
        return 0.5 * (1.0 - math.cos(math.pi * progress))
    return 1.0 - math.sqrt(1.0 - progress)


def fall(progress: float, shape: str, cycles: float) -> float:
    """From 1 to 0."""
    if shape == "linear":
        return 1.0 - progress
    if shape == "cosine":
        return 0.5 * (1.0 + math.cos(math.pi * cycles * 2.0 * progress))
    return 1.0 - math.sqrt(progress)


def stable_steps(values: Values) -> int:
    """Steps of the plateau."""
    if values["num_stable_steps"] >= 0:
        return values["num_stable_steps"]
    ends = values["num_warmup_steps"] + values["num_decay_steps"]
    return values["num_training_steps"] - ends


def room(values: Values) -> str:
    """What is wrong with the numbers of steps, or nothing."""
    if stable_steps(values) >= 0:
        return ""
    return (
        f"num_warmup_steps={values['num_warmup_steps']} and"
        f" num_decay_steps={values['num_decay_steps']} are together more than"
        f" num_training_steps={values['num_training_steps']}"
    )


WARMUP_STABLE_DECAY = OpenLoop(
    name="warmup-stable-decay",
    summary="a rise, a plateau at the initial rate and a decay",
    source="transformers 5.24, get_wsd_schedule",
    parameters=(
        Parameter("num_warmup_steps", 10, "steps of the rise", "[0, inf)", required=True),
        Parameter("num_decay_steps", 20, "steps of the decay", "[0, inf)", required=True),
        Parameter(
            "num_training_steps",
            0,
            "steps of the three stages; 0 = all steps of the run",
            "[0, inf)",
            zero_is_steps=True,
        ),
        Parameter(
            "num_stable_steps",
            -1,
            "steps of the plateau; -1 = what the other two leave of num_training_steps",
            "[-1, inf)",
        ),
        Parameter("warmup_type", "linear", "shape of the rise", choices=SHAPES),
        Parameter("decay_type", "cosine", "shape of the decay", choices=SHAPES),
        Parameter("min_lr_ratio", 0.0, "lowest share of the initial rate", "[0, 1]"),
        Parameter("num_cycles", 0.5, "waves of a cosine decay; 0.5 only falls", "(0, inf)"),
    ),
    rates=rates,
    rule=room,
    aliases=("warmup_stable_decay", "wsd", "get_wsd_schedule"),
)
