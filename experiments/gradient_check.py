"""Whether a landscape's kernel returns the gradient of the value that it returns.

The kernel is run as plain Python on numbers that carry their derivatives (`lab.engine.dual`); what
it then says of its value is compared with what, compiled, it writes into `grad`.
"""

from __future__ import annotations

import inspect
from typing import NamedTuple

import numpy as np

from lab.component import Chosen
from lab.engine.dual import Dual, differentiated, slopes_of
from lab.oracle import evaluate, fields_at

#: First step and number of halvings of the differences, where a kernel cannot differentiate itself.
STEP, HALVINGS = 0.02, 5


class Worst(NamedTuple):
    """The largest error of a gradient, the point (dim,) and the coordinate where it was found.

    The error is that of one coordinate, relative to the norm of the gradient at the point.
    """

    error: float
    point: np.ndarray
    coordinate: int


def worst_gradient_error(landscape: Chosen, points: np.ndarray) -> Worst:
    """Compare the gradients at points of shape (dim, n) with the derivatives of the value.

    Where a step sees a sample, the sample's loss is the value meant. Derivatives are exact up to
    rounding, so a right gradient has an error of about 1e-14; a kernel that works on the bits of
    its numbers is differentiated by extrapolated differences instead, which leaves up to 1e-8. A
    gradient that is not finite where the derivative is has the error inf.
    """
    fields = fields_at(landscape, points)
    evaluate(landscape, fields)
    try:
        true = _derivatives(landscape, points)
    except TypeError:
        true = _differences(landscape, points)
    with np.errstate(invalid="ignore", over="ignore"):
        norm = np.maximum(np.linalg.norm(true, axis=0), np.finfo(np.float64).tiny)
        error = np.abs(fields["grad"] - true) / norm
    error[np.isnan(error)] = np.inf
    coordinate, lane = np.unravel_index(np.argmax(error), error.shape)
    return Worst(float(error[coordinate, lane]), points[:, lane].copy(), int(coordinate))


def _target(landscape: Chosen) -> str:
    """The field whose gradient `grad` is."""
    asked = inspect.signature(landscape.component.kernel).parameters
    return "seen" if "seen" in asked else "value"


def _derivatives(landscape: Chosen, points: np.ndarray) -> np.ndarray:
    """Derivatives (dim, n) by the chain rule."""
    component, values = landscape.component, landscape.values
    dim, n = points.shape
    fields: dict[str, np.ndarray] = dict(fields_at(landscape, points))
    for name in ("value", "seen", "grad", *component.workspace(values)):
        if name in fields:
            fields[name] = fields[name].astype(object)
    directions = np.eye(dim)
    x = np.empty((dim, n), dtype=object)
    for i in range(dim):
        for k in range(n):
            x[i, k] = Dual(points[i, k], directions[i])
    kernel = component.kernel
    given = {
        "step": 0, "lane": 0, "seed": 0,
        **component.kernel_values(values), **component.constants(values), **fields, "x": x,
    }  # fmt: skip
    asked = inspect.signature(kernel).parameters
    with np.errstate(all="ignore"):
        differentiated(kernel)(**{name: given[name] for name in asked})
    return np.stack([slopes_of(v) + np.zeros(dim) for v in fields[_target(landscape)]], axis=1)


def _differences(landscape: Chosen, points: np.ndarray) -> np.ndarray:
    """Derivatives (dim, n) by central differences, extrapolated to the step 0."""
    return np.stack([_difference(landscape, points, i) for i in range(len(points))])


def _difference(landscape: Chosen, points: np.ndarray, i: int) -> np.ndarray:
    """Romberg's extrapolation along coordinate i, shape (n,)."""
    widths = STEP * np.maximum(1.0, np.abs(points[i]))
    table: list[np.ndarray] = []
    for j in range(HALVINGS):
        ends = [points.copy(), points.copy()]
        ends[0][i] -= widths / 2**j
        ends[1][i] += widths / 2**j
        low, high = (_value(landscape, end) for end in ends)
        row = [(high - low) / (ends[1][i] - ends[0][i])]
        for order, coarser in enumerate(table, start=1):
            row.append(row[-1] + (row[-1] - coarser) / (4.0**order - 1.0))
        table = row
    return table[-1]


def _value(landscape: Chosen, points: np.ndarray) -> np.ndarray:
    fields = fields_at(landscape, points)
    evaluate(landscape, fields)
    return fields[_target(landscape)]
