"""A small network with one hidden layer, trained on the answers of another one like it."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from lab.component import Constants, Facts, Landscape, Parameter, Values
from lab.engine.bits import fma
from lab.engine.maths import tanh

#: Seed of the data, number of examples and of inputs.
SEED, EXAMPLES, INPUTS = 202, 32, 2


def network(x, value, grad, unit, error, inputs, targets, hidden):
    """Fill `value` (lanes,) and `grad` (dim, lanes) at `x` (dim, lanes).

    x holds the weights of the hidden units (hidden x 2), their biases, the output weights and the
    output bias. inputs (n, 2) and targets (n,) are the data; unit (hidden, lanes) and error (1,
    lanes) are overwritten.
    """
    dim, n = x.shape
    count = inputs.shape[0]
    bias, output = 2 * hidden, 3 * hidden
    share = 1.0 / count
    for k in range(n):
        value[k] = 0.0
    for i in range(dim):
        for k in range(n):
            grad[i, k] = 0.0
    for j in range(count):
        a, b = inputs[j, 0], inputs[j, 1]
        for k in range(n):
            error[0, k] = x[dim - 1, k] - targets[j]
        for h in range(hidden):
            for k in range(n):
                inner = fma(a, x[2 * h, k], fma(b, x[2 * h + 1, k], x[bias + h, k]))
                unit[h, k] = tanh(inner)
                error[0, k] = fma(x[output + h, k], unit[h, k], error[0, k])
        for k in range(n):
            value[k] = fma(0.5 * share * error[0, k], error[0, k], value[k])
            error[0, k] *= share
            grad[dim - 1, k] += error[0, k]
        for h in range(hidden):
            for k in range(n):
                grad[output + h, k] = fma(error[0, k], unit[h, k], grad[output + h, k])
                rise = fma(-unit[h, k], unit[h, k], 1.0)
                unit[h, k] = error[0, k] * x[output + h, k] * rise
                grad[bias + h, k] += unit[h, k]
            for k in range(n):
                grad[2 * h, k] = fma(a, unit[h, k], grad[2 * h, k])
                grad[2 * h + 1, k] = fma(b, unit[h, k], grad[2 * h + 1, k])


@cache
def data(hidden: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inputs (32, 2), targets (32,) and the teacher's weights (dim,).

    By `numpy.random.default_rng(202)`, in this order: inputs 1.5 standard_normal((32, 2)); the
    teacher's weights standard_normal(4 hidden + 1).
    """
    generator = np.random.default_rng(SEED)
    inputs = 1.5 * generator.standard_normal((EXAMPLES, INPUTS))
    teacher = generator.standard_normal(4 * hidden + 1)
    weights, biases, outputs, last = np.split(teacher, [2 * hidden, 3 * hidden, 4 * hidden])
    units = np.tanh(inputs @ weights.reshape(hidden, INPUTS).T + biases)
    return inputs, units @ outputs + last, teacher


def constants(values: Values) -> Constants:
    """The data."""
    inputs, targets, _ = data(values["hidden"])
    return {"inputs": inputs, "targets": targets}


def facts(values: Values) -> Facts:
    """f* = 0 at the teacher's weights, and wherever units are exchanged or change both signs."""
    hidden = values["hidden"]
    _, _, teacher = data(hidden)
    another = teacher.copy()
    another[[0, 1, 2 * hidden, 3 * hidden]] *= -1.0  # one unit: tanh is odd
    return Facts(
        dim=len(teacher),
        minimum=0.0,
        minimiser=teacher,
        base_lr=0.05,
        reason=(
            "L: the curvature along a hidden weight grows with the output weight; mu: not convex,"
            " hidden units may be exchanged"
        ),
        domain=(-3.0, 3.0),
        convex=False,
        G=math.inf,
        another=another,
    )


NETWORK = Landscape(
    name="network",
    summary="a two-layer network of a few dozen weights that learns from a teacher like it",
    source=(
        "Saad & Solla, Physical Review E 52 (1995) 4225-4243 (a student learns from a teacher);"
        " here with tanh units and a fixed data set"
    ),
    parameters=(Parameter("hidden", 6, "hidden units; dim = 4 hidden + 1", "[1, 50]"),),
    notes=(
        "Two inputs, tanh units, a linear output, full-batch mean squared error over 32 fixed"
        " examples without noise: f* = 0 is attained at the teacher's weights, and a run that stays"
        " above has met a plateau or a local minimum. Start points are standard normal weights."
    ),
    formula="1/64 sum_j (v.tanh(W a_j + b) + c - y_j)^2",
    kernel=network,
    facts=facts,
    constants=constants,
    workspace=lambda values: {"unit": values["hidden"], "error": 1},
)
