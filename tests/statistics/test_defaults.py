"""What is meant where nothing is said: 95 %, seed 0, so many resamples."""

import importlib
import inspect
import pkgutil

import numpy as np
import pytest

import lab.statistics
from lab.statistics.bootstrap import _width

DEFAULTS = {"confidence": 0.95, "seed": 0, "resamples": 2000, "level": 0.05}
#: A pool's quantiles take long, and their intervals rest on fewer.
OWN = {("pooled_quantiles", "resamples"): 500}


def functions():
    for info in pkgutil.iter_modules(lab.statistics.__path__):
        module = importlib.import_module(f"lab.statistics.{info.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                yield pytest.param(function, id=f"{info.name}.{name}")


@pytest.mark.parametrize("function", [*functions()])
def test_defaults(function):
    for name, parameter in inspect.signature(function).parameters.items():
        if name in DEFAULTS and parameter.default is not parameter.empty:
            assert parameter.default == OWN.get((function.__name__, name), DEFAULTS[name]), name


def test_a_spread_of_nothing_changes_no_width():
    assert _width(np.zeros(9), np.linspace(1.0, 2.0, 9)) == 1.0
    assert _width(np.linspace(1.0, 2.0, 9), np.ones(9)) == 1.0
