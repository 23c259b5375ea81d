"""The fastest JAX we could write: scans over batches of lanes, everything elementary by hand.

What made a difference, each tried on its own: arrays (dim, lanes) rows apart, gradients by hand
and one fused body a step instead of `vmap` and `grad`; a counter-based generator that is two
multiplications a word (a 64-bit finaliser over lane and index) instead of threefry; Box-Muller and
sines from polynomials, XLA's being calls; batches whose carry stays in the second-level cache;
with several threads a batch a thread, since XLA splits no loop of this size; registers of 512
bits, which XLA uses only when told to (`measure.py` does).

Source of the finaliser: Steele, Lea, Flood, "Fast splittable pseudorandom number generators",
OOPSLA 2014, variant 13 of its mixers (Stafford).
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from benchmarks.peers import Run, Unavailable
from benchmarks.workloads import Inputs
from lab.engine.result_memory import recording

try:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
except ImportError:
    jax: Any = None
    jnp: Any = None

SAME_DRAWS = False
BATCH = 1024
UNROLL = 1
#: Lanes of a batch that one step's spikes may strike before all of them draw a direction.
STRUCK = 48


def prepare(inputs: Inputs, threads: int) -> Run:
    if jax is None:
        raise Unavailable("JAX is not installed")
    compiled = jax.jit(batch_of(inputs))
    seeds = iter(range(1_000_000))
    width = min(BATCH, -(-inputs.lanes // threads))
    firsts = range(0, inputs.lanes, width)
    starts = [jnp.asarray(inputs.start[:, first : first + width]) for first in firsts]
    pool = ThreadPoolExecutor(threads)

    def run() -> tuple[np.ndarray, np.ndarray]:
        seed = np.uint64(next(seeds))
        loss = recording((inputs.steps + 1, inputs.lanes))
        rate = recording((inputs.steps, inputs.lanes))

        def part(first: int, start: Any) -> None:
            found = compiled(start, seed, np.uint64(first))
            for out, array in zip((loss, rate), found, strict=True):
                out[:, first : first + width] = array

        if threads == 1:
            for first, start in zip(firsts, starts, strict=True):
                part(first, start)
        else:
            list(pool.map(part, firsts, starts))
        return loss, rate

    return run


def batch_of(inputs: Inputs):
    """All steps of a batch of lanes."""
    workload, steps, dim = inputs.workload, inputs.steps, inputs.dim
    oracle = oracle_of(inputs)
    rates = jnp.asarray(inputs.rates)
    greedy = inputs.greedy
    counts = np.arange(1.0, steps + 1)
    corrections = jnp.asarray([1.0 / (1.0 - 0.9**counts), 1.0 / np.sqrt(1.0 - 0.999**counts)]).T
    unit = 1.0 / math.sqrt(dim)
    moments = {"adam": 2, "momentum": 1, "sgd": 0}[workload.optimizer]

    def whole(start, seed, first):
        lanes = start.shape[1]
        lane = (jnp.arange(lanes, dtype=jnp.uint64) + first) * np.uint64(0xD1342543DE82EF95) + seed
        ones = jnp.ones(lanes)

        def word(index):
            z = lane + index.astype(jnp.uint64) * np.uint64(0x9E3779B97F4A7C15)
            z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            return z ^ (z >> np.uint64(31))

        def normals(t, count):
            pairs = [normal_pair(word(t * 64 + i)) for i in range(-(-count // 2))]
            return [z for pair in pairs for z in pair][:count]

        def noise(t, value, grad, bases):
            if workload.noise == "none":
                return value, grad
            if workload.noise == "spikes":
                bits = word(t * 64 + 63)
                height = workload.strength * (0.5 + 1.5 * unit_float(bits >> np.uint64(32)))
                comes = unit_float(bits & np.uint64(0xFFFFFFFF)) < 0.02
                height = jnp.where(comes, height, 0.0)
                length = bases[1] * height * unit
                struck = lambda: tuple(g + length * z for g, z in zip(grad, normals(t, dim)))  # noqa: B905, E731
                return value + bases[0] * height, jax.lax.cond(
                    comes.any(), struck, lambda: tuple(grad)
                )
            if workload.noise == "gaussian":
                z = normals(t, dim)
                return value, [g + workload.strength * unit * zi for g, zi in zip(grad, z)]  # noqa: B905
            sigma = 0.05 * workload.strength

            def noisy():
                *z, scalar = normals(t, dim + 1)
                return value + sigma * scalar, tuple(
                    g + sigma * unit * zi for g, zi in zip(grad, z, strict=True)
                )

            on = t % 100 < 20 + 30.0 * workload.strength
            return jax.lax.cond(on, noisy, lambda: (value, tuple(grad)))

        def step(carry, given):
            x, m, v, state, bases = carry
            t, rate, (factor, root2) = given
            value, grad = oracle(x)
            lr = state[0] if greedy else rate * ones
            observed, used = noise(t, value, grad, bases)
            if workload.noise == "spikes":
                bases = (value, jnp.sqrt(sum(g * g for g in grad)))
            if moments == 2:
                m = [mi + 0.1 * (g - mi) for mi, g in zip(m, used, strict=True)]
                v = [0.999 * vi + 0.001 * g * g for vi, g in zip(v, used, strict=True)]
                scaled = lr * factor
                x = [
                    xi - scaled * mi / (jnp.sqrt(vi) * root2 + 1e-8)
                    for xi, mi, vi in zip(x, m, v, strict=True)
                ]
            else:
                if moments:
                    used = m = [0.9 * mi + g for mi, g in zip(m, used, strict=True)]
                x = [xi - lr * g for xi, g in zip(x, used, strict=True)]
            if greedy:
                state = greedy_step(state, observed, workload.lr)
            return (x, m, v, state, bases), (value, lr)

        zeros = [jnp.zeros(lanes)] * dim
        state = (workload.lr * ones, jnp.inf * ones, 0.0 * ones, 0.0 * ones, 500.0 * ones)
        first_carry = (
            list(start), zeros if moments else [], zeros if moments == 2 else [], state,
            (ones, ones) if workload.noise == "spikes" else (),
        )  # fmt: skip
        series = (jnp.arange(steps), rates, (corrections[:, 0], corrections[:, 1]))
        (x, *_), (losses, lrs) = jax.lax.scan(step, first_carry, series, unroll=UNROLL)
        return jnp.concatenate([losses, oracle(x)[0][None]]), lrs

    def stacked(start, seed, first):
        """The same with coordinates in one array: for many of them, a row each is too much code."""
        return wide(inputs, start, seed, first)

    return stacked if dim > 20 else whole


def wide(inputs: Inputs, start, seed, first):
    """A quadratic of many coordinates with momentum, spikes in the batch channel and GreedyLR."""
    workload, dim, lanes = inputs.workload, *start.shape
    assert (workload.optimizer, inputs.family) == ("momentum", "quadratic")
    eigenvalues = jnp.asarray(inputs.eigenvalues)[:, None]
    lane = (jnp.arange(lanes, dtype=jnp.uint64) + first) * np.uint64(0xD1342543DE82EF95) + seed
    rows = jnp.arange(dim // 2, dtype=jnp.uint64)[:, None]
    ones = jnp.ones(lanes)
    quiet = workload.noise == "none"

    def word(index, lane):
        z = lane + index * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))

    def step(carry, t):
        x, buffer, state, bases = carry
        slope = eigenvalues * x
        value, lr = 0.5 * (slope * x).sum(axis=0), state[0]
        grad, observed = slope, value
        if not quiet:
            base = t.astype(jnp.uint64) * np.uint64(64)
            bits = word(base + np.uint64(63), lane)
            height = workload.strength * (0.5 + 1.5 * unit_float(bits >> np.uint64(32)))
            comes = unit_float(bits & np.uint64(0xFFFFFFFF)) < 0.02
            height = jnp.where(comes, height, 0.0)
            length = bases[1] * height / math.sqrt(dim)

            def few():
                at = jnp.nonzero(comes, size=STRUCK, fill_value=lanes)[0]
                z = jnp.concatenate(normal_pair(word(base + rows, lane[at])))
                return slope.at[:, at].add(length[at] * z, mode="drop")

            def many():
                return slope + length * jnp.concatenate(normal_pair(word(base + rows, lane)))

            grad = jax.lax.cond(comes.sum() <= STRUCK, few, many)
            observed = value + bases[0] * height
            bases = (value, jnp.sqrt((slope * slope).sum(axis=0)))
        buffer = 0.9 * buffer + grad
        x = x - lr * buffer
        return (x, buffer, greedy_step(state, observed, workload.lr), bases), (value, lr)

    state = (workload.lr * ones, jnp.inf * ones, 0.0 * ones, 0.0 * ones, 500.0 * ones)
    carry = (start, jnp.zeros_like(start), state, (ones, ones))
    (x, *_), (losses, lrs) = jax.lax.scan(step, carry, jnp.arange(inputs.steps))
    last = 0.5 * (eigenvalues * x * x).sum(axis=0)
    return jnp.concatenate([losses, last[None]]), lrs


def oracle_of(inputs: Inputs):
    eigenvalues = [float(e) for e in inputs.eigenvalues]

    def rosenbrock(x):
        a, b = x
        valley, floor = b - a * a, a - 1.0
        return (
            100.0 * valley * valley + floor * floor,
            [-400.0 * a * valley + 2.0 * floor, 200.0 * valley],
        )

    def quadratic(x):
        slope = [e * xi for e, xi in zip(eigenvalues, x, strict=True)]
        return 0.5 * sum(s * xi for s, xi in zip(slope, x, strict=True)), slope

    def rastrigin(x):
        value, slope = 0.0, []
        for a in x:
            s, c = turn(0.5 * a)
            value = value + 20.0 * s * s + a * a
            slope.append(40.0 * math.pi * s * c + 2.0 * a)
        return value, slope

    def ackley(x):
        dim = len(x)
        radius = jnp.sqrt(sum(a * a for a in x) / dim)
        turns = [turn(0.5 * a) for a in x]
        funnel = jnp.expm1(-0.2 * radius)
        ripple = jnp.expm1(-2.0 / dim * sum(s * s for s, _ in turns))
        along = 4.0 / dim * (1.0 + funnel) / jnp.where(radius > 0.0, radius, jnp.inf)
        across = 4.0 * math.pi * math.e / dim * (1.0 + ripple)
        slope = [along * a + across * s * c for a, (s, c) in zip(x, turns, strict=True)]
        return -20.0 * funnel - math.e * ripple, slope

    chosen = (rosenbrock, quadratic, rastrigin, ackley)
    return {f.__name__: f for f in chosen}[inputs.family]


def polynomial(z, coefficients):
    p = coefficients[0]
    for c in coefficients[1:]:
        p = p * z + c
    return p


#: Taylor's coefficients, highest first: below 1e-15 for |r| <= pi/4.
SINE = [(-1) ** (n // 2) / math.factorial(n) for n in range(15, 2, -2)]
COSINE = [(-1) ** (n // 2) / math.factorial(n) for n in range(16, 3, -2)]


def turn(v):
    """Sine and cosine of 2 pi v."""
    q = jnp.round(4.0 * v)
    r = (v - 0.25 * q) * (2.0 * math.pi)
    z = r * r
    s = r + r * z * polynomial(z, SINE)
    c = 1.0 - z * (0.5 - z * polynomial(z, COSINE))
    n = q.astype(jnp.int32)
    swap = (n & 1) == 1
    sine, cosine = jnp.where(swap, c, s), jnp.where(swap, s, c)
    return (
        jnp.where((n & 2) == 2, -sine, sine),
        jnp.where(((n + 1) & 2) == 2, -cosine, cosine),
    )


def unit_float(bits):
    """A 32-bit word as a float in [0, 1)."""
    return bits.astype(jnp.float64) * 2.0**-32


def normal_pair(bits):
    """Box-Muller from one 64-bit word."""
    u = unit_float(bits >> np.uint64(32)) + 2.0**-33
    radius = jnp.sqrt(-2.0 * log(u))
    s, c = turn(unit_float(bits & np.uint64(0xFFFFFFFF)))
    return radius * c, radius * s


def log(u):
    """Natural logarithm of a float in (0, 1]."""
    bits = jax.lax.bitcast_convert_type(u, jnp.uint64) - np.uint64(0x3FE6A09E667F3BCD)
    k = (bits.astype(jnp.int64) >> 52).astype(jnp.int32)
    mantissa = jax.lax.bitcast_convert_type(u, jnp.int64) - (k.astype(jnp.int64) << 52)
    m = jax.lax.bitcast_convert_type(mantissa, jnp.float64)
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    p = polynomial(z, [2 / (2 * n + 1) for n in range(9, 0, -1)])
    return k * math.log(2.0) + 2.0 * s + s * z * p


def greedy_step(state, metric, initial):
    """GreedyLR with transformers' defaults."""
    lr, best, good, bad, left = state
    better = metric < best - 1e-6
    best = jnp.where(better, metric, best)
    good, bad = jnp.where(better, good + 1.0, 0.0), jnp.where(better, 0.0, bad + 1.0)
    rise, fall = good > 10.0, bad > 10.0
    up, down = jnp.minimum(lr / 0.95, 1.0), jnp.maximum(lr * 0.95, 1e-3)
    rate = jnp.where(rise & (up - lr > 1e-8), up, lr)
    rate = jnp.where(fall & (lr - down > 1e-8), down, rate)
    lowest = fall & (rate <= 1e-3)
    left = jnp.where(rise, 500.0, left - lowest)
    reset = lowest & (left <= 0.0)
    return (
        jnp.where(reset, initial, rate),
        jnp.where(reset, jnp.inf, best),
        jnp.where(rise, 0.0, good),
        jnp.where(fall, 0.0, bad),
        jnp.where(reset, 500.0, left),
    )
