"""A triangle wave between base_lr and max_lr.

With the cycle length c = step_size_up + step_size_down, cycle number i = 1 + floor(t / c) and
height h_t, which goes from 0 to 1 in step_size_up steps and back in step_size_down:

    triangular:   lr_t = base_lr + (max_lr - base_lr) h_t
    triangular2:  lr_t = base_lr + (max_lr - base_lr) h_t / 2^(i - 1)
    exp_range:    lr_t = base_lr + (max_lr - base_lr) h_t gamma^t

>>> values = {
...     "base_lr": 1.0,
...     "max_lr": 3.0,
...     "step_size_up": 2,
...     "step_size_down": 0,
...     "mode": "triangular2",
...     "gamma": 1.0,
... }
>>> rates(0.1, 8, values).tolist()
[1.0, 2.0, 3.0, 2.0, 1.0, 1.5, 2.0, 1.5]

Source: torch 2.13, `CyclicLR`; Smith, "Cyclical learning rates for training neural networks", 2017,
section 3.
"""

from __future__ import annotations

import math

import numpy as np

from lab.component import OpenLoop, Parameter, Percent, Values


def rates(lr: float, steps: int, values: Values) -> np.ndarray:
    """Rates of the steps 0 .. steps - 1."""
    return np.array([at(t, values) for t in range(steps)])


def at(t: int, values: Values) -> float:
    """Rate of step t, in the reference's order of operations."""
    up = float(values["step_size_up"])
    total = up + float(values["step_size_down"] or up)
    ratio = up / total
    cycle = math.floor(1 + t / total)
    x = 1.0 + t / total - cycle
    height = x / ratio if x <= ratio else (x - 1) / (ratio - 1)
    scaled = (values["max_lr"] - values["base_lr"]) * height
    return values["base_lr"] + scaled * shrinking(t, cycle, values)


def shrinking(t: int, cycle: int, values: Values) -> float:
    """Factor of the height at step t in cycle number `cycle`."""
    if values["mode"] == "triangular":
        return 1.0
    return 1 / 2.0 ** (cycle - 1) if values["mode"] == "triangular2" else values["gamma"] ** t


def order(values: Values) -> str:
    """What is wrong with the two rates, or nothing."""
    low, high = values["base_lr"], values["max_lr"]
    return f"base_lr={low:g} is above max_lr={high:g}" if low > high else ""


CYCLIC = OpenLoop(
    name="cyclic",
    summary="a triangle wave between base_lr and max_lr",
    source="torch 2.13, CyclicLR",
    parameters=(
        Parameter(
            "base_lr",
            Percent(25.0),
            "lowest rate; by default a quarter of the initial rate (torch has no default)",
            "[0, inf)",
            rate=True,
            source="Smith 2017, section 3.3",
        ),
        Parameter(
            "max_lr",
            Percent(100.0),
            "highest rate; by default the initial rate (torch has no default)",
            "(0, inf)",
            rate=True,
        ),
        Parameter("step_size_up", 25, "steps of a rise (torch's default: 2000)", "[1, inf)"),
        Parameter("step_size_down", 0, "steps of a fall; 0 = step_size_up", "[0, inf)"),
        Parameter(
            "mode",
            "triangular",
            "whether, and how, the height shrinks",
            choices=("triangular", "triangular2", "exp_range"),
        ),
        Parameter("gamma", 1.0, "factor of every step, with mode exp_range", "(0, 1]"),
    ),
    rates=rates,
    rule=order,
    notes="The reference also moves the momentum against the rate unless cycle_momentum is off;"
    " here only the rate moves. The first rate is base_lr, not the initial rate of the run.",
    aliases=("CyclicLR",),
)
