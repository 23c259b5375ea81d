"""Extreme but legal numbers: no NaN in a table, no crash, no wrong mark of divergence."""

import math

import numpy as np
import pytest

from experiments.comparison import compare
from experiments.request import make_request
from lab.ensemble import run_ensemble
from lab.simulation import Keep
from tests.trajectories import trajectories

SCHEDULES = ("greedy", "cosine", "reduce-on-plateau:patience=2", "greedy:preset=study")
SMALL = {"steps": 30, "schedules": SCHEDULES, "tune": False}
#: A name, and what is asked for: landscape, noise, options.
CASES = {
    **{
        f"lr {lr:g}, {optimizer}": ("rosenbrock", "gaussian", {"lr": lr, "optimizer": optimizer})
        for lr in (1e-300, 1e-30, 1e30, 1e150, 1e300)
        for optimizer in ("sgd", "momentum", "adam", "adamw")
    },
    "condition 1e16": ("quadratic:dim=5,condition=1e16", "gaussian", {}),
    "condition 1e16, sgd": ("quadratic:dim=5,condition=1e16", "gaussian", {"optimizer": "sgd"}),
    "one coordinate": ("quadratic:dim=1,condition=1", "gaussian", {}),
    "a thousand": ("quadratic:dim=1000", "gaussian", {}),
    "no strength": ("rosenbrock", "spikes", {"strength": 0.0}),
    "strength 1e6": ("rosenbrock", "spikes", {"strength": 1e6}),
    "strength 1e6, parameters": (
        "rosenbrock", "gaussian", {"strength": 1e6, "channel": "parameters"}
    ),
    "strength 1e300": ("rosenbrock", "gaussian", {"strength": 1e300}),
    "one step": ("rosenbrock", "gaussian", {"steps": 1}),
    "the last seed": ("rosenbrock", "gaussian", {"seed": 2**64 - 1}),
    "a factor of 0.5 and no floor": (
        "rosenbrock", "adversarial-trailing", {"schedules": ("greedy:factor=0.5,min_lr=0",)}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_no_nan_in_any_series_and_divergence_where_it_is(name):
    landscape, noise, options = CASES[name]
    asked = make_request(landscape, noise, **(SMALL | options))
    lanes = 20 if "thousand" in name else 130
    found = trajectories(asked, lanes, keep=Keep(lr=True, observed=True, term=True))
    series = {"loss": found.loss, "lr": found.lr, "lr_mean": found.lr_mean, **found.summary}
    for key, values in series.items():
        assert not np.isnan(values).any(), key
    diverged = found.summary["diverged"]
    # Marked exactly where a loss is no longer a number below the limit.
    infinite = np.isinf(found.loss)
    first = np.where(infinite.any(axis=1), infinite.argmax(axis=1), math.inf)
    np.testing.assert_array_equal(first, diverged)
    assert (np.abs(found.loss[~infinite]) <= 1e150).all()
    if "1e-3" in name or "one coordinate" in name:
        assert np.isinf(diverged).all()


@pytest.mark.parametrize("lr", [1e-300, 1e300])
@pytest.mark.parametrize("seeds", [1, 2, 40])
def test_tables_of_extreme_rates_hold_no_nan(lr, seeds):
    from reports.document import document

    asked = make_request("rosenbrock", "gaussian", **SMALL, lr=lr, seeds=seeds)
    told = repr(document(asked, compare(asked, threads=1), "out"))
    assert "nan" not in told.lower().replace("nanosecond", "")


def test_bands_of_lanes_of_which_some_diverge_hold_no_nan():
    asked = make_request("rosenbrock", "gaussian", **SMALL, optimizer="sgd", lr=0.02)
    found = run_ensemble(asked.scenario(0.5), asked.arms(), 30, 300, (0.05, 0.5, 0.95))
    assert not np.isnan(found.bands).any()
    share = np.isfinite(found.summary["diverged"]).mean(axis=1)
    assert ((share > 0.0) & (share < 1.0)).any()
