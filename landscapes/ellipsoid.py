"""The ellipsoid of the BBOB functions: a quadratic with a log-spaced spectrum."""

from __future__ import annotations

import numpy as np

from lab.component import Landscape, Parameter, Values
from landscapes._axes import facts_of_weights, weighted_squares


def weights(values: Values) -> np.ndarray:
    """Weights (dim,) log-spaced from 1 to the condition number."""
    return values["condition"] ** (np.arange(values["dim"]) / max(values["dim"] - 1, 1))


ELLIPSOID = Landscape(
    name="ellipsoid",
    summary="a quadratic with weights log-spaced up to a million",
    source=(
        "Hansen, Finck, Ros & Auger, Real-parameter black-box optimization benchmarking 2009:"
        " noiseless functions definitions, INRIA RR-6829, f2 and f10"
    ),
    parameters=(
        Parameter("dim", 10, "number of coordinates", "[1, 10000]"),
        Parameter("condition", 1e6, "largest weight; the smallest one is 1", "[1, inf)"),
    ),
    notes="The raw formula: neither shifted, rotated nor made irregular as in the test suite.",
    formula="sum_i condition^((i-1)/(dim-1)) x_i^2",
    kernel=weighted_squares,
    facts=lambda values: facts_of_weights(weights(values)),
    constants=lambda values: {"weights": weights(values)},
)
