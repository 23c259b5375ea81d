"""A recorded loss series fed to a schedule: which rates it would have set."""

from __future__ import annotations

import ctypes
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from lab.component import HEARD, Chosen, OpenLoop, PythonSchedule
from lab.engine.abi import BLOCK
from lab.engine.native import ARGUMENTS, address_of
from lab.engine.stage import SIGNATURE, bind
from lab.engine.state import allocate
from lab.engine.workspace import Layout, block_memory
from lab.errors import RequestError
from lab.python_lanes import new_object, next_rate, quietly
from lab.scenario import rates_of
from lab.simulation import Cadence

#: A schedule acts on each loss as it comes.
EVERY_LOSS = Cadence()
#: A schedule at work on up to BLOCK series: from a step and its metrics, the rates.
Act = Callable[[int, np.ndarray], np.ndarray]


def replay(
    chosen: Chosen, losses: ArrayLike, lr: float, cadence: Cadence = EVERY_LOSS
) -> np.ndarray:
    """Rates that a schedule sets when it sees these losses.

    Parameters
    ----------
    chosen:
        The schedule.
    losses:
        Shape (n,) for one series or (n, series) for several, each with a schedule of its own.
        Infinities and NaN are passed on as they are.
    lr:
        The initial rate.
    cadence:
        When a feedback schedule acts: at every K-th loss, on it or on the mean of the K. A recorded
        series has no `clean` loss.

    Returns
    -------
    np.ndarray
        Shape of `losses`; entry i is the rate after loss i was seen: the rate of step i + 1, or,
        for a schedule that acts before the step, of step i. An open-loop schedule's come from its
        table for n steps and the rate that follows them.

    Raises
    ------
    RequestError
        The schedule hears more than the loss, its values do not go together at this rate and
        length, or the metric is `clean`.
    WorkError
        A Python schedule failed, or returned what is no rate.
    """
    if cadence.metric == "clean":
        raise RequestError("metric: 'clean' is not allowed in a replay (allowed: last, mean)")
    refuse_more_than_losses(chosen)
    series = np.asarray(losses, dtype=np.float64)
    resolved = chosen.at(lr, len(series))
    if isinstance(chosen.component, OpenLoop):
        table = rates_of(resolved, lr, len(series) + 1)[1:]
        return np.broadcast_to(table.reshape(-1, *[1] * (series.ndim - 1)), series.shape).copy()
    columns = series[:, None] if series.ndim == 1 else series
    with quietly(resolved):
        blocks = [
            _replay_block(resolved, columns[:, first : first + BLOCK], lr, cadence, first)
            for first in range(0, columns.shape[1], BLOCK)
        ]
    return np.concatenate(blocks, axis=1).reshape(series.shape)


def refuse_more_than_losses(chosen: Chosen) -> None:
    """Raise a RequestError for a schedule that a series of losses does not tell enough."""
    schedule = chosen.component
    if more := [HEARD[word] for word in schedule.hears if word != "loss"]:
        raise RequestError(
            f"schedule {schedule.name!r} cannot be replayed: it hears {' and '.join(more)}, and a"
            " recorded series holds losses only"
        )


def _replay_block(
    chosen: Chosen, losses: np.ndarray, lr: float, cadence: Cadence, first: int
) -> np.ndarray:
    """Rates for up to BLOCK series."""
    width = losses.shape[1]
    python = isinstance(chosen.component, PythonSchedule)
    act = _objects(chosen, lr, width, first) if python else _compiled(chosen, lr, width)
    out = np.empty_like(losses)
    out[: cadence.every - 1] = lr
    for last in range(cadence.every - 1, len(losses), cadence.every):
        seen = losses[last + 1 - cadence.every : last + 1]
        metric = _mean(seen) if cadence.metric == "mean" else seen[-1]
        out[last : last + cadence.every] = act(last, metric)
    return out


def _mean(losses: np.ndarray) -> np.ndarray:
    """The mean of each column, added up from the first row on as a run does it."""
    with np.errstate(invalid="ignore"):
        return np.add.accumulate(losses)[-1] / len(losses)


def _objects(chosen: Chosen, lr: float, width: int, first: int) -> Act:
    """A Python object a series."""
    made = [new_object(chosen, lr, first + k) for k in range(width)]

    def act(step: int, metric: np.ndarray) -> np.ndarray:
        told = enumerate(zip(made, metric.tolist(), strict=True))
        return np.array([next_rate(chosen, o, loss, first + k, step) for k, (o, loss) in told])

    return act


def _compiled(chosen: Chosen, lr: float, width: int) -> Act:
    """The compiled kernel on a workspace of its own."""
    schedule, values = chosen.component, chosen.values
    layout = Layout("arm")
    seen, rate = layout.row(), layout.row(lr)
    fields = {
        "metric": seen, "lr": rate,
        **allocate(layout, schedule.state, values, lr, 1),
        **schedule.kernel_values(values), **schedule.constants(values),
    }  # fmt: skip
    stage = bind(schedule.kernel, fields)
    call = ctypes.CFUNCTYPE(None, *(ARGUMENTS[letter] for letter in SIGNATURE))(stage.address)
    memory = block_memory(layout.size)
    rows = memory.reshape(layout.size, BLOCK)
    rows[:] = np.array(layout.initial)[:, None]
    where = address_of(memory)

    def act(step: int, metric: np.ndarray) -> np.ndarray:
        rows[seen.first, :width] = metric
        call(where, where, where, address_of(stage.rows), address_of(stage.parameters), step, 0, 0)
        return rows[rate.first, :width]

    return act
