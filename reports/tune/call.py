"""The tuned GreedyLR as it is written for transformers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from experiments.tune.run import Tuned
from experiments.tune.space import LR, rate
from lab.component import Values
from lab.schedules import SCHEDULES

#: Parameters of the lab's greedy that transformers' GreedyLR does not have.
OWN = ("preset", "window")


def calls(result: Tuned) -> list[Mapping[str, Any]]:
    """For each initial rate of the tuned schedule, the call and the Trainer's arguments.

    Empty unless the schedule is greedy, with the window that transformers has. Arguments are those
    searched, and those that are not transformers' defaults.
    """
    space = result.grid.space
    schedule = space.schedule(result.best)
    if schedule.component.name != "greedy" or not is_released(schedule.values):
        return []
    rates = dict.fromkeys(rate(result.best, request) for request in result.grid.requests)
    return [_call(result, lr) for lr in rates]


def is_released(values: Values) -> bool:
    """Whether transformers' GreedyLR can do what these values say."""
    return not values["smooth"] or values["window"] == "running"


def _call(result: Tuned, lr: float) -> Mapping[str, Any]:
    schedule = result.grid.space.schedule(result.best)
    values = schedule.at(lr, result.grid.first.steps).values
    released = SCHEDULES.choose("greedy").values
    kwargs = {
        name: value
        for name, value in values.items()
        if name not in OWN and (name in result.best or value != released[name])
    }
    return {
        "lr": lr,
        "call": _written("GreedyLR", {"optimizer": None, **kwargs}),
        "lr_scheduler_kwargs": {
            name: "inf" if value == math.inf else value for name, value in kwargs.items()
        },
        "training_arguments": f'learning_rate={lr!r}, lr_scheduler_type="greedy",'
        f" lr_scheduler_kwargs={_dictionary(kwargs)}",
    }


def _written(function: str, arguments: Mapping[str, Any]) -> str:
    parts = [k if v is None else f"{k}={_literal(v)}" for k, v in arguments.items()]
    return f"{function}({', '.join(parts)})"


def _dictionary(kwargs: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f'"{name}": {_literal(value)}' for name, value in kwargs.items()) + "}"


def _literal(value: Any) -> str:
    """A value as Python source."""
    return 'float("inf")' if value == math.inf else repr(value)


def text(result: Tuned) -> str:
    """The calls with what must be known to use them; empty where there are none."""
    found = calls(result)
    if not found:
        return ""
    lines = ["For transformers (from transformers.optimization import GreedyLR):"]
    for call in found:
        lines += [
            f"  {call['call']}  # an optimizer at lr={call['lr']:g}",
            f"  TrainingArguments({call['training_arguments']}, eval_strategy=...)",
        ]
    if LR not in result.best:
        lines.append("  The initial rate was not searched.")
    every = result.grid.first.cadence.every
    called = "every step" if every == 1 else f"every {every} steps"
    lines.append(
        f"  The schedule acted after {called} here; the Trainer calls it at evaluations only"
        " (--metric-every K tunes for evaluations K steps apart)."
    )
    return "\n".join(lines)
