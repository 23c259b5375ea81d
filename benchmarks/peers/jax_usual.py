"""JAX as people write it: one trajectory with `lax.scan`, `vmap` over seeds, `jit` around both.

Gradients by automatic differentiation, draws from `jax.random` with a key split in every step.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from benchmarks.peers import Run, Unavailable
from benchmarks.workloads import Inputs

try:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
except ImportError:
    jax: Any = None
    jnp: Any = None

SAME_DRAWS = False


def prepare(inputs: Inputs, threads: int) -> Run:
    if jax is None:
        raise Unavailable("JAX is not installed")
    workload, steps = inputs.workload, inputs.steps
    value_and_grad = jax.value_and_grad(landscape(inputs))
    rates = jnp.asarray(inputs.rates)
    greedy = inputs.greedy

    def one(key, x):
        state = greedy_start(workload.lr)

        def step(carry, t):
            x, optimizer, state, bases, key = carry
            value, grad = value_and_grad(x)
            lr = state["lr"] if greedy else rates[t]
            key, now = jax.random.split(key)
            size = jnp.sqrt((grad * grad).sum())
            term, vector = noise(workload, now, t, x.shape, bases)
            observed = value + term if workload.channel == "batch" else value
            direction, optimizer = move(workload.optimizer, grad + vector, optimizer, t)
            x = x - lr * direction
            if greedy:
                state = greedy_step(state, observed, workload.lr)
            return (x, optimizer, state, (value, size), key), (value, lr)

        zeros = (jnp.zeros_like(x), jnp.zeros_like(x))
        first = (x, zeros, state, (1.0, 1.0), key)
        (x, *_), (losses, lrs) = jax.lax.scan(step, first, jnp.arange(steps))
        return jnp.append(losses, landscape(inputs)(x)), lrs

    compiled = jax.jit(jax.vmap(one))
    start = jnp.asarray(inputs.start.T.copy())
    seeds = iter(range(1_000_000))

    def run() -> tuple[np.ndarray, np.ndarray]:
        loss, rate = compiled(jax.random.split(jax.random.key(next(seeds)), inputs.lanes), start)
        return np.asarray(loss).T, np.asarray(rate).T

    return run


def landscape(inputs: Inputs):
    eigenvalues = jnp.asarray(inputs.eigenvalues)

    def rosenbrock(x):
        return 100.0 * (x[1] - x[0] ** 2) ** 2 + (1.0 - x[0]) ** 2

    def quadratic(x):
        return 0.5 * (eigenvalues * x * x).sum()

    def rastrigin(x):
        return 10.0 * len(x) + (x * x - 10.0 * jnp.cos(2.0 * math.pi * x)).sum()

    def ackley(x):
        radius = jnp.sqrt((x * x).mean())
        ripple = jnp.exp(jnp.cos(2.0 * math.pi * x).mean())
        return -20.0 * jnp.exp(-0.2 * radius) - ripple + 20.0 + math.e

    chosen = (rosenbrock, quadratic, rastrigin, ackley)
    return {f.__name__: f for f in chosen}[inputs.family]


def move(optimizer: str, grad, state, t):
    m, v = state
    if optimizer == "adam":
        m, v = 0.9 * m + 0.1 * grad, 0.999 * v + 0.001 * grad**2
        count = t + 1.0
        return m / (1.0 - 0.9**count) / (jnp.sqrt(v / (1.0 - 0.999**count)) + 1e-8), (m, v)
    if optimizer == "momentum":
        m = 0.9 * m + grad
        return m, (m, v)
    return grad, state


def noise(workload, key, t, shape, bases):
    """The metric's part and the vector."""
    unit = 1.0 / math.sqrt(shape[0])
    if workload.noise == "none":
        return 0.0, 0.0
    a, b, c = jax.random.split(key, 3)
    direction = unit * jax.random.normal(a, shape)
    if workload.noise == "gaussian":
        return 0.0, workload.strength * direction
    if workload.noise == "plateau":
        sigma = jnp.where(t % 100 < 20 + 30.0 * workload.strength, 0.05 * workload.strength, 0.0)
        return sigma * jax.random.normal(b), sigma * direction
    height = workload.strength * jax.random.uniform(b, minval=0.5, maxval=2.0)
    size = jnp.where(jax.random.uniform(c) < 0.02, height, 0.0)
    return jnp.abs(bases[0]) * size, bases[1] * size * direction


def greedy_start(lr: float) -> dict[str, Any]:
    return {
        "lr": jnp.float64(lr), "best": jnp.float64(math.inf), "good": jnp.int64(0),
        "bad": jnp.int64(0), "left": jnp.int64(500),
    }  # fmt: skip


def greedy_step(s, metric, initial):
    """GreedyLR with transformers' defaults."""
    better = metric < s["best"] - 1e-6
    best = jnp.where(better, metric, s["best"])
    good = jnp.where(better, s["good"] + 1, 0)
    bad = jnp.where(better, 0, s["bad"] + 1)
    rise, fall = good > 10, bad > 10
    up, down = jnp.minimum(s["lr"] / 0.95, 1.0), jnp.maximum(s["lr"] * 0.95, 1e-3)
    rate = jnp.where(rise & (up - s["lr"] > 1e-8), up, s["lr"])
    rate = jnp.where(fall & (s["lr"] - down > 1e-8), down, rate)
    lowest = fall & (rate <= 1e-3)
    left = jnp.where(rise, 500, s["left"] - lowest)
    reset = lowest & (left <= 0)
    return {
        "lr": jnp.where(reset, initial, rate),
        "best": jnp.where(reset, math.inf, best),
        "good": jnp.where(rise, 0, good),
        "bad": jnp.where(fall, 0, bad),
        "left": jnp.where(reset, 500, left),
    }
