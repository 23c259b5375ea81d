"""The engine against a sequential loop that follows the definition of a step, to the last bit.

The loop is the definition in plain Python: no blocks, tiles or stages, uncompiled kernels, draws by
their index.
"""

from typing import Any

import numpy as np
import pytest

from experiments.request import Request, make_request
from lab.component import Chosen, Feedback
from lab.engine import philox
from tests.trajectories import arrays, trajectories

LANES = 3
Pool = dict[str, Any]


def call(kernel, *pools: Pool) -> None:
    """A kernel as the Python function it is, its arguments by name."""
    given: Pool = {}
    for pool in pools:
        given |= pool
    names = kernel.__code__.co_varnames[: kernel.__code__.co_argcount]
    kernel(**{name: given[name] for name in names})


def draws(fill, stream: int, width: int, steps: int, seed: int) -> np.ndarray:
    """Numbers 0 .. width * steps - 1 of a stream for the first lanes, (steps, width, LANES)."""
    count = width * steps
    out = np.zeros((-(-count // 4) * 4, LANES))
    fill(out, 0, stream, 0, seed)
    return out[:count].reshape(steps, width, LANES)


def memory(chosen: Chosen, lr: float, dim: int) -> Pool:
    """The initial state of a component."""
    fields: Pool = {}
    for name, state in getattr(chosen.component, "state", {}).items():
        words = {"lr": lr, **chosen.values}
        initial = words[state.initial] if isinstance(state.initial, str) else state.initial
        if isinstance(state.rows, str):
            shape = (LANES,) if state.rows == "scalar" else (dim, LANES)
        else:
            shape = (state.rows(chosen.values), LANES)
        fields[name] = np.full(shape, float(initial))
    return fields


def numbers(chosen: Chosen, *constants_of: Any) -> Pool:
    component = chosen.component
    constants = getattr(component, "constants", lambda *_: {})(chosen.values, *constants_of)
    return {**component.kernel_values(chosen.values), **constants}


def heard(request: Request, t: int, pool: Pool, total: np.ndarray) -> np.ndarray:
    """The metric at step t; `total` is the sum since the last evaluation."""
    cadence = request.cadence
    if cadence.metric == "mean" and cadence.every > 1:
        total += pool["observed"]
        metric = total / cadence.every
        if (t + 1) % cadence.every == 0:
            total[:] = 0.0
        return metric
    return pool["value" if cadence.metric == "clean" else "observed"]


def search(request: Request, rule: Feedback, judged: Pool, pool: Pool, memory_of: Pool):
    """Trial points until no lane is searching; the number of trials of each lane."""
    spent = np.zeros(LANES)
    landscape, optimizer = request.landscape, request.optimizer
    for _ in range(rule.trials(judged)):
        if not pool["searching"].any():
            break
        copies = {name: field.copy() for name, field in memory_of.items()}
        trial = {**pool, "x": pool["x"].copy(), "grad": pool["grad"].copy(), "value": spent.copy()}
        steps = numbers(optimizer, request.steps)
        call(optimizer.component.kernel, trial, copies, steps)
        call(landscape.component.kernel, trial, numbers(landscape))
        spent += pool["searching"]
        seen = {"trial": trial["x"], "trial_loss": trial["value"], "sample_loss": pool["value"]}
        call(rule.judge, pool, judged, seen)
    return spent


def sequential(request: Request, arm: int) -> dict[str, np.ndarray]:
    """Steps 0 .. T - 1 as they are defined, and f(x_T)."""
    steps, dim, lr, seed = request.steps, request.facts.dim, request.lr, request.seed
    landscape, noise, channel, optimizer = (
        request.landscape, request.noise, request.channel, request.optimizer,
    )  # fmt: skip
    schedule = request.schedules[arm].at(lr, steps)
    model, way, rule = noise.component, channel.component, schedule.component
    loud = model.name != "none" and request.strengths[0] > 0.0
    scalar = model.gaussian and way.scalar
    uniform = draws(philox.fill_uniforms, philox.SHAPE, model.uniforms, steps, seed)
    direction = draws(philox.fill_normals, philox.VECTOR, dim, steps, seed)
    unit = draws(philox.fill_normals, philox.SCALAR, 1, steps, seed)
    pool: Pool = {
        "x": draws(philox.fill_normals, philox.START, dim, 1, seed)[0],
        "grad": np.zeros((dim, LANES)),
        "strength": request.strengths[0],
        "proportional": model.proportional,
        **{name: np.zeros(LANES) for name in ("value", "observed", "term", "size", "effect")},
        **{name: np.ones(LANES) for name in ("metric_base", "vector_base")},
        "update": np.zeros((dim, LANES)),
        "searching": np.zeros(LANES),
        "diverged": np.full(LANES, np.inf),
        "minimum": request.facts.minimum,
    }
    if landscape.component.start is not None:
        call(landscape.component.start, {"start": pool["x"]}, numbers(landscape))
    pool["start"] = pool["x"].copy()
    evaluations = np.zeros(LANES)
    noise_state, optimizer_state = memory(noise, lr, dim), memory(optimizer, lr, dim)
    schedule_state, total = memory(schedule, lr, dim), np.zeros(LANES)
    table = None if isinstance(rule, Feedback) else rule.rates(lr, steps, schedule.values)
    pool["lr"] = np.full(LANES, lr if table is None else table[0])
    out: dict[str, list[np.ndarray]] = {n: [] for n in ("loss", "observed", "term", "lr", "x")}
    for t in range(steps):
        pool["step"] = t
        # 1: the clean oracle.
        call(landscape.component.kernel, pool, numbers(landscape))
        out["loss"].append(pool["value"].copy())
        out["x"].append(pool["x"].copy())
        # 2: the noise.
        pool["observed"][:] = pool["value"]
        if loud:
            given = {"uniform": uniform[t], "size": np.zeros(LANES)}
            call(model.kernel, pool, noise_state, numbers(noise), given)
            size = given["size"]
            if model.respond is not None:
                call(model.respond, pool, noise_state, given)
                size = pool["effect"].copy()
            shock = size * unit[t, 0] if scalar else size
            given = {"size": size, "shock": shock, "direction": direction[t]}
            call(way.kernel, pool, numbers(channel), given)
        # 3: a schedule that acts before the step; 4: the step; 5: one that acts after it.
        act = None
        if table is None:
            metric = heard(request, t, pool, total)
            if (t + 1) % request.cadence.every == 0 or not rule.hears_loss:
                act = {**numbers(schedule), "metric": metric}
        if act is not None and rule.before:
            call(rule.kernel, pool, schedule_state, act)
        if act is not None and rule.judge is not None:
            own = {**schedule_state, **act}
            evaluations += search(request, rule, own, pool, optimizer_state)
        out["lr"].append(pool["lr"].copy())
        out["observed"].append(pool["observed"].copy())
        out["term"].append(pool["term"].copy())
        before = pool["x"].copy()
        call(optimizer.component.kernel, pool, optimizer_state, numbers(optimizer, steps))
        pool["update"] = pool["x"] - before
        if act is not None and not rule.before:
            call(rule.kernel, pool, schedule_state, act)
        if table is not None:
            pool["lr"][:] = table[min(t + 1, steps - 1)]
    call(landscape.component.kernel, pool, numbers(landscape))
    out["loss"].append(pool["value"].copy())
    return {**{name: np.stack(series) for name, series in out.items()}, "evaluations": evaluations}


CASES = [
    ("rosenbrock", "spikes:probability=0.3", "batch", "adam", {}),
    ("quadratic:dim=3", "gaussian", "metric", "sgd", {"metric_every": 3}),
    ("quadratic:dim=3", "gaussian", "batch", "sgd", {"metric_every": 3, "metric": "mean"}),
    ("rosenbrock:dim=3", "gaussian", "batch", "adam", {"metric_every": 3, "metric": "clean"}),
    ("rastrigin:dim=3", "adversarial", "batch", "momentum", {"metric_every": 4, "metric": "mean"}),
    ("rastrigin:dim=3", "adversarial-trailing", "gradient", "nesterov", {}),
    ("rosenbrock", "oscillation", "parameters", "adamw", {}),
    ("rosenbrock", "gaussian", "published", "adam", {"seed": 2**63 + 5}),
    ("rosenbrock", "none", "batch", "adam", {"metric_every": 3, "metric": "mean"}),
]  # fmt: skip
SCHEDULES = (
    "greedy-simple:F=0.8,max_lr=0.05",
    "greedy-simple:F=0.8,max_lr=0.05,lagged=true",
    "reduce-on-plateau:patience=1,factor=0.5",
    "greedy:patience=1,factor=0.7",
    "greedy:patience=1,smooth=true,window_size=3",
    "cosine",
    "polyak",
    "sps-max:adapt_flag=smooth_iter",
    "dog:reps_rel=0.01",
    "hypergradient:hypergrad_lr=1e-07",
    "greedy-gated:patience=1,factor=0.7,gate=both",
    "armijo:beta_b=0.6",
)


@pytest.mark.parametrize(("landscape", "noise", "channel", "optimizer", "rest"), CASES)
def test_the_engine_is_the_definition(landscape, noise, channel, optimizer, rest):
    rest = {"channel": channel, "optimizer": optimizer, "schedules": SCHEDULES, "steps": 36, **rest}
    request = make_request(landscape, noise, **rest)
    found = arrays(trajectories(request, LANES))
    for arm, schedule in enumerate(SCHEDULES):
        with np.errstate(all="ignore"):
            expected = sequential(request, arm)
        for name, series in expected.items():
            np.testing.assert_array_equal(found[name][arm], series, err_msg=f"{schedule}: {name}")


def test_the_cases_exercise_what_they_should():
    """Rates move within the steps, and not alike in all cases."""
    request = make_request("rosenbrock", "spikes:probability=0.3", schedules=SCHEDULES, steps=40)
    found = arrays(trajectories(request, LANES))
    assert all(len(np.unique(rates)) > 2 for rates in found["lr"])
    assert found["evaluations"][-1].min() > 40
