"""Steps of the reference optimizers: the state before and after, at the start and far on."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import optax
import torch
from feedback import spec

COORDINATES = 50
#: Steps whose states are stored: 20 x 50 = 1,000 states an optimizer.
STORED = (*range(10), *range(995, 1005))


class Lion:
    """optax's lion behind torch's interface."""

    def __init__(self, parameters: list[torch.nn.Parameter], lr: float, **values: float) -> None:
        self.parameter = parameters[0]
        self.param_groups = [{"lr": lr}]
        self.values = values
        self.memory = optax.lion(lr, **values).init(self.parameter.detach().numpy())
        self.state = {self.parameter: {}}

    def step(self) -> None:
        x = self.parameter.detach().numpy()
        # The memory of every rate is the same: only the last, stateless part knows the rate.
        rule = optax.lion(self.param_groups[0]["lr"], **self.values)
        updates, self.memory = rule.update(self.parameter.grad.numpy(), self.memory, x)
        self.parameter.data = torch.tensor(np.asarray(optax.apply_updates(x, updates)))
        self.state = {self.parameter: {"mu": torch.tensor(np.asarray(self.memory[0].mu))}}


CASES: dict[str, tuple[Callable[..., Any], dict[str, Any], dict[str, Any]]] = {
    "sgd": (torch.optim.SGD, {}, {}),
    "momentum": (torch.optim.SGD, {"momentum": 0.9}, {}),
    "momentum-dampened": (
        torch.optim.SGD,
        {"momentum": 0.7, "dampening": 0.4},
        {},
    ),
    "nesterov": (torch.optim.SGD, {"momentum": 0.9}, {"nesterov": True}),
    "adam": (torch.optim.Adam, {}, {}),
    "adamw": (torch.optim.AdamW, {}, {}),
    "adamw-other": (torch.optim.AdamW, {"weight_decay": 0.3}, {}),
    "rmsprop": (torch.optim.RMSprop, {}, {}),
    "rmsprop-other": (torch.optim.RMSprop, {"alpha": 0.9, "momentum": 0.8}, {}),
    "adagrad": (torch.optim.Adagrad, {}, {}),
    "adagrad-other": (
        torch.optim.Adagrad,
        {"lr_decay": 0.01, "initial_accumulator_value": 0.5},
        {},
    ),
    "nadam": (torch.optim.NAdam, {}, {}),
    "nadam-other": (torch.optim.NAdam, {"momentum_decay": 0.05}, {"betas": (0.8, 0.99)}),
    "lion": (Lion, {}, {}),
    "lion-other": (Lion, {"b1": 0.5, "b2": 0.9, "weight_decay": 0.0}, {}),
    "adam-other": (torch.optim.Adam, {"eps": 1e-4}, {"betas": (0.6, 0.95)}),
}


def name_of(case: str, values: dict[str, Any], extra: dict[str, Any]) -> str:
    """The component in the laboratory's grammar: betas are two numbers there."""
    shown = dict(values)
    if "betas" in extra:
        shown["beta1"], shown["beta2"] = extra["betas"]
    name = case.split("-")[0]
    return spec(name, shown) if shown else name


def run(make: Callable[..., Any], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """x (stored, 2, n), grad (stored, n), lr (stored,), and each state field like x."""
    x = torch.nn.Parameter(torch.tensor(rng.normal(size=COORDINATES)))
    optimizer = make([x])
    scale = torch.tensor(10.0 ** rng.uniform(-6, 4, COORDINATES))
    out: dict[str, list[np.ndarray]] = {"x": [], "grad": [], "lr": []}
    for step in range(max(STORED) + 1):
        grad = np.round(rng.normal(size=COORDINATES), 2).astype(np.float32)
        x.grad = torch.tensor(grad, dtype=torch.float64) * scale
        lr = float(10.0 ** rng.uniform(-4, -1))
        optimizer.param_groups[0]["lr"] = lr
        before = fields(optimizer, x)
        optimizer.step()
        if step in STORED:
            after = fields(optimizer, x)
            for name, value in after.items():
                out.setdefault(name, []).append(
                    np.array([before.get(name, np.zeros_like(value)), value])
                )
            out["grad"].append(x.grad.numpy().copy())
            out["lr"].append(np.float64(lr))
    return {name: np.array(values) for name, values in out.items()}


def fields(optimizer: torch.optim.Optimizer, x: torch.nn.Parameter) -> dict[str, np.ndarray]:
    state = {
        name: value.detach().numpy().copy()
        for name, value in optimizer.state[x].items()
        if isinstance(value, torch.Tensor) and value.shape == x.shape
    }
    return {"x": x.detach().numpy().copy(), **state}


def build(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """steps; for each case CASE: CASE/spec, and CASE/FIELD for x, grad, lr and its state."""
    jax.config.update("jax_enable_x64", True)
    torch.set_default_dtype(torch.float64)
    out = {"steps": np.array(STORED)}
    for case, (optimizer, values, extra) in CASES.items():
        out[f"{case}/spec"] = np.array(name_of(case, values, extra))
        keywords = {**values, **extra, "lr": 0.01}
        found = run(lambda p, o=optimizer, k=keywords: o(p, **k), rng)
        out.update({f"{case}/{name}": array for name, array in found.items()})
    return out
