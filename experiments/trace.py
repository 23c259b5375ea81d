"""One lane, every step: exactly lane K of the same run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.request import Request
from lab.engine.abi import BLOCK
from lab.errors import RequestError
from lab.simulation import Keep, simulate


@dataclass(frozen=True)
class Trace:
    """One lane of one schedule.

    loss, observed, term, lr have shape (T,), x (T, dim); final is f(x_T).
    """

    schedule: str
    loss: np.ndarray
    observed: np.ndarray
    term: np.ndarray
    lr: np.ndarray
    x: np.ndarray
    final: float


def trace(request: Request, index: int) -> list[Trace]:
    """Lane `index` of every schedule of the request, at its first strength.

    Raises
    ------
    RequestError
        The index is not one of the request's seeds.
    """
    if not 0 <= index < request.seeds:
        raise RequestError(
            f"index: {index} is not allowed (allowed: 0 to {request.seeds - 1}, the run's seeds)"
        )
    first = index // BLOCK * BLOCK
    outcome = simulate(
        request.scenario(request.strengths[0]),
        request.arms(),
        request.steps,
        BLOCK,
        first_lane=first,
        keep=Keep(lr_mean=False, lr=True, observed=True, term=True, x=True, lane=index),
        **request.options,
    )
    loss, x = outcome.loss, outcome.x
    assert loss is not None
    assert x is not None
    assert outcome.observed is not None
    assert outcome.term is not None
    assert outcome.lr is not None
    return [
        Trace(
            request.written[i],
            loss[i, :-1, 0],
            outcome.observed[i, :, 0],
            outcome.term[i, :, 0],
            outcome.lr[i, :, 0],
            x[i, :, :, 0],
            float(loss[i, -1, 0]),
        )
        for i in range(len(request.schedules))
    ]
