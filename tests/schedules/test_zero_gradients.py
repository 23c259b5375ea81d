"""Rates of schedules that divide by gradients, where these are 0 and nothing is added to them."""

import math

import numpy as np
import pytest

from lab.schedules import SCHEDULES
from tests.kernels import run_compiled, run_plain

LANES, RATE = 3, 0.25
#: What a schedule says of such a lane: its rate, or 0.
RATES = {
    "adagrad-norm:b0=0": RATE,
    "armijo": 0.0,
    "dog:eps=0": 0.0,
    "dowg:eps=0": 0.0,
    "hypergradient": RATE,
    "polyak": 0.0,
    "sps-max:eps=0": 0.0,
}


@pytest.mark.parametrize("run", [run_plain, run_compiled])
@pytest.mark.parametrize("text", RATES)
def test_the_rate_is_a_number(text, run):
    chosen = SCHEDULES.choose(text).at(RATE, 10)
    schedule, values = chosen.component, chosen.values
    vectors = dict.fromkeys(("x", "start", "grad", "update"), np.zeros((2, LANES)))
    fields = {"metric": np.full(LANES, 2.0), "lr": np.full(LANES, RATE), **vectors}
    fields |= {"searching": np.zeros(LANES), "diverged": np.full(LANES, math.inf)}
    for name, state in schedule.state.items():
        initial = {"lr": RATE}.get(state.initial, state.initial)
        initial = values.get(initial, initial) if isinstance(initial, str) else initial
        fields[name] = np.full((2, LANES) if state.rows == "vector" else LANES, float(initial))
    numbers = {**schedule.kernel_values(values), **schedule.constants(values), "minimum": 0.0}
    with np.errstate(divide="ignore", invalid="ignore"):
        found = run(schedule.kernel, fields, numbers)["lr"]
    assert found.tolist() == [RATES[text]] * LANES


@pytest.mark.parametrize("run", [run_plain, run_compiled])
def test_a_derivative_that_is_no_number_moves_no_rate(run):
    """Of hypergradient: the rate before is 0, or a gradient is infinite."""
    fields = {
        "lr": np.array([0.0, RATE, RATE]), "last": np.array([0.0, RATE, RATE]),
        "grad": np.array([[1.0, np.inf, 1.0]]), "update": np.array([[0.0, 1.0, 1.0]]),
        "slope": np.zeros(3),
    }  # fmt: skip
    with np.errstate(divide="ignore", invalid="ignore"):
        found = run(SCHEDULES.find("hypergradient").kernel, fields, {"hypergrad_lr": 0.01})
    assert found["lr"].tolist() == [0.0, RATE, RATE - 0.01 / RATE]


@pytest.mark.parametrize("run", [run_plain, run_compiled])
@pytest.mark.parametrize(("grad", "diverged", "rate"), [
    (1.0, math.inf, RATE), (math.inf, math.inf, 0.0), (0.0, math.inf, 0.0), (1.0, 4.0, 0.0),
    (1.0, 5.0, RATE),
])  # fmt: skip
def test_armijo_searches_where_there_is_a_slope_and_a_lane(grad, diverged, rate, run):
    """In step 4: not along an infinite gradient, nor in a lane that has diverged by then."""
    names = ("searching", "slope", "left")
    fields = {name: np.zeros(1) for name in names} | {"grad": np.array([[grad]])}
    fields |= {name: np.array([RATE]) for name in ("lr", "initial_lr", "size")}
    fields["diverged"] = np.array([diverged])
    numbers = {"reset_option": 0, "growth": 2.0}
    found = run(SCHEDULES.find("armijo").kernel, fields, numbers, step=4)
    assert found["lr"][0] == rate
    assert found["searching"][0] == (rate > 0.0)
