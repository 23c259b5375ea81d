"""A linear rise to the initial rate, then any open-loop schedule from its first step on.

With n = steps and s = start_factor:

    t < n:   lr_t = lr_0 (s + (1 - s) t / n)
    t >= n:  lr_t = the rate of step t - n of `then`

The rise is computed as the references do: with s = 0 as lr_0 (t / n), otherwise by the recursion of
linear-lr. What means all steps inside `then` means the total_steps - steps that remain.

>>> from lab.spec import parse
>>> then = parse("cosine:eta_min=0,T_max=2")
>>> values = {"steps": 2, "then": then, "start_factor": 0.0, "total_steps": 5}
>>> rates(1.0, 5, values).round(4).tolist()
[0.0, 0.5, 1.0, 0.5, 0.0]

Source: transformers 5.24, the warm-up of its schedules (start_factor 0); torch 2.13, `LinearLR`
inside `SequentialLR` (start_factor above 0), up to the rounding with which the latter starts its
second schedule.
"""

from __future__ import annotations

import numpy as np

from lab.component import Chosen, OpenLoop, Parameter, Values
from lab.schedules import SCHEDULES, linear_lr
from lab.spec import Spec


def rates(lr: float, steps: int, values: Values) -> np.ndarray:
    """Rates of the steps 0 .. steps - 1."""
    rising = min(values["steps"], steps)
    nested = following(values)
    then = nested.at(lr, values["total_steps"] - values["steps"])
    rest = then.component.rates(lr, steps - rising, then.values)
    return np.concatenate([rise(lr, rising, values), rest])


def rise(lr: float, count: int, values: Values) -> np.ndarray:
    """Rates of the first `count` steps of the warm-up."""
    steps, start = values["steps"], values["start_factor"]
    if start == 0.0:
        return lr * (np.arange(count) / steps)
    line = {"start_factor": start, "end_factor": 1.0, "total_iters": steps}
    return linear_lr.rates(lr, count, line)


def following(values: Values) -> Chosen:
    """The schedule after the warm-up."""
    return SCHEDULES.choose(values["then"])


def open_loop(values: Values) -> str:
    """What is wrong with the schedule after the warm-up, or nothing."""
    nested = following(values).component
    if isinstance(nested, OpenLoop):
        return ""
    return f"then=({values['then']}) is a feedback schedule, and only a table can follow"


WARMUP = OpenLoop(
    name="warmup",
    summary="a linear rise to the initial rate, then any open-loop schedule",
    source="transformers 5.24; torch 2.13, LinearLR and SequentialLR",
    parameters=(
        Parameter("steps", 10, "steps of the rise", "[1, inf)", required=True),
        Parameter("then", Spec("constant"), "the schedule after it"),
        Parameter(
            "start_factor",
            0.0,
            "share of the initial rate at step 0 (torch's default: 1/3)",
            "[0, 1]",
        ),
        Parameter(
            "total_steps",
            0,
            "steps of both parts; 0 = all steps of the run",
            "[0, inf)",
            zero_is_steps=True,
        ),
    ),
    rates=rates,
    rule=open_loop,
    contents=lambda values: following(values).hidden,
    notes="With start_factor=0 the rate of the first step is 0. GreedyLR's parameter warmup is"
    " something else: a rest after an increase.",
)
