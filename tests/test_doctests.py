"""The examples in the docstrings of schedules and optimizers run and show what they say."""

import doctest
import importlib
import pkgutil

import pytest

import lab.optimizers
import lab.schedules


def modules():
    for package in (lab.schedules, lab.optimizers):
        for info in pkgutil.iter_modules(package.__path__):
            yield f"{package.__name__}.{info.name}"


@pytest.mark.parametrize("name", list(modules()))
def test_examples(name):
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0
