"""A torch loop, one trajectory at a time, as the published robustness study runs it.

Parameters are a leaf tensor, gradients come from `backward`, `torch.optim` steps, the schedule is a
Python object that is told the loss. Only the first few lanes are run.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from benchmarks.peers import Run, Unavailable
from benchmarks.workloads import Inputs

try:
    import torch
except ImportError:
    torch: Any = None

SAME_DRAWS = False
LANES = 4


def prepare(inputs: Inputs, threads: int) -> Run:
    if torch is None:
        raise Unavailable("torch is not installed")
    torch.set_num_threads(threads)

    def run() -> tuple[np.ndarray, np.ndarray]:
        lanes = [trajectory(inputs, lane) for lane in range(LANES)]
        return tuple(np.array(part).T for part in zip(*lanes, strict=True))

    return run


def trajectory(inputs: Inputs, lane: int) -> tuple[list[float], list[float]]:
    workload = inputs.workload
    x = torch.tensor(inputs.start[:, lane].copy(), dtype=torch.float64, requires_grad=True)
    optimizer: Any = {
        "adam": lambda: torch.optim.Adam([x], lr=workload.lr),
        "momentum": lambda: torch.optim.SGD([x], lr=workload.lr, momentum=0.9),
        "sgd": lambda: torch.optim.SGD([x], lr=workload.lr),
    }[workload.optimizer]()
    schedule = Greedy(optimizer) if inputs.greedy else None
    objective = landscape(inputs)
    base, size = 1.0, 1.0
    losses, rates = [], []
    for step in range(inputs.steps):
        if schedule is None:
            optimizer.param_groups[0]["lr"] = inputs.rates[step]
        optimizer.zero_grad()
        loss = objective(x)
        loss.backward()
        value = loss.item()
        assert x.grad is not None
        losses.append(value)
        rates.append(optimizer.param_groups[0]["lr"])
        norm = x.grad.norm().item()
        term, sigma = noise(workload, step, base, size)
        if sigma:
            x.grad += sigma / math.sqrt(len(x)) * torch.randn(len(x), dtype=torch.float64)
        base, size = abs(value), norm
        optimizer.step()
        if schedule is not None:
            schedule.step(value + term if workload.channel == "batch" else value)
    losses.append(objective(x).item())
    return losses, rates


def landscape(inputs: Inputs):
    eigenvalues = torch.as_tensor(inputs.eigenvalues)

    def rosenbrock(x):
        return 100.0 * (x[1] - x[0] ** 2) ** 2 + (1.0 - x[0]) ** 2

    def quadratic(x):
        return 0.5 * (eigenvalues * x * x).sum()

    def rastrigin(x):
        return 10.0 * len(x) + (x * x - 10.0 * torch.cos(2.0 * math.pi * x)).sum()

    def ackley(x):
        radius = torch.sqrt((x * x).mean())
        ripple = torch.exp(torch.cos(2.0 * math.pi * x).mean())
        return -20.0 * torch.exp(-0.2 * radius) - ripple + 20.0 + math.e

    chosen = (rosenbrock, quadratic, rastrigin, ackley)
    return {f.__name__: f for f in chosen}[inputs.family]


def noise(workload, step: int, base: float, size: float) -> tuple[float, float]:
    """The metric's part, and the length of the vector."""
    if workload.noise == "gaussian":
        return 0.0, workload.strength
    if workload.noise == "plateau" and step % 100 < 20 + 30.0 * workload.strength:
        sigma = 0.05 * workload.strength
        return sigma * torch.randn(()).item(), sigma
    if workload.noise == "spikes" and torch.rand(()).item() < 0.02:
        height = workload.strength * (0.5 + 1.5 * torch.rand(()).item())
        return base * height, size * height
    return 0.0, 0.0


class Greedy:
    """GreedyLR with transformers' defaults, as a scheduler object."""

    def __init__(self, optimizer: Any) -> None:
        self.group = optimizer.param_groups[0]
        self.initial = self.group["lr"]
        self.best, self.good, self.bad, self.left = math.inf, 0, 0, 500

    def step(self, metric: float) -> None:
        if metric < self.best - 1e-6:
            self.best, self.good, self.bad = metric, self.good + 1, 0
        else:
            self.good, self.bad = 0, self.bad + 1
        lr = self.group["lr"]
        if self.good > 10:
            up = min(lr / 0.95, 1.0)
            if up - lr > 1e-8:
                self.group["lr"] = up
            self.good, self.left = 0, 500
        if self.bad > 10:
            down = max(lr * 0.95, 1e-3)
            if lr - down > 1e-8:
                self.group["lr"] = down
            self.bad = 0
            if self.group["lr"] <= 1e-3:
                self.left -= 1
                if self.left <= 0:
                    self.group["lr"], self.best, self.left = self.initial, math.inf, 500
                    self.good = self.bad = 0
