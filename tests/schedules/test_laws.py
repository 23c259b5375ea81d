"""Laws that every schedule keeps; a new file in the folder is covered without a line here."""

import math

import numpy as np
import pytest

from lab.replay import replay
from lab.schedules import SCHEDULES
from tests.schedules.examples import FEEDBACK, NAMES, REPLAYED, chosen

LR = 0.02


def losses(series=6, length=150):
    rng = np.random.default_rng(7)
    walk = 5.0 + np.cumsum(rng.normal(-0.02, 0.3, (length, series)), axis=0)
    walk[40:60, 1] = walk[40, 1]
    walk[70, 2] = 1e9
    return walk


@pytest.mark.parametrize("name", REPLAYED)
def test_rates_are_finite_and_not_negative(name):
    rates = replay(chosen(name), losses(), LR)
    assert np.isfinite(rates).all()
    assert (rates[:-1] > 0.0).all()
    assert (rates[-1] >= 0.0).all()


@pytest.mark.parametrize("name", REPLAYED)
def test_rates_stay_in_promised_bounds(name):
    values = chosen(name).at(LR, 150).values
    low, high = values.get("min_lr", 0.0), values.get("max_lr", math.inf)
    rates = replay(chosen(name), losses(), LR)
    assert ((rates >= low) & (rates <= high)).all()


@pytest.mark.parametrize("name", REPLAYED)
def test_a_second_use_starts_anew(name):
    schedule, series = chosen(name), losses()
    first = replay(schedule, series, LR)
    np.testing.assert_array_equal(replay(schedule, series, LR), first)


@pytest.mark.parametrize("name", REPLAYED)
def test_lanes_do_not_see_each_other(name):
    schedule, series = chosen(name), losses(series=130)
    together = replay(schedule, series, LR)
    for k in (0, 1, 2, 127, 128, 129):
        np.testing.assert_array_equal(replay(schedule, series[:, k], LR), together[:, k])


def needs_no_length(name):
    schedule = chosen(name)
    return not any(
        p.zero_is_steps and schedule.values[p.name] == 0 for p in schedule.component.parameters
    )


@pytest.mark.parametrize("name", [*filter(needs_no_length, REPLAYED)])
def test_the_past_does_not_depend_on_the_future(name):
    """Rates of the first steps are those of the whole series, where nothing means `all steps`."""
    schedule = chosen(name)
    whole = replay(schedule, losses(), LR)
    np.testing.assert_array_equal(replay(schedule, losses()[:70], LR), whole[:70])


@pytest.mark.parametrize("name", FEEDBACK)
def test_uncompiled_kernel_agrees(name, plain_replay):
    series = losses(length=80)
    series[30, 3], series[31, 4], series[32, 5] = np.inf, -np.inf, np.nan
    found = plain_replay(chosen(name), series, LR)
    np.testing.assert_array_equal(found, replay(chosen(name), series, LR))


@pytest.mark.parametrize("name", NAMES)
def test_written_form_means_the_same(name):
    schedule = chosen(name).at(LR, 100)
    assert SCHEDULES.choose(schedule.text) == schedule


@pytest.mark.parametrize("name", NAMES)
def test_is_documented(name):
    component = SCHEDULES.find(name)
    module = __import__(component_module(name), fromlist=["x"])
    assert "Source:" in module.__doc__
    assert ">>>" in module.__doc__
    assert component.summary
    assert component.source
    assert all(parameter.meaning for parameter in component.parameters)


def component_module(name):
    return f"lab.schedules.{name.replace('-', '_')}"


def test_names_are_unambiguous():
    taken = {}
    for component in SCHEDULES.all().values():
        for name in (component.name, *component.aliases, *component.not_the_same):
            assert taken.setdefault(name, component.name) == component.name, name
