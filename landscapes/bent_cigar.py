"""The cigar of the BBOB functions: one flat direction among many steep ones."""

from __future__ import annotations

import numpy as np

from lab.component import Landscape, Parameter, Values
from landscapes._axes import facts_of_weights, weighted_squares


def weights(values: Values) -> np.ndarray:
    """Weights (dim,): 1 first, then the condition number."""
    return np.concatenate([[1.0], np.full(values["dim"] - 1, values["condition"])])


BENT_CIGAR = Landscape(
    name="bent-cigar",
    summary="a quadratic with one direction a million times flatter than the others",
    source=(
        "Hansen, Finck, Ros & Auger, Real-parameter black-box optimization benchmarking 2009:"
        " noiseless functions definitions, INRIA RR-6829, f12"
    ),
    parameters=(
        Parameter("dim", 10, "number of coordinates", "[1, 10000]"),
        Parameter("condition", 1e6, "weight of all coordinates but the first", "[1, inf)"),
    ),
    notes="The raw formula: it is the asymmetry of the test suite, left out here, that bends it.",
    formula="x_1^2 + condition sum_{i=2}^{dim} x_i^2",
    kernel=weighted_squares,
    facts=lambda values: facts_of_weights(weights(values)),
    constants=lambda values: {"weights": weights(values)},
)
