"""Rates of the reference feedback schedules on random loss series, parameters at random."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import losses
import numpy as np
import optax.contrib
import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau
from transformers.optimization import GreedyLR

Draw = Callable[[np.random.Generator], dict[str, Any]]


def greedy_values(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "factor": float(rng.uniform(0.4, 0.99)),
        "patience": int(rng.choice([0, 1, 2, 3, 5, 10])),
        "threshold": float(rng.choice([0.0, 1e-6, 1e-3, 0.1, 1.0])),
        "threshold_mode": str(rng.choice(["abs", "rel"])),
        "cooldown": int(rng.choice([0, 0, 1, 4])),
        "warmup": int(rng.choice([0, 0, 1, 4])),
        "min_lr": float(rng.choice([0.0, 1e-4, 1e-3, 0.02])),
        "max_lr": float(rng.choice([0.05, 0.3, 1.0])),
        "eps": float(rng.choice([0.0, 1e-8, 1e-3])),
        "smooth": bool(rng.random() < 0.6),
        "window_size": int(rng.choice([1, 2, 5, 10, 50])),
        "reset_start": int(rng.choice([0, 1, 2, 5, 500])),
        "mode": str(rng.choice(["min", "min", "max"])),
    }


def plateau_values(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "mode": str(rng.choice(["min", "min", "max"])),
        "factor": float(rng.uniform(0.1, 0.99)),
        "patience": int(rng.choice([0, 1, 2, 3, 5, 10])),
        "threshold": float(rng.choice([0.0, 1e-4, 1e-2, 0.5, 1.0])),
        "threshold_mode": str(rng.choice(["rel", "abs"])),
        "cooldown": int(rng.choice([0, 0, 1, 4])),
        "min_lr": float(rng.choice([0.0, 1e-4, 1e-2])),
        "eps": float(rng.choice([0.0, 1e-8, 1e-3])),
    }


def written(value: Any) -> str:
    if isinstance(value, list):
        return "/".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def spec(name: str, values: dict[str, Any]) -> str:
    return f"{name}:{','.join(f'{key}={written(value)}' for key, value in values.items())}"


def run(schedule: Callable[..., Any], values: dict[str, Any], lr: float, series: np.ndarray):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
    scheduler = schedule(optimizer, **values)
    rates = np.empty(len(series))
    for step, loss in enumerate(series):
        scheduler.step(loss)
        rates[step] = optimizer.param_groups[0]["lr"]
    return rates


def optax_values(rng: np.random.Generator) -> dict[str, Any]:
    values = plateau_values(rng)
    del values["mode"], values["eps"]
    values["patience"] = max(1, values["patience"])
    values["threshold"] = max(1e-4, values["threshold"])
    return values


def run_optax(values: dict[str, Any], lr: float, series: np.ndarray) -> np.ndarray:
    """Rates of optax's reduce_on_plateau, in float64: the gradient is the initial rate."""
    relative = values["threshold_mode"] == "rel"
    rule = optax.contrib.reduce_on_plateau(
        factor=values["factor"],
        patience=values["patience"],
        rtol=values["threshold"] if relative else 0.0,
        atol=0.0 if relative else values["threshold"],
        cooldown=values["cooldown"],
        min_scale=values["min_lr"] / lr,
    )

    def one(state: Any, loss: jax.Array) -> tuple[Any, jax.Array]:
        rate, state = rule.update(jnp.asarray(lr), state, value=loss)
        return state, rate

    return np.asarray(jax.lax.scan(one, rule.init(jnp.asarray(lr)), jnp.asarray(series))[1])


CASES: dict[str, tuple[Callable[..., Any], Draw]] = {
    "greedy": (GreedyLR, greedy_values),
    "reduce-on-plateau": (ReduceLROnPlateau, plateau_values),
}


def build(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """losses, factors; for each schedule NAME: NAME/specs, NAME/lr, NAME/rates."""
    jax.config.update("jax_enable_x64", True)
    series, factors = losses.make(rng)
    out = {"losses": series, "factors": factors}
    columns = (series.astype(np.float64) * factors).T
    for name, (schedule, draw) in CASES.items():
        values = [draw(rng) for _ in columns]
        lr = 10.0 ** rng.uniform(-2.5, -0.5, len(columns))
        rates = [
            run(schedule, v, float(a), column)
            for v, a, column in zip(values, lr, columns, strict=True)
        ]
        out.update(entry(name, [spec(name, v) for v in values], lr, rates))
    out.update(entry("optax", *optax_runs(rng, columns)))
    return out


def optax_runs(
    rng: np.random.Generator, columns: np.ndarray
) -> tuple[list[str], np.ndarray, list[np.ndarray]]:
    """The same for optax, whose min_scale is a share of the initial rate."""
    lr = 10.0 ** rng.uniform(-2.5, -0.5, len(columns))
    specs, rates = [], []
    for a, column in zip(lr.tolist(), columns, strict=True):
        values = optax_values(rng)
        rates.append(run_optax(values, a, column))
        values["min_lr"] = a * (values["min_lr"] / a)
        specs.append(spec("reduce-on-plateau", {**values, "semantics": "optax"}))
    return specs, lr, rates


def entry(
    name: str, specs: list[str], lr: np.ndarray, rates: list[np.ndarray]
) -> dict[str, np.ndarray]:
    return {
        f"{name}/specs": np.array(specs),
        f"{name}/lr": lr,
        f"{name}/rates": np.array(rates).T,
    }
