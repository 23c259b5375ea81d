"""Kernels that no replay reaches, compiled and as plain Python: the same bits.

Those of schedules that hear more than the loss, of judges, of noise models and of their memory; a
new file in a folder is covered without a line here. Landscapes, optimizers, channels and the other
schedules have such a test beside their laws.
"""

import inspect

import numpy as np
import pytest

from experiments.components import NOISES, OPTIMIZERS, SCHEDULES
from lab.component import Feedback
from lab.engine import aside, builtin
from lab.replay import replay
from tests.kernels import run_compiled, run_plain
from tests.schedules.conftest import plain_replay  # noqa: F401

LANES, DIM = 20, 3
#: Arguments of kernels that are fields of shape (dim, lanes).
VECTORS = {"x", "start", "grad", "update", "trial", "memory", "draw", "z", "y", "evaluated"}
CONTEXT = {"step", "lane", "seed"}

HEARING = [
    name
    for name, schedule in SCHEDULES.all().items()
    if isinstance(schedule, Feedback) and schedule.hears != ("loss",)
]
VARIANTS = [
    *HEARING, "armijo:reset_option=0", "armijo:reset_option=2", "sps-max:adapt_flag=smooth_iter",
    "dog:eps=0", "dowg:eps=0",
]  # fmt: skip
WINDOWS = ["greedy:smooth=true,window_size=3", "greedy:smooth=true,window_size=3,window=exact"]


def agree(kernel, given, numbers, states=(), steps=4):
    """Run a kernel both ways on random fields, keeping what it changes from step to step.

    Every third lane has zeros for gradients, and of every fifth the loss is infinite.
    """
    fields = {}
    for step in range(steps):
        rng = np.random.default_rng(step)
        for name in inspect.signature(kernel).parameters:
            if name in numbers or name in CONTEXT or (name in fields and name in states):
                continue
            rows = given.get(name, DIM if name in VECTORS else None)
            fields[name] = rng.uniform(0.1, 2.0, LANES if rows is None else (rows, LANES))
            if name in ("grad", "update"):
                fields[name][:, ::3] = 0.0
            if name in ("metric", "trial_loss"):
                fields[name][::5] = np.inf
            if name in ("searching", "taken", "diverged"):
                fields[name] = np.floor(fields[name])
        with np.errstate(all="ignore"):
            plain = run_plain(kernel, fields, numbers, step)
        compiled = run_compiled(kernel, fields, numbers, step)
        for name in fields:
            np.testing.assert_array_equal(compiled[name], plain[name], err_msg=f"{name}, {step}")
        assert any((fields[name] != plain[name]).any() for name in fields)
        fields = compiled


@pytest.mark.parametrize("text", VARIANTS)
def test_schedules_that_hear_more(text):
    chosen = SCHEDULES.choose(text).at(0.01, 10)
    schedule, values = chosen.component, chosen.values
    numbers = {**schedule.kernel_values(values), **schedule.constants(values), "minimum": 0.25}
    rows = {n: s.rows(values) for n, s in schedule.state.items() if callable(s.rows)}
    vectors = {n: DIM for n, s in schedule.state.items() if s.rows == "vector"}
    for kernel in (schedule.kernel, schedule.judge):
        if kernel is not None:
            agree(kernel, rows | vectors, numbers, {*schedule.state, "lr"})


@pytest.mark.parametrize("text", WINDOWS)
def test_means_of_a_window(text, plain_replay):  # noqa: F811
    losses = np.random.default_rng(0).normal(size=(30, LANES))
    losses[12, 3] = 1e12
    chosen = SCHEDULES.choose(f"{text},patience=1")
    np.testing.assert_array_equal(plain_replay(chosen, losses, 0.01), replay(chosen, losses, 0.01))


#: Kernels of the engine that take whole lanes, and their numbers.
ENGINE = {
    builtin.set_point: {"point": np.array([0.5, -1.0, 2.0])},
    builtin.begin: {},
    builtin.spread_rate: {"decades": 2.0, "lowest": 0.2, "highest": 3.0},
    builtin.scale: {},
    builtin.average: {"every": 3},
    builtin.add_to_sums: {},
    builtin.take_means: {},
    builtin.bury: {},
    aside.copy_rows: {},
    aside.difference: {},
    aside.count_trials: {},
    aside.hold_rates: {},
    aside.settle: {},
}


@pytest.mark.parametrize("kernel", ENGINE, ids=lambda kernel: kernel.__name__)
def test_the_engines_own(kernel):
    vectors = ("x_sum", "x_mean", "source", "target")
    given = {"rate_uniform": 1, **dict.fromkeys(vectors, DIM)}
    agree(kernel, given, ENGINE[kernel])


@pytest.mark.parametrize("name", NOISES.all())
def test_noise_models(name):
    chosen = NOISES.choose(name)
    model, values = chosen.component, chosen.values
    uniforms, normals = model.draws(values)
    numbers = {"strength": 0.7, **model.kernel_values(values)}
    given = {"uniform": uniforms, "normal": normals}
    kernel, colour = model.kernel, model.colour
    rng = np.random.default_rng(1)
    for step in (0, 1, 19, 20, 60, 149):
        fields = {"size": np.zeros(LANES), "value": rng.normal(size=LANES)}
        for field, rows in given.items():
            fields[field] = rng.random((rows, LANES))
        wanted = set(inspect.signature(kernel).parameters)
        fields = {
            field: fields.get(field, rng.random(LANES)) for field in wanted - set(numbers) - CONTEXT
        }
        with np.errstate(over="ignore"):  # integers that wrap around, as they shall
            plain = run_plain(kernel, fields, numbers, step)
        compiled = run_compiled(kernel, fields, numbers, step)
        for field in fields:
            np.testing.assert_array_equal(compiled[field], plain[field], err_msg=f"{field}, {step}")
    if colour is not None:
        agree(colour, {}, numbers, {"memory"})


@pytest.mark.parametrize(
    "name", [name for name, optimizer in OPTIMIZERS.all().items() if optimizer.evaluated]
)
def test_where_an_optimizer_is_evaluated(name):
    chosen = OPTIMIZERS.choose(name)
    optimizer = chosen.component
    assert optimizer.evaluated is not None
    numbers = optimizer.kernel_values(chosen.values)
    agree(optimizer.evaluated, {}, numbers, steps=2)
