"""Rates of the reference open-loop schedules over 80 steps, parameters at random."""

import warnings
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import optax
import torch
from feedback import spec
from torch.optim import lr_scheduler as torch_schedules
from transformers import optimization as hf

STEPS = 80
SETS = 16

Values = dict[str, Any]


def between(rng: np.random.Generator, low: int, high: int) -> int:
    return int(rng.integers(low, high))


def one_cycle(optimizer: torch.optim.Optimizer, **values: Any) -> Any:
    return torch_schedules.OneCycleLR(optimizer, cycle_momentum=False, **values)


def cyclic(optimizer: torch.optim.Optimizer, **values: Any) -> Any:
    return torch_schedules.CyclicLR(optimizer, cycle_momentum=False, **values)


class Optax:
    """An optax schedule behind torch's interface, in float64."""

    def __init__(self, optimizer: torch.optim.Optimizer, schedule: Callable[[int], Any]) -> None:
        self.group = optimizer.param_groups[0]
        self.schedule = schedule
        self.count = -1
        self.step()

    def step(self) -> None:
        self.count += 1
        self.group["lr"] = float(self.schedule(self.count))


def piecewise(optimizer: torch.optim.Optimizer, **values: Any) -> Optax:
    lr = optimizer.param_groups[0]["lr"]
    steps = dict(zip(values["boundaries"], values["scales"], strict=True))
    if values["interpolate"] == "none":
        return Optax(optimizer, optax.piecewise_constant_schedule(lr, steps))
    return Optax(optimizer, optax.piecewise_interpolate_schedule(values["interpolate"], lr, steps))


FOLLOWING: dict[str, Callable[[torch.optim.Optimizer], Any]] = {
    "(constant)": hf.get_constant_schedule,
    "(cosine:T_max=30,eta_min=0.0001)": lambda o: torch_schedules.CosineAnnealingLR(o, 30, 0.0001),
    "(exponential:gamma=0.9)": lambda o: torch_schedules.ExponentialLR(o, 0.9),
    "(step:step_size=7,gamma=0.5)": lambda o: torch_schedules.StepLR(o, 7, 0.5),
}


def sequential(
    optimizer: torch.optim.Optimizer, steps: int, start_factor: float, then: str
) -> torch_schedules.SequentialLR:
    rise = torch_schedules.LinearLR(optimizer, start_factor, total_iters=steps)
    return torch_schedules.SequentialLR(optimizer, [rise, FOLLOWING[then](optimizer)], [steps])


CASES: dict[str, tuple[Callable[..., Any], Callable[[np.random.Generator], Values]]] = {
    "constant": (hf.get_constant_schedule, lambda rng: {}),
    "linear": (
        hf.get_linear_schedule_with_warmup,
        lambda rng: {
            "num_warmup_steps": int(rng.choice([0, 0, 1, 7, 30])),
            "num_training_steps": between(rng, 30, 130),
        },
    ),
    "cosine": (
        torch_schedules.CosineAnnealingLR,
        lambda rng: {
            "T_max": between(rng, 1, 130),
            "eta_min": float(rng.choice([0.0, 1e-5, 0.003])),
        },
    ),
    "cosine-restarts": (
        torch_schedules.CosineAnnealingWarmRestarts,
        lambda rng: {
            "T_0": between(rng, 1, 60),
            "T_mult": between(rng, 1, 4),
            "eta_min": float(rng.choice([0.0, 1e-5, 0.003])),
        },
    ),
    "constant-with-warmup": (
        hf.get_constant_schedule_with_warmup,
        lambda rng: {"num_warmup_steps": between(rng, 0, 60)},
    ),
    "constant-lr": (
        torch_schedules.ConstantLR,
        lambda rng: {"factor": float(rng.uniform(0.05, 1.0)), "total_iters": between(rng, 0, 60)},
    ),
    "linear-lr": (
        torch_schedules.LinearLR,
        lambda rng: {
            "start_factor": float(rng.uniform(0.01, 1.0)),
            "end_factor": float(rng.choice([0.0, 0.3, 1.0])),
            "total_iters": between(rng, 1, 130),
        },
    ),
    "polynomial": (
        hf.get_polynomial_decay_schedule_with_warmup,
        lambda rng: {
            "num_warmup_steps": int(rng.choice([0, 0, 1, 7, 29])),
            "num_training_steps": between(rng, 30, 130),
            "lr_end": float(rng.choice([0.0, 1e-7, 1e-4])),
            "power": float(rng.choice([0.5, 1.0, 2.0, 3.3])),
        },
    ),
    "polynomial-lr": (
        torch_schedules.PolynomialLR,
        lambda rng: {
            "total_iters": between(rng, 1, 130),
            "power": float(rng.choice([0.5, 1.0, 2.0, 3.3])),
        },
    ),
    "step": (
        torch_schedules.StepLR,
        lambda rng: {"step_size": between(rng, 1, 40), "gamma": float(rng.uniform(0.05, 1.0))},
    ),
    "multistep": (
        torch_schedules.MultiStepLR,
        lambda rng: {
            "milestones": sorted(int(m) for m in rng.integers(0, 90, between(rng, 1, 7))),
            "gamma": float(rng.uniform(0.05, 1.0)),
        },
    ),
    "inverse-sqrt": (
        hf.get_inverse_sqrt_schedule,
        lambda rng: {
            "num_warmup_steps": int(rng.choice([0, 1, 7, 30])),
            "timescale": between(rng, 1, 200),
        },
    ),
    "one-cycle": (
        one_cycle,
        lambda rng: {
            "max_lr": float(rng.uniform(0.01, 1.0)),
            "total_steps": between(rng, STEPS, 130),
            "pct_start": float(rng.uniform(0.1, 0.5)),
            "anneal_strategy": str(rng.choice(["cos", "linear"])),
            "div_factor": float(rng.uniform(2.0, 50.0)),
            "final_div_factor": float(rng.choice([1.0, 100.0, 1e4])),
            "three_phase": bool(rng.random() < 0.5),
        },
    ),
    "cyclic": (
        cyclic,
        lambda rng: {
            "base_lr": float(rng.uniform(0.0, 0.05)),
            "max_lr": float(rng.uniform(0.05, 0.5)),
            "step_size_up": between(rng, 1, 40),
            "step_size_down": between(rng, 1, 40),
            "mode": str(rng.choice(["triangular", "triangular2", "exp_range"])),
            "gamma": float(rng.uniform(0.9, 1.0)),
        },
    ),
    "warmup-stable-decay": (
        hf.get_wsd_schedule,
        lambda rng: {
            "num_warmup_steps": between(rng, 0, 20),
            "num_decay_steps": between(rng, 0, 30),
            "num_training_steps": between(rng, 50, 130),
            "warmup_type": str(rng.choice(["linear", "cosine", "1-sqrt"])),
            "decay_type": str(rng.choice(["linear", "cosine", "1-sqrt"])),
            "min_lr_ratio": float(rng.choice([0.0, 0.1])),
            "num_cycles": float(rng.choice([0.5, 1.5])),
        },
    ),
    "piecewise": (
        piecewise,
        lambda rng: {
            "boundaries": sorted({int(b) for b in rng.integers(1, 90, between(rng, 1, 6))}),
            "interpolate": str(rng.choice(["none", "linear", "cosine"])),
        },
    ),
    "warmup": (
        sequential,
        lambda rng: {
            "steps": between(rng, 1, 40),
            "start_factor": float(rng.uniform(0.01, 1.0)),
            "then": str(rng.choice(list(FOLLOWING))),
        },
    ),
    "exponential": (
        torch_schedules.ExponentialLR,
        lambda rng: {"gamma": float(rng.uniform(0.5, 1.0))},
    ),
}


def run(schedule: Callable[..., Any], values: Values, lr: float) -> np.ndarray:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
    scheduler = schedule(optimizer, **values)
    rates = np.empty(STEPS)
    for step in range(STEPS):
        rates[step] = optimizer.param_groups[0]["lr"]
        optimizer.step()
        scheduler.step()
    return rates


def build(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """specs, lr, rates of shape (cases, STEPS)."""
    warnings.simplefilter("ignore")
    jax.config.update("jax_enable_x64", True)
    specs, rates = [], []
    lrs = 10.0 ** rng.uniform(-3.0, 0.0, SETS)
    for name, (schedule, draw) in CASES.items():
        for lr in lrs:
            values = draw(rng)
            if name == "piecewise":
                values["scales"] = rng.uniform(0.1, 2.0, len(values["boundaries"])).tolist()
            specs.append(spec(name, values) if values else name)
            rates.append(run(schedule, values, float(lr)))
    return {
        "specs": np.array(specs),
        "lr": np.tile(lrs, len(CASES)),
        "rates": np.array(rates),
    }
