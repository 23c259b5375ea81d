"""The gate: greedy where it is open, no raise where successive gradients disagree."""

import numpy as np
import pytest

from lab.replay import replay
from lab.schedules import SCHEDULES
from tests.kernels import run_compiled, run_plain
from tests.trajectories import run

LANES, STEPS, LR = 40, 120, 0.02
QUICK = "patience=1,factor=0.8,min_lr=0.001"


def losses():
    rng = np.random.default_rng(11)
    return 5.0 + np.cumsum(rng.normal(-0.05, 0.3, (STEPS, LANES)), axis=0)


def gated(text, series, gradients, kernels=run_compiled):
    """Rates of the kernel, fed with losses (steps, lanes) and gradients (steps, dim, lanes)."""
    chosen = SCHEDULES.choose(text).at(LR, len(series))
    component, values = chosen.component, chosen.values
    fields = {"lr": np.full(LANES, LR)}
    for name, state in component.state.items():
        words = {"lr": LR, **values}
        initial = words[state.initial] if isinstance(state.initial, str) else state.initial
        shapes = {"scalar": (LANES,), "vector": gradients.shape[1:]}
        rows = state.rows
        shape = shapes[rows] if isinstance(rows, str) else (max(rows(values), 1), LANES)
        fields[name] = np.full(shape, float(initial))
    rates = []
    for loss, grad in zip(series, gradients, strict=True):
        found = kernels(
            component.kernel, {**fields, "metric": loss, "grad": grad},
            component.kernel_values(values),
        )  # fmt: skip
        fields = {name: found[name] for name in fields}
        rates.append(fields["lr"])
    return np.array(rates)


@pytest.mark.parametrize("more", ["", ",smooth=true,window_size=5", ",reset_start=2,cooldown=1"])
def test_an_open_gate_is_greedy(more):
    """Gradients that all point the same way refuse nothing."""
    series = losses()
    expected = replay(SCHEDULES.choose(f"greedy:{QUICK}{more}"), series, LR)
    found = gated(f"greedy-gated:{QUICK}{more}", series, np.ones((STEPS, 3, LANES)))
    np.testing.assert_array_equal(found, expected)
    assert (np.diff(expected, axis=0) > 0.0).sum() > 100


def test_orthogonal_gradients_refuse_nothing():
    gradients = np.zeros((STEPS, 2, LANES))
    gradients[::2, 0], gradients[1::2, 1] = 1.0, 1.0
    expected = replay(SCHEDULES.choose(f"greedy:{QUICK}"), losses(), LR)
    found = gated(f"greedy-gated:{QUICK},gate=both", losses(), gradients)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("kernels", [run_compiled, run_plain])
@pytest.mark.parametrize("gate", ["raise", "both"])
def test_what_the_gate_refuses(gate, kernels):
    """Every rise goes with gradients that agree; with both every fall with some that disagree."""
    gradients = np.random.default_rng(2).normal(size=(STEPS, 3, LANES))
    text = f"greedy-gated:{QUICK},reset_start=1000000,gate={gate}"
    rates = gated(text, losses()[:60], gradients[:60], kernels)
    product = (gradients[1:60] * gradients[:59]).sum(axis=1)
    moved = np.diff(rates, axis=0)
    assert (product[moved > 0.0] > 0.0).all()
    assert (moved > 0.0).sum() > 50
    falls = product[moved < 0.0]
    assert (falls < 0.0).all() == (gate == "both")
    assert len(falls) > 50


def test_a_return_to_the_initial_rate_is_no_raise():
    """Worse and worse losses, gradients turning around in every step: greedy resets, so does it."""
    series = np.tile(np.arange(40.0)[:, None], (1, LANES))
    gradients = np.ones((40, 1, LANES)) * np.where(np.arange(40) % 2, 1.0, -1.0)[:, None, None]
    text = "patience=1,factor=0.5,min_lr=0.005,reset_start=2"
    expected = replay(SCHEDULES.choose(f"greedy:{text}"), series, LR)
    assert (np.diff(expected[:, 0]) > 0.0).sum() > 2
    np.testing.assert_array_equal(gated(f"greedy-gated:{text}", series, gradients), expected)


def test_it_differs_where_steps_go_too_far():
    """Between the walls of a valley sgd zigzags, its losses falling: a raise is refused first."""
    found = run(
        "quadratic:dim=5,condition=30,L=4", optimizer="sgd", lr=0.4, steps=100,
        schedules=("greedy:patience=1", "greedy-gated:patience=1"),
    )  # fmt: skip
    differ = found.lr[0] != found.lr[1]
    lanes = np.flatnonzero(differ.any(axis=0))
    first = differ.argmax(axis=0)[lanes]
    assert len(lanes) > 100
    assert (found.lr[1, first, lanes] < found.lr[0, first, lanes]).all()
