"""What is known of a landscape: minimum, constants, which assumptions of theory it meets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Sample:
    """What is known of the terms f_i of a landscape of which every step sees a sample.

    f is the mean of the f_i; a step follows the gradient of one of them, or of a few.

    convex: whether every f_i is. L: an L_max for which every f_i is L_max-smooth. sigma: the mean
    of |grad f_i(x*)|^2 for what a step draws, or a bound of it. variance: a bound of the mean of
    |grad f_i(x) - grad f(x)|^2 at every x, inf where there is none. unbiased: whether the gradient
    of a step has the mean grad f, whatever the step. None: not stated.
    """

    convex: bool | None = None
    L: float | None = None
    sigma: float | None = None
    variance: float | None = None
    unbiased: bool | None = None


@dataclass(frozen=True)
class Facts:
    """What is known of a landscape with its parameters fixed.

    dim: coordinates. minimum: f* or None. minimiser: array of shape (dim,) or None (unknown, or
    drawn anew for every seed). L, mu: smoothness and strong convexity over the whole space, or None
    with `reason` saying why. base_lr: the rate that sgd, momentum and nesterov start from.
    domain: where the function is meant to be looked at, per coordinate (low, high).

    The rest says which assumptions of theory hold, over the whole space; None: not stated.
    convex: False where f is not; a mu, if only 0, says that it is. G: a bound of |grad f|, inf
    where there is none; a mu above 0 implies the latter. unique: whether there is no other
    minimiser, which a mu above 0 implies. another: a second minimiser, (dim,), that proves the
    opposite. fixed: whether f is the same in every step. sample: of the terms, where a step sees a
    sample; None where it sees f itself.
    """

    dim: int
    minimum: float | None
    minimiser: np.ndarray | None
    base_lr: float
    L: float | None = None
    mu: float | None = None
    reason: str = ""
    domain: tuple[float, float] = (-5.0, 5.0)
    convex: bool | None = None
    G: float | None = None
    unique: bool | None = None
    another: np.ndarray | None = None
    fixed: bool = True
    sample: Sample | None = None
