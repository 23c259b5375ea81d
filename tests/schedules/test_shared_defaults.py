"""What is meant where nothing is said: the release's values, and shares of the initial rate."""

import math

import pytest

from lab.schedules import SCHEDULES

#: Of transformers 5.24, `GreedyLR.__init__`.
RELEASED = {
    "mode": "min", "factor": 0.95, "patience": 10, "threshold": 1e-6, "threshold_mode": "abs",
    "cooldown": 0, "warmup": 0, "min_lr": 1e-3, "max_lr": 1.0, "eps": 1e-8, "smooth": False,
    "window_size": 50, "reset_start": 500,
}  # fmt: skip
#: Of torch 2.13, `ReduceLROnPlateau.__init__`.
PLATEAU = {
    "mode": "min", "factor": 0.1, "patience": 10, "threshold": 1e-4, "threshold_mode": "rel",
    "cooldown": 0, "min_lr": 0.0, "eps": 1e-8,
}  # fmt: skip
#: Of torch 2.13 and transformers 5.24, by the names here.
TABLES = {
    "constant-lr": {"factor": 1.0 / 3.0, "total_iters": 5},
    "linear-lr": {"start_factor": 1.0 / 3.0, "end_factor": 1.0, "total_iters": 5},
    "multistep": {"gamma": 0.1},
    "step": {"gamma": 0.1},
    "one-cycle": {
        "pct_start": 0.3, "anneal_strategy": "cos", "div_factor": 25.0, "final_div_factor": 1e4,
        "three_phase": False,
    },
    "polynomial": {"lr_end": 1e-7, "power": 1.0},
    "polynomial-lr": {"power": 1.0},
    "warmup-stable-decay": {
        "warmup_type": "linear", "decay_type": "cosine", "min_lr_ratio": 0.0, "num_cycles": 0.5,
    },
}  # fmt: skip
#: 0 stands for none at all, or for what a run has.
NONE = {
    "linear": ("num_warmup_steps", "num_training_steps"),
    "polynomial": ("num_warmup_steps", "num_training_steps"),
    "inverse-sqrt": ("num_warmup_steps", "timescale"),
    "cosine": ("T_max",),
    "one-cycle": ("total_steps",),
    "polynomial-lr": ("total_iters",),
}
#: What the references ask for and nothing here can guess; `table` and `warmup` are the laboratory's
#: own, `piecewise` is optax's.
REQUIRED = {
    "constant-with-warmup": {"num_warmup_steps"}, "multistep": {"milestones"},
    "piecewise": {"boundaries", "scales"}, "step": {"step_size"}, "table": {"file"},
    "warmup": {"steps"}, "warmup-stable-decay": {"num_warmup_steps", "num_decay_steps"},
}  # fmt: skip
#: Names of parameters that are learning rates.
RATES = {"min_lr", "max_lr", "base_lr", "eta_min", "lr_end"}
#: Parameters of which 0 means the steps of the run.
STEPS = {
    "cosine": {"T_max"}, "linear": {"num_training_steps"}, "one-cycle": {"total_steps"},
    "polynomial": {"num_training_steps"}, "polynomial-lr": {"total_iters"},
    "warmup": {"total_steps"}, "warmup-stable-decay": {"num_training_steps"},
}  # fmt: skip
FAMILY = ("greedy", "greedy-gated", "greedy-paper", "greedy-robust", "greedy-kesten")
BOUNDS = ("min_lr", "max_lr", "eta_min")


def defaults(name):
    return {p.name: p.default for p in SCHEDULES.find(name).parameters}


@pytest.mark.parametrize("name", FAMILY)
def test_what_a_relative_shares_with_the_release_has_its_default(name):
    shared = defaults(name).keys() & RELEASED
    assert shared >= {"factor", "patience", "threshold", "min_lr", "max_lr", "window_size"}
    assert {key: defaults(name)[key] for key in shared} == {key: RELEASED[key] for key in shared}


def test_defaults_of_the_plateau():
    assert defaults("reduce-on-plateau").items() >= PLATEAU.items()


@pytest.mark.parametrize("name", TABLES)
def test_defaults_of_tables(name):
    assert defaults(name).items() >= TABLES[name].items()


@pytest.mark.parametrize("name", NONE)
def test_none_at_all_is_the_default(name):
    assert [defaults(name)[parameter] for parameter in NONE[name]] == [0] * len(NONE[name])


@pytest.mark.parametrize("name", SCHEDULES.all())
def test_what_must_be_said_what_is_a_rate_and_what_follows_the_run(name):
    parameters = SCHEDULES.find(name).parameters
    assert {p.name for p in parameters if p.required} == REQUIRED.get(name, set())
    assert {p.name for p in parameters if p.rate} == {p.name for p in parameters} & RATES
    assert {p.name for p in parameters if p.zero_is_steps} == STEPS.get(name, set())


@pytest.mark.parametrize(
    ("name", "bound"),
    [
        (n, p.name)
        for n, c in SCHEDULES.all().items()
        for p in c.parameters
        if p.name in BOUNDS and n != "cyclic"
    ],
)
def test_bounds_may_be_shares_of_the_initial_rate(name, bound):
    required = [f"{p.name}={p.default}" for p in SCHEDULES.find(name).parameters if p.required]
    text = ",".join([*required, f"{bound}=10%"])
    value = SCHEDULES.choose(f"{name}:{text}").at(0.3, 100).values[bound]
    assert math.isclose(value, 0.03, rel_tol=1e-12)
