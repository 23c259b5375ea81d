"""optax's schedules handed over as the functions they are, where optax is installed."""

import numpy as np
import pytest

from experiments.request import make_request
from lab.foreign import declared

optax = pytest.importorskip("optax", reason="needs optax: make parity runs it")
jax = pytest.importorskip("jax")

SCHEDULES = {
    "cosine": lambda: optax.cosine_decay_schedule(0.1, 30),
    "warm": lambda: optax.warmup_cosine_decay_schedule(0.0, 0.1, 5, 30),
    "joined": lambda: optax.join_schedules(
        [optax.linear_schedule(0.0, 0.2, 5), optax.exponential_decay(0.2, 4, 0.5)], [5]
    ),
}


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("double", [True, False])
def test_its_rates_are_the_table(name, double):
    with jax.enable_x64(double):
        schedule = SCHEDULES[name]()
        found = declared(schedule, name).rates(3.0, 40, {})
        expected = np.array([schedule(step) for step in range(40)])
    assert expected.dtype == (np.float64 if double else np.float32)
    np.testing.assert_array_equal(found, expected)


def test_it_takes_part_in_a_comparison():
    schedule = optax.exponential_decay(0.01, 1, 0.5)
    request = make_request("rosenbrock", schedules=["greedy", ("optax", schedule)], steps=20)
    assert request.written == ("greedy", "optax")
    running = request.schedules[1]
    rates = running.component.rates(0.5, 20, running.values)
    np.testing.assert_allclose(rates, 0.01 * 0.5 ** np.arange(20), rtol=1e-7)
