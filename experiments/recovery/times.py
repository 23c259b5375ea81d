"""When a perturbed lane is back where its unperturbed twin is.

Recovery is the first step t >= `at`, the step of the event, from which the perturbed lane's loss is
within a factor of its twin's at `hold` steps in a row, t .. t + hold - 1. It is counted from the
event: 0 means that the event never threw the lane off for long enough. The last t at which that can
be seen in a run of T steps is T - hold + 1, so a lane that is not back by then is censored at the
horizon T - hold + 1 - at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.errors import RequestError


@dataclass(frozen=True)
class RecoveryTimes:
    """Times of many lanes, each array of the shape (..., lanes).

    time: steps from the event to recovery, +inf where there was none within the horizon.
    excluded: lanes that had diverged before the event, or whose twin diverges at any step; their
    time means nothing. diverged: the others that diverged after the event; those are at risk to the
    horizon, whatever time they have.
    """

    time: np.ndarray
    excluded: np.ndarray
    diverged: np.ndarray


def horizon_of(steps: int, at: int, hold: int) -> int:
    """The longest recovery time that can be seen, in steps.

    Raises
    ------
    RequestError
        Not even a lane that is back at once could hold for so many steps.
    """
    horizon = steps - at - (hold - 1)
    if horizon < 0:
        raise RequestError(
            f"hold: {hold} losses from step {at} on are not there in a run of {steps} steps"
        )
    return horizon


def recovery_times(
    perturbed: np.ndarray, twin: np.ndarray, at: int, factor: float = 1.1, hold: int = 5
) -> RecoveryTimes:
    """Compare lanes with their twins.

    Parameters
    ----------
    perturbed, twin:
        Shape (..., T + 1, lanes): f - f* (or f where f* is unknown) at steps 0 .. T, +inf from a
        divergence on. Where both are exactly 0 the lane is within the factor.
    at:
        Step of the event.
    factor:
        At least 1. A negative twin (f without known f*) allows up to twin / factor.
    hold:
        Losses in a row that must be within the factor, at least 1.
    """
    last = horizon_of(twin.shape[-2] - 1, at, hold) + 1
    reference = twin[..., at:, :]
    bound = np.where(reference >= 0.0, factor * reference, reference / factor)
    within = perturbed[..., at:, :] <= bound
    stays = within[..., :last, :].copy()
    for later in range(1, hold):
        stays &= within[..., later : later + last, :]
    time = np.where(stays.any(axis=-2), stays.argmax(axis=-2), np.inf)
    excluded = np.isinf(twin[..., -1, :])
    if at > 0:
        excluded |= np.isinf(perturbed[..., at - 1, :])
    return RecoveryTimes(time, excluded, np.isinf(perturbed[..., -1, :]) & ~excluded)
