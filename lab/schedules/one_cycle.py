"""One rise to max_lr and one fall far below the start.

With the start max_lr / div_factor, the end start / final_div_factor and n = total_steps, the rate
goes from the start to max_lr over the first pct_start of the steps, then to the end; `three_phase`
returns from max_lr to the start in as many steps as the rise took, then goes on to the end. Between
two rates a and b, at the share p of a phase:

    cos:     b + (a - b) (1 + cos(pi p)) / 2
    linear:  a + (b - a) p

The rise ends at step pct_start n - 1, the last phase at step n - 1.

>>> values = {
...     "max_lr": 1.0,
...     "total_steps": 6,
...     "pct_start": 0.5,
...     "anneal_strategy": "linear",
...     "div_factor": 4.0,
...     "final_div_factor": 25.0,
...     "three_phase": False,
... }
>>> rates(0.1, 6, values).round(4).tolist()
[0.25, 0.625, 1.0, 0.67, 0.34, 0.01]

Source: torch 2.13, `OneCycleLR`; Smith & Topin, "Super-convergence", 2019.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from lab.component import OpenLoop, Parameter, Percent, Values
from lab.errors import RequestError


def rates(lr: float, steps: int, values: Values) -> np.ndarray:
    """Rates of the steps 0 .. steps - 1.

    Raises
    ------
    RequestError
        More than total_steps + 1 steps.
    """
    total = values["total_steps"]
    if steps > total + 1:
        raise RequestError(
            f"schedule 'one-cycle': total_steps={total} is fewer than the {steps} steps asked for"
        )
    parts = phases(values)
    between = cosine if values["anneal_strategy"] == "cos" else linear
    return np.array([at(t, parts, between) for t in range(steps)])


def phases(values: Values) -> list[tuple[float, float, float]]:
    """Last step, first rate and last rate of each phase."""
    total, peak = values["total_steps"], values["max_lr"]
    start = peak / values["div_factor"]
    end = start / values["final_div_factor"]
    turn = float(values["pct_start"] * total) - 1
    if not values["three_phase"]:
        return [(turn, start, peak), (total - 1, peak, end)]
    back = float(2 * values["pct_start"] * total) - 2
    return [(turn, start, peak), (back, peak, start), (total - 1, start, end)]


def at(
    t: int,
    parts: list[tuple[float, float, float]],
    between: Callable[[float, float, float], float],
) -> float:
    """Rate of step t."""
    number = next((i for i, part in enumerate(parts) if t <= part[0]), len(parts) - 1)
    first = parts[number - 1][0] if number else 0.0
    last, start, end = parts[number]
    return between(start, end, (t - first) / (last - first))


def cosine(start: float, end: float, share: float) -> float:
    """Half a cosine from start to end, in the reference's order of operations."""
    return end + (start - end) / 2.0 * (math.cos(math.pi * share) + 1)


def linear(start: float, end: float, share: float) -> float:
    """A straight line from start to end, in the reference's order of operations."""
    return (end - start) * share + start


def lengths(values: Values) -> str:
    """What is wrong with the lengths of the phases, or nothing."""
    first = 0.0
    for number, (last, _, _) in enumerate(phases(values)):
        if last == first or (last < first and number > 0):
            return (
                f"pct_start={values['pct_start']:g} of total_steps={values['total_steps']} leaves"
                f" no step for phase {number + 1}"
            )
        first = last
    return ""


ONE_CYCLE = OpenLoop(
    name="one-cycle",
    summary="one rise to max_lr and one fall far below the start",
    source="torch 2.13, OneCycleLR",
    parameters=(
        Parameter(
            "max_lr",
            Percent(100.0),
            "highest rate; by default the initial rate of the run (torch has no default)",
            "(0, inf)",
            rate=True,
        ),
        Parameter(
            "total_steps",
            0,
            "steps of the cycle; 0 = all steps of the run",
            "[0, inf)",
            zero_is_steps=True,
        ),
        Parameter("pct_start", 0.3, "share of the steps that rise", "[0, 1)"),
        Parameter("anneal_strategy", "cos", "shape of a phase", choices=("cos", "linear")),
        Parameter("div_factor", 25.0, "max_lr over the first rate", "(0, inf)"),
        Parameter("final_div_factor", 1e4, "first rate over the last", "(0, inf)"),
        Parameter("three_phase", False, "return to the first rate as slowly as it rose, then fall"),
    ),
    rates=rates,
    rule=lengths,
    notes="The reference also moves the momentum against the rate unless cycle_momentum is off;"
    " here only the rate moves. The first rate is max_lr / div_factor, not the initial rate of the"
    " run.",
    aliases=("OneCycleLR",),
)
