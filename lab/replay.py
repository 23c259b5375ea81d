"""A recorded loss series fed to a schedule: which rates it would have set."""

from __future__ import annotations

import ctypes

import numpy as np
from numpy.typing import ArrayLike

from lab.component import Chosen, Feedback
from lab.engine.abi import BLOCK
from lab.engine.native import ARGUMENTS, address_of
from lab.engine.stage import SIGNATURE, bind
from lab.engine.state import allocate
from lab.engine.workspace import Layout, block_memory


def replay(chosen: Chosen, losses: ArrayLike, lr: float) -> np.ndarray:
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

    Returns
    -------
    np.ndarray
        Shape of `losses`; entry i is the rate after loss i was seen: the rate of step i + 1, or,
        for a schedule that acts before the step, of step i. An open-loop schedule's come from its
        table for n steps and the rate that follows them.

    Raises
    ------
    RequestError
        The schedule's values do not go together at this rate and length.
    """
    series = np.asarray(losses, dtype=np.float64)
    resolved = chosen.at(lr, len(series))
    if not isinstance(chosen.component, Feedback):
        table = chosen.component.rates(lr, len(series) + 1, resolved.values)[1:]
        return np.broadcast_to(table.reshape(-1, *[1] * (series.ndim - 1)), series.shape).copy()
    columns = series[:, None] if series.ndim == 1 else series
    blocks = [
        _replay_block(resolved, columns[:, first : first + BLOCK], lr)
        for first in range(0, columns.shape[1], BLOCK)
    ]
    return np.concatenate(blocks, axis=1).reshape(series.shape)


def _replay_block(chosen: Chosen, losses: np.ndarray, lr: float) -> np.ndarray:
    """Rates for up to BLOCK series, by the compiled kernel."""
    schedule, values = chosen.component, chosen.values
    layout = Layout("arm")
    metric, rate = layout.row(), layout.row(lr)
    fields = {
        "metric": metric, "lr": rate,
        **allocate(layout, schedule.state, values, lr, 1),
        **schedule.kernel_values(values), **schedule.constants(values),
    }  # fmt: skip
    stage = bind(schedule.kernel, fields)
    call = ctypes.CFUNCTYPE(None, *(ARGUMENTS[letter] for letter in SIGNATURE))(stage.address)
    memory = block_memory(layout.size)
    rows = memory.reshape(layout.size, BLOCK)
    rows[:] = np.array(layout.initial)[:, None]
    where = address_of(memory)
    out = np.empty_like(losses)
    width = losses.shape[1]
    for step, row in enumerate(losses):
        rows[metric.first, :width] = row
        call(where, where, where, address_of(stage.rows), address_of(stage.parameters), step, 0, 0)
        out[step] = rows[rate.first, :width]
    return out
