"""The discus of the BBOB functions: one steep direction among many flat ones."""

from __future__ import annotations

import numpy as np

from lab.component import Landscape, Parameter, Values
from landscapes._axes import facts_of_weights, weighted_squares


def weights(values: Values) -> np.ndarray:
    """Weights (dim,): the condition number first, then ones."""
    return np.concatenate([[values["condition"]], np.ones(values["dim"] - 1)])


DISCUS = Landscape(
    name="discus",
    summary="a quadratic with one direction a million times steeper than the others",
    source=(
        "Hansen, Finck, Ros & Auger, Real-parameter black-box optimization benchmarking 2009:"
        " noiseless functions definitions, INRIA RR-6829, f11"
    ),
    parameters=(
        Parameter("dim", 10, "number of coordinates", "[1, 10000]"),
        Parameter("condition", 1e6, "weight of the first coordinate", "[1, inf)"),
    ),
    notes="The raw formula: neither shifted, rotated nor made irregular as in the test suite.",
    formula="condition x_1^2 + sum_{i=2}^{dim} x_i^2",
    kernel=weighted_squares,
    facts=lambda values: facts_of_weights(weights(values)),
    constants=lambda values: {"weights": weights(values)},
)
