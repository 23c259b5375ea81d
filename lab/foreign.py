"""Schedules of other libraries, and plain functions, as declarations of this one.

torch is never imported here: who hands over one of its schedules has done so already. Of several
parameter groups the first counts.
"""

from __future__ import annotations

import copy
import inspect
import sys
import warnings
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np

from lab.component import OpenLoop, PythonSchedule
from lab.errors import RequestError, said


def declared(item: Any, name: str | None = None) -> OpenLoop | PythonSchedule:
    """The declaration that an object stands for.

    Parameters
    ----------
    item:
        One of

        - a torch `LRScheduler`: goes on from the state it is in, at its own rates, whatever the
          initial rate of the run; it and its optimizer are left as they are;
        - a callable that makes one from a torch optimizer, such as
          ``lambda optimizer: StepLR(optimizer, 30)``: starts from the initial rate of the run;
        - a callable from the step to the rate, such as an optax schedule: its own rates. optax
          computes in float32 unless jax_enable_x64 is set.

        A torch schedule whose `step` takes `metrics`, such as ReduceLROnPlateau, is told the
        observed loss: the slow path.
    name:
        How tables call it; by default the name of its class or function.

    Raises
    ------
    RequestError
        It is none of these.
    """
    if _is_scheduler(item):
        return _from_torch(name, lambda lr: _copied(item), item)
    called = name or _name(item)
    if not callable(item):
        raise RequestError(
            f"schedule {item!r} is not a component, a torch LRScheduler, a function that makes one"
            " from an optimizer, or a function from step to rate"
        )
    try:
        first = item(0)
    except Exception as error:
        if "torch" not in sys.modules:
            raise _failed(called, 0, error) from error
        made = _made(item, called, 1.0)
        return _from_torch(name, lambda lr: _made(item, called, lr), made)
    if not hasattr(first, "__float__"):
        raise RequestError(f"schedule {called!r}: step 0: {first!r} is not a rate")
    return _table(called, cache(partial(_function_rates, item, called)), "a function of the step")


def _name(item: Any) -> str:
    function = item.func if isinstance(item, partial) else item
    name = getattr(function, "__name__", type(function).__name__)
    return name if name.isidentifier() else "schedule"


def _is_scheduler(item: Any) -> bool:
    return not isinstance(item, type) and callable(getattr(item, "step", None)) and hasattr(
        item, "optimizer"
    )  # fmt: skip


def _table(name: str, rates: Callable[[float, int], np.ndarray], source: str) -> OpenLoop:
    return OpenLoop(
        name=name,
        summary="a schedule that was handed over",
        source=source,
        rates=lambda lr, steps, values: rates(lr, steps),
    )


def _function_rates(function: Callable[[int], Any], name: str, lr: float, steps: int) -> np.ndarray:
    """Rates of a function of the step."""
    rates: list[float] = []
    for step in range(steps):
        try:
            rates.append(float(function(step)))
        except Exception as error:
            raise _failed(name, step, error) from error
    return _checked(name, rates)


def _failed(name: str, step: int, error: Exception) -> RequestError:
    return RequestError(f"schedule {name!r}: step {step}: {said(error)}")


def _checked(name: str, rates: list[float]) -> np.ndarray:
    table = np.array(rates)
    wrong = np.flatnonzero(~((table >= 0.0) & (table < np.inf)))
    if wrong.size:
        step = int(wrong[0])
        raise RequestError(
            f"schedule {name!r}: step {step}: {rates[step]!r} is not a rate"
            " (allowed: a number in [0, inf))"
        )
    table.flags.writeable = False
    return table


def _from_torch(
    name: str | None, make: Callable[[float], Any], example: Any
) -> OpenLoop | PythonSchedule:
    """The declaration of what `make` makes from the initial rate, which is like `example`."""
    name = name or type(example).__name__
    source = f"{type(example).__module__}.{type(example).__qualname__}"
    if "metrics" not in inspect.signature(example.step).parameters:
        return _table(name, cache(partial(_stepped_rates, make, name)), source)
    return PythonSchedule(
        name=name,
        summary="a schedule that was handed over",
        source=source,
        factory=lambda lr: TorchFeedback(make(lr)),
    )


class TorchFeedback:
    """A torch schedule that listens to the loss, with the optimizer whose rate it sets."""

    def __init__(self, scheduler: Any) -> None:
        self.scheduler = scheduler

    def step(self, loss: float) -> float:
        """The rate after a loss."""
        self.scheduler.step(loss)
        return _rate(self.scheduler)


def _rate(scheduler: Any) -> float:
    return float(scheduler.optimizer.param_groups[0]["lr"])


def _stepped_rates(make: Callable[[float], Any], name: str, lr: float, steps: int) -> np.ndarray:
    """Rates of a torch schedule that counts steps, by stepping it."""
    scheduler = make(lr)
    rates = [_rate(scheduler)]
    with warnings.catch_warnings():
        # It misses the optimizer's own steps, of which there are none here.
        warnings.simplefilter("ignore")
        while len(rates) < steps:
            try:
                scheduler.step()
            except Exception as error:
                raise _failed(name, len(rates), error) from error
            rates.append(_rate(scheduler))
    return _checked(name, rates[:steps])


def _optimizer(groups: list[dict[str, Any]]) -> Any:
    """A torch optimizer of one number a group, with the options of these groups."""
    torch = sys.modules["torch"]
    lone = [{**group, "params": [torch.nn.Parameter(torch.zeros(1))]} for group in groups]
    return torch.optim.SGD(lone, lr=groups[0]["lr"], momentum=0.9)


def _made(make: Callable[[Any], Any], name: str, lr: float) -> Any:
    """The torch schedule that a function makes for an optimizer of this rate."""
    wanted = f"schedule {name!r} makes neither a rate from a step nor an LRScheduler from a torch"
    try:
        scheduler = make(_optimizer([{"lr": lr}]))
    except Exception as error:
        raise RequestError(f"{wanted} optimizer: {said(error)}") from error
    if not _is_scheduler(scheduler):
        raise RequestError(f"{wanted} optimizer, but {scheduler!r}")
    return scheduler


def _copied(scheduler: Any) -> Any:
    """The schedule in its present state, on an optimizer of its own: a model is not copied."""
    groups = [
        {key: copy.deepcopy(value) for key, value in group.items() if key != "params"}
        for group in scheduler.optimizer.param_groups
    ]
    return copy.deepcopy(scheduler, {id(scheduler.optimizer): _optimizer(groups)})
