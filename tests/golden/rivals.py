"""Paths of the methods that need no schedule, from the packages of their authors and from optax."""

import contextlib
import io
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import optax.contrib
import torch
from dadaptation import DAdaptAdam, DAdaptSGD
from dog import DoG
from feedback import spec
from prodigyopt import Prodigy
from schedulefree import AdamWScheduleFree, SGDScheduleFree

STEPS, COORDINATES = 60, 6
#: Steps on Rosenbrock's function in two dimensions, and where they start.
PATH, STARTS = 20, ((-1.2, 1.0), (0.3, -0.7), (1.5, 0.2))

#: Class, its parameters, those that are called otherwise here (see `name_of`), the usual rate.
OPTIMIZERS: dict[str, tuple[Callable[..., Any], dict[str, Any], dict[str, Any], float]] = {
    "schedule-free-sgd": (SGDScheduleFree, {}, {}, 0.1),
    "schedule-free-sgd/other": (
        SGDScheduleFree,
        {"momentum": 0.6, "weight_decay": 0.1, "r": 1.5, "weight_lr_power": 1},
        {},
        0.1,
    ),
    "schedule-free-adamw": (AdamWScheduleFree, {}, {}, 0.01),
    "schedule-free-adamw/other": (
        AdamWScheduleFree,
        {"eps": 1e-3, "weight_decay": 0.2, "r": 1.0, "weight_lr_power": 0},
        {"betas": (0.7, 0.9)},
        0.05,
    ),
    "d-adapt-sgd": (DAdaptSGD, {}, {}, 1.0),
    "d-adapt-sgd/other": (
        DAdaptSGD,
        {"momentum": 0.8, "weight_decay": 0.05, "d0": 1e-3, "growth_rate": 1.3},
        {},
        1.0,
    ),
    "d-adapt-adam": (DAdaptAdam, {}, {}, 1.0),
    "d-adapt-adam/other": (
        DAdaptAdam,
        {"weight_decay": 0.1, "decouple": True, "use_bias_correction": True, "growth_rate": 1.2},
        {"betas": (0.8, 0.95)},
        0.5,
    ),
    "d-adapt-adam/coupled": (DAdaptAdam, {"weight_decay": 0.3, "d0": 1e-2}, {}, 1.0),
    "prodigy": (Prodigy, {}, {}, 1.0),
    "prodigy/other": (
        Prodigy,
        {"weight_decay": 0.2, "use_bias_correction": True, "d_coef": 3.0, "d0": 1e-2,
         "growth_rate": 1.05},
        {"betas": (0.8, 0.95)},
        0.5,
    ),
    "prodigy/coupled": (
        Prodigy,
        {"beta3": 0.9, "weight_decay": 0.3, "decouple": False, "safeguard_warmup": True,
         "d0": 1e-2},
        {},
        1.0,
    ),
}  # fmt: skip


def name_of(case: str, values: dict[str, Any], extra: dict[str, Any]) -> str:
    """The component in the laboratory's grammar: betas are two numbers there."""
    shown = dict(values)
    if "betas" in extra:
        shown["beta1"], shown["beta2"] = extra["betas"]
    name = case.partition("/")[0]
    return spec(name, shown) if shown else name


def run(make: Callable[..., Any], base: float, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """x (steps + 1, n) before each step and at the end, grad and lr of each.

    Of a schedule-free method also `answer`, like x: what it evaluates.
    """
    start, minimiser = rng.normal(size=COORDINATES), rng.normal(size=COORDINATES)
    curvature = 10.0 ** rng.uniform(-1, 1, COORDINATES)
    x = torch.nn.Parameter(torch.tensor(start))
    with contextlib.redirect_stdout(io.StringIO()):
        optimizer = make([x], lr=base)
    averages = hasattr(optimizer, "train")
    out: dict[str, list[Any]] = {"x": [], "grad": [], "lr": []}

    def note() -> None:
        out["x"].append(x.detach().numpy().copy())
        if averages:
            optimizer.eval()
            out.setdefault("answer", []).append(x.detach().numpy().copy())
            optimizer.train()
            # The way there and back has rounded.
            x.data = torch.tensor(out["x"][-1].copy())

    note()
    for _ in range(STEPS):
        noise = np.round(0.1 * rng.normal(size=COORDINATES), 3)
        grad = curvature * (out["x"][-1] - minimiser) + noise
        x.grad = torch.tensor(grad)
        lr = base * float(np.round(rng.uniform(0.5, 1.5), 3))
        optimizer.param_groups[0]["lr"] = lr
        optimizer.step()
        note()
        out["grad"].append(grad)
        out["lr"].append(lr)
    return {name: np.array(values) for name, values in out.items()}


def rosenbrock(x: jax.Array) -> jax.Array:
    return 100.0 * (x[1] - x[0] ** 2) ** 2 + (1.0 - x[0]) ** 2


def line_search(**values: float) -> Any:
    search = optax.scale_by_backtracking_linesearch(
        100,
        slope_rtol=values["c"],
        decrease_factor=values["beta_b"],
        increase_factor=values["gamma"],
        max_learning_rate=jnp.inf,
    )
    return optax.chain(optax.sgd(1.0), search)


def bounded_polyak(**values: float) -> Any:
    return optax.polyak_sgd(values["eta_max"], f_min=0.0, eps=values["eps"], variant="sps+")


#: The laboratory's schedule, its parameters, and optax's method of the same. optax's line search
#: starts from the rate 1.
PATHS: dict[str, tuple[dict[str, float], Callable[..., Any]]] = {
    "polyak": ({}, lambda: optax.polyak_sgd(jnp.inf)),
    "sps-max": ({"c": 1.0, "eta_max": 2e-3, "eps": 0.5}, lambda c, **v: bounded_polyak(**v)),
    "dog": (
        {"reps_rel": 1e-3, "c": 0.5, "eps": 1e-2},
        lambda reps_rel, c, eps: optax.contrib.dog(c, ("heuristic", reps_rel), eps),
    ),
    "dowg": ({}, optax.contrib.dowg),
    "dowg/other": ({"init_estim_sq_dist": 1e-2, "eps": 0.3}, lambda **v: optax.contrib.dowg(**v)),
    "armijo": ({"c": 0.1, "beta_b": 0.9, "gamma": 2.0}, line_search),
    "armijo/other": ({"c": 0.4, "beta_b": 0.5, "gamma": 1.5}, line_search),
}  # fmt: skip


def path(method: Any, start: tuple[float, float]) -> np.ndarray:
    """x_0 .. x_PATH of an optax method on Rosenbrock's function."""
    x = jnp.array(start)
    state = method.init(x)
    found = [x]
    for _ in range(PATH):
        value, grad = jax.value_and_grad(rosenbrock)(x)
        more = {"value": value, "grad": grad, "value_fn": rosenbrock}
        updates, state = optax.with_extra_args_support(method).update(grad, state, x, **more)
        x = optax.apply_updates(x, updates)
        found.append(x)
    return np.array(found)


def torch_path(start: tuple[float, float], **values: float) -> np.ndarray:
    """The same of dog-optimizer's DoG."""
    x = torch.nn.Parameter(torch.tensor(start))
    optimizer = DoG([x], **values)
    found = [x.detach().numpy().copy()]
    for _ in range(PATH):
        optimizer.zero_grad()
        (100.0 * (x[1] - x[0] ** 2) ** 2 + (1.0 - x[0]) ** 2).backward()
        optimizer.step()
        found.append(x.detach().numpy().copy())
    return np.array(found)


def build(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """optimizers, paths: the names of the cases; starts; for each case CASE: CASE/spec.

    Of an optimizer also what `run` returns; of a path CASE/path, shape (starts, steps + 1, 2).
    """
    jax.config.update("jax_enable_x64", True)
    torch.set_default_dtype(torch.float64)
    out = {"optimizers": np.array(list(OPTIMIZERS)), "starts": np.array(STARTS)}
    for case, (optimizer, values, extra, base) in OPTIMIZERS.items():
        out[f"{case}/spec"] = np.array(name_of(case, values, extra))
        found = run(lambda p, lr, o=optimizer, k={**values, **extra}: o(p, lr=lr, **k), base, rng)
        out.update({f"{case}/{name}": array for name, array in found.items()})
    for case, (values, method) in PATHS.items():
        out[f"{case}/spec"] = np.array(name_of(case, values, {}))
        out[f"{case}/path"] = np.array([path(method(**values), start) for start in STARTS])
    out["dog/torch/spec"] = np.array("dog:reps_rel=0.0001")
    out["dog/torch/path"] = np.array([torch_path(start, reps_rel=1e-4) for start in STARTS])
    out["paths"] = np.array([*PATHS, "dog/torch"])
    return out
