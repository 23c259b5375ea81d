"""What a step sees of two domains, how often, and what the mixture is."""

import math

import numpy as np
import pytest

from experiments.components import CHANNELS, NOISES, OPTIMIZERS, SCHEDULES
from lab.errors import RequestError
from lab.oracle import fields_at
from lab.simulation import Arm, Keep, Scenario, simulate
from landscapes import LANDSCAPES
from tests.kernels import evaluate, run_compiled

PAIR = "switching:first=(rastrigin),second=(griewank)"


def look(text, x, step=0, **given):
    """All that the kernel makes of x (dim, lanes)."""
    chosen = LANDSCAPES.choose(text)
    component, values = chosen.component, chosen.values
    numbers = {**component.kernel_values(values), **component.constants(values)}
    fields = {**fields_at(chosen, x), **given}
    return run_compiled(component.kernel, fields, numbers, step=step)


def points(dim, lanes, seed=0):
    return np.random.default_rng(seed).standard_normal((dim, lanes))


def test_a_step_sees_the_drawn_domain_and_the_value_is_the_mixture():
    x = points(2, 40)
    draw = np.random.default_rng(1).random((1, 40))
    found = look(f"{PAIR},share=0.25", x, step_uniform=draw)
    first, second = (evaluate(LANDSCAPES.choose(name), x) for name in ("rastrigin", "griewank"))
    drawn = draw[0] < 0.25
    assert 0 < drawn.sum() < 40
    np.testing.assert_array_equal(found["seen"], np.where(drawn, second[0], first[0]))
    np.testing.assert_array_equal(found["grad"], np.where(drawn, second[1], first[1]))
    np.testing.assert_allclose(found["value"], 0.75 * first[0] + 0.25 * second[0], rtol=1e-14)


@pytest.mark.parametrize(("step", "second"), [(0, 0), (6, 0), (7, 1), (13, 1), (14, 0), (21, 1)])
def test_blocks_alternate_for_all_lanes(step, second):
    x = points(2, 20)
    found = look(f"{PAIR},order=blocks,period=7", x, step=step)
    expected = evaluate(LANDSCAPES.choose(("rastrigin", "griewank")[second]), x)
    np.testing.assert_array_equal(found["seen"], expected[0])
    np.testing.assert_array_equal(found["grad"], expected[1])


def test_domains_keep_their_own_draws_and_instances():
    """A domain that is a sum sees the terms that its own draws pick, not the switch's."""
    text = "switching:first=(sample-bias),second=(transformed:of=(sample-bias),shift=2),share=0.5"
    x, own = points(1, 60), points(1, 60, 4)
    draws = np.random.default_rng(3).random((3, 60))
    found = look(text, x, step_uniform=draws, instance=own)
    one = look("sample-bias", x, step_uniform=draws[1:2])
    two = look("sample-bias", x - 2.0 * own, step_uniform=draws[2:])
    drawn = draws[0] < 0.5
    for name in ("seen", "grad"):
        np.testing.assert_array_equal(found[name], np.where(drawn, two[name], one[name]))
    np.testing.assert_allclose(found["value"], 0.5 * (one["value"] + two["value"]), rtol=1e-14)


def test_three_domains_by_nesting_have_their_shares():
    lanes = 2**15
    text = (
        "switching:first=(huber:dim=1),share=0.6,second=("
        "switching:first=(sample-bias),second=(absolute:dim=1))"
    )
    chosen = LANDSCAPES.choose(text)
    assert chosen.component.step_uniforms(chosen.values) == 3
    found = look(text, np.full((1, lanes), 3.0))
    for slope, share in ((1.0, 0.4 + 0.3), (3.0, 0.3 * 0.9), (-7.0, 0.3 * 0.1)):
        # huber's slope at 3 is 1, as is that of the absolute value; of sample-bias: 3 or -7.
        count = np.sum(found["grad"][0] == slope)
        assert abs(count / lanes - share) <= 5.0 * math.sqrt(share * (1.0 - share) / lanes)


def test_the_drawn_gradient_is_that_of_the_mixture_on_average():
    lanes = 2**15
    x = np.full((2, lanes), [[0.3], [0.9]])
    found = look(f"{PAIR},share=0.25", x)
    first, second = (
        evaluate(LANDSCAPES.choose(name), x[:, :1])[1][:, 0] for name in ("rastrigin", "griewank")
    )
    error = 5.0 * np.abs(second - first) * math.sqrt(0.25 * 0.75 / lanes)
    assert (np.abs(found["grad"].mean(axis=1) - (0.75 * first + 0.25 * second)) <= error).all()


def test_a_run_goes_to_the_middle_of_two_bowls():
    bowl = "(transformed:of=(quadratic:dim=2,condition=1),shift=1,fixed={})"
    text = f"switching:first={bowl.format(1)},second={bowl.format(2)},order=blocks,period=1"
    scenario = Scenario(
        LANDSCAPES.choose(text), NOISES.choose("none"), CHANNELS.choose("batch"), 0.0
    )
    arm = Arm(SCHEDULES.choose("constant"), OPTIMIZERS.choose("sgd"), 0.01)
    out = simulate(scenario, [arm], 2000, 3, keep=Keep(x=True))
    bottoms = [np.random.default_rng(number).standard_normal(2) for number in (1, 2)]
    np.testing.assert_allclose(out.x[0, -1].T, [np.mean(bottoms, axis=0)] * 3, atol=0.01)


def test_facts_are_those_of_a_mixture():
    def facts(text):
        chosen = LANDSCAPES.choose(text)
        return chosen.component.facts(chosen.values)

    agree = facts("switching:first=(huber),second=(quadratic:dim=2,L=5),share=0.25")
    assert agree.minimum == 0.0
    assert agree.L == 0.75 + 0.25 * 5.0
    part = facts("switching:first=(booth),second=(quadratic:dim=2)")
    assert part.minimum is None
    assert part.minimiser is None
    assert part.base_lr == 1.0 / 18.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("switching:first=(booth),second=(quadratic)", r"same dim \(first: 2, second: 10\)"),
        ("switching:order=blocks,share=0.2", "blocks have equal shares"),
        ("switching:first=(boot)", "did you mean 'booth'"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(text, message):
    with pytest.raises(RequestError, match=message):
        LANDSCAPES.choose(text)
