"""NumPy, vectorised over lanes: a Python loop over the steps, arrays of shape (dim, lanes)."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from benchmarks.peers import Run
from benchmarks.workloads import Inputs
from lab.engine.result_memory import recording

SAME_DRAWS = False
FACTOR, PATIENCE, THRESHOLD, MIN_LR, MAX_LR, EPS, RESET_START = 0.95, 10, 1e-6, 1e-3, 1.0, 1e-8, 500

Oracle = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


def prepare(inputs: Inputs, threads: int) -> Run:
    seeds = iter(range(1_000_000))
    return lambda: simulate(inputs, np.random.default_rng(next(seeds)))


def simulate(inputs: Inputs, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    workload, x = inputs.workload, inputs.start.copy()
    oracle = oracle_of(inputs)
    move = OPTIMIZERS[workload.optimizer](x)
    lr = np.full(inputs.lanes, workload.lr)
    schedule = Greedy(lr) if inputs.greedy else None
    noise = NOISES[workload.noise]
    loss = recording((inputs.steps + 1, inputs.lanes))
    rate = recording((inputs.steps, inputs.lanes))
    for step in range(inputs.steps):
        value, grad = oracle(x)
        if schedule is None:
            lr = np.full(inputs.lanes, inputs.rates[step])
        loss[step], rate[step] = value, lr
        observed = value
        if noise is not None:
            term, vector = noise(workload.strength, step, value, grad, rng)
            grad = grad + vector
            if workload.channel == "batch":
                observed = value + term
        x -= lr * move(grad, step)
        if schedule is not None:
            lr = schedule.step(observed)
    loss[inputs.steps] = oracle(x)[0]
    return loss, rate


def oracle_of(inputs: Inputs) -> Oracle:
    eigenvalues = inputs.eigenvalues[:, None]

    def rosenbrock(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        a, b = x
        valley, floor = b - a * a, a - 1.0
        grad = np.stack([-400.0 * a * valley + 2.0 * floor, 200.0 * valley])
        return 100.0 * valley**2 + floor**2, grad

    def quadratic(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        slope = eigenvalues * x
        return 0.5 * (slope * x).sum(axis=0), slope

    def rastrigin(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        sine, cosine = np.sin(math.pi * x), np.cos(math.pi * x)
        value = (20.0 * sine * sine + x * x).sum(axis=0)
        return value, 40.0 * math.pi * sine * cosine + 2.0 * x

    def ackley(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        dim = len(x)
        radius = np.sqrt((x * x).mean(axis=0))
        sine, cosine = np.sin(math.pi * x), np.cos(math.pi * x)
        funnel = np.expm1(-0.2 * radius)
        ripple = np.expm1(-2.0 * (sine * sine).mean(axis=0))
        along = 4.0 / dim * (1.0 + funnel) / np.where(radius > 0.0, radius, np.inf)
        across = 4.0 * math.pi * math.e / dim * (1.0 + ripple)
        return -20.0 * funnel - math.e * ripple, along * x + across * sine * cosine

    chosen = (rosenbrock, quadratic, rastrigin, ackley)
    return {f.__name__: f for f in chosen}[inputs.family]


class Adam:
    """Directions; the rate is the caller's."""

    def __init__(self, x: np.ndarray) -> None:
        self.m, self.v = np.zeros_like(x), np.zeros_like(x)

    def __call__(self, grad: np.ndarray, step: int) -> np.ndarray:
        self.m += 0.1 * (grad - self.m)
        self.v *= 0.999
        self.v += 0.001 * grad * grad
        root = np.sqrt(self.v / (1.0 - 0.999 ** (step + 1)))
        return self.m / (1.0 - 0.9 ** (step + 1)) / (root + 1e-8)


class Momentum:
    """The heavy ball."""

    def __init__(self, x: np.ndarray) -> None:
        self.buffer = np.zeros_like(x)

    def __call__(self, grad: np.ndarray, step: int) -> np.ndarray:
        self.buffer *= 0.9
        self.buffer += grad
        return self.buffer


OPTIMIZERS = {"adam": Adam, "momentum": Momentum, "sgd": lambda x: lambda grad, step: grad}


class Greedy:
    """GreedyLR with transformers' defaults."""

    def __init__(self, lr: np.ndarray) -> None:
        self.initial, self.lr = lr[0], lr
        self.best = np.full_like(lr, np.inf)
        self.good, self.bad = np.zeros_like(lr), np.zeros_like(lr)
        self.left = np.full_like(lr, RESET_START)

    def step(self, metric: np.ndarray) -> np.ndarray:
        better = metric < self.best - THRESHOLD
        self.best = np.where(better, metric, self.best)
        self.good = np.where(better, self.good + 1, 0)
        self.bad = np.where(better, 0, self.bad + 1)
        rise, fall = self.good > PATIENCE, self.bad > PATIENCE
        up, down = np.minimum(self.lr / FACTOR, MAX_LR), np.maximum(self.lr * FACTOR, MIN_LR)
        rate = np.where(rise & (up - self.lr > EPS), up, self.lr)
        rate = np.where(fall & (self.lr - down > EPS), down, rate)
        lowest = fall & (rate <= MIN_LR)
        self.left = np.where(rise, RESET_START, self.left - lowest)
        reset = lowest & (self.left <= 0)
        self.best = np.where(reset, np.inf, self.best)
        self.good, self.bad = np.where(rise, 0, self.good), np.where(fall, 0, self.bad)
        self.left = np.where(reset, RESET_START, self.left)
        self.lr = np.where(reset, self.initial, rate)
        return self.lr


def gaussian(strength, step, value, grad, rng):
    vector = strength / math.sqrt(len(grad)) * rng.standard_normal(grad.shape)
    return 0.0, vector


def plateau(strength, step, value, grad, rng):
    if step % 100 >= 20 + 30.0 * strength:
        return 0.0, 0.0
    sigma = 0.05 * strength
    vector = sigma / math.sqrt(len(grad)) * rng.standard_normal(grad.shape)
    return sigma * rng.standard_normal(value.shape), vector


class Spikes:
    """Their bases are the sizes of the step before; only lanes with a spike draw a direction."""

    def __init__(self) -> None:
        self.metric = self.vector = np.ones(1)

    def __call__(self, strength, step, value, grad, rng):
        if step == 0:
            self.metric, self.vector = np.ones_like(value), np.ones_like(value)
        struck = np.flatnonzero(rng.random(value.shape) < 0.02)
        height = strength * (0.5 + 1.5 * rng.random(len(struck)))
        term, vector = np.zeros_like(value), np.zeros_like(grad)
        term[struck] = self.metric[struck] * height
        unit = self.vector[struck] * height / math.sqrt(len(grad))
        vector[:, struck] = unit * rng.standard_normal((len(grad), len(struck)))
        self.metric, self.vector = value, np.sqrt((grad * grad).sum(axis=0))
        return term, vector


NOISES = {"none": None, "gaussian": gaussian, "plateau": plateau, "spikes": Spikes()}
