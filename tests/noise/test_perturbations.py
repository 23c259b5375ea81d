"""Perturbations: what each does at its step, that it does nothing before, and the same to all."""

import inspect
import math

import numpy as np
import pytest

from experiments.components import PERTURBATIONS
from experiments.request import make_request
from lab.component import Chosen, Facts, Landscape
from lab.engine.philox import EVENT, fill_normals
from lab.errors import RequestError
from lab.simulation import simulate
from tests.kernels import run_compiled, run_plain
from tests.trajectories import EVERYTHING, arrays, different, trajectories

AT, STEPS, LANES, DIM = 7, 16, 130, 3
EVENTS = {
    "kick": f"kick:at={AT},size=0.5",
    "jump": f"jump:at={AT},size=0.5",
    "rescale": f"rescale:at={AT},factor=3",
    "gradient-burst": f"gradient-burst:at={AT},size=2,length=3",
    "lr-shock": f"lr-shock:at={AT},factor=5",
    "reset": f"reset:at={AT}",
}
#: The first index of each series at which an event may show.
FIRST = {
    "kick": {"loss": AT, "x": AT},
    "jump": {"loss": AT, "x": AT},
    "rescale": {"loss": AT, "x": AT + 1},
    "gradient-burst": {"loss": AT + 1, "x": AT + 1},
    "lr-shock": {"loss": AT + 1, "x": AT + 1},
    "reset": {"loss": AT + 1, "x": AT + 1},
}
#: The steps in which each kernel does something.
ACTS = {
    "kick": {AT},
    "jump": {AT},
    "rescale": set(range(AT, STEPS + 1)),
    "gradient-burst": {AT, AT + 1, AT + 2},
    "lr-shock": {AT - 1},
    "reset": {AT - 1},
}
SCHEDULES = ("greedy:patience=1", "greedy-simple:F=0.9", "cosine", "reduce-on-plateau:patience=1")
NOISES = ("none", "gaussian", "adversarial")


def event(text):
    return PERTURBATIONS.choose(text)


def request(noise="gaussian", **options):
    given = {"schedules": SCHEDULES, "steps": STEPS, "strength": 0.1} | options
    return make_request(f"rosenbrock:dim={DIM}", noise, **given)


def perturbed(asked, *events, lanes=LANES, **options):
    return trajectories(asked, lanes, perturbations=[event(text) for text in events], **options)


def normals(dim=DIM, lanes=LANES, first=0, seed=0):
    """Directions of the event number `first` of a run: the stream that the kernels are promised."""
    width = -(-dim // 4) * 4
    given = {"first": first * width, "stream": EVENT}
    return run_compiled(fill_normals, {"out": np.zeros((width, lanes))}, given, seed=seed)["out"][
        :dim
    ]


def test_these_are_the_perturbations():
    assert set(PERTURBATIONS.all()) == set(EVENTS)


def at_random(name, step):
    """An event's kernel with fields at random and its numbers."""
    rng = np.random.default_rng(step)
    vectors, rows = ("x", "grad", "direction", "optimizer_state"), ("value", "seen", "lr")
    fields = {field: rng.standard_normal((DIM, 11)) for field in vectors}
    fields |= {field: rng.standard_normal(11) for field in rows}
    chosen = event(EVENTS[name])
    names = inspect.signature(chosen.component.kernel).parameters
    fields = {field: array for field, array in fields.items() if field in names}
    numbers = {"minimum": -0.3, **chosen.component.kernel_values(chosen.values)}
    return chosen.component.kernel, fields, numbers


@pytest.mark.parametrize("name", EVENTS)
@pytest.mark.parametrize("step", [AT - 2, AT - 1, AT, AT + 1, AT + 2, AT + 3])
def test_compiled_and_plain_kernels_agree_to_the_last_bit(name, step):
    kernel, fields, numbers = at_random(name, step)
    plain = run_plain(kernel, fields, numbers, step)
    compiled = run_compiled(kernel, fields, numbers, step)
    for field in fields:
        np.testing.assert_array_equal(plain[field], compiled[field], err_msg=field)


@pytest.mark.parametrize("name", EVENTS)
def test_a_kernel_acts_in_its_steps_and_in_no_other(name):
    for step in range(STEPS + 1):
        kernel, fields, numbers = at_random(name, step)
        after = run_plain(kernel, fields, numbers, step)
        changed = [field for field in fields if (after[field] != fields[field]).any()]
        assert bool(changed) == (step in ACTS[name]), step
        assert "direction" not in changed


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("name", EVENTS)
def test_nothing_happens_before_the_event_and_something_from_then_on(name, noise):
    asked = request(noise)
    twin, found = arrays(trajectories(asked)), arrays(perturbed(asked, EVENTS[name]))
    for series, first in FIRST[name].items():
        before, after = twin[series][:, :first], found[series][:, :first]
        np.testing.assert_array_equal(before, after, err_msg=series)
        # A lane that goes nowhere, such as one whose rate has fallen to 0, may hide an event.
        changed = found[series][:, first] != twin[series][:, first]
        assert changed.mean() > 0.95, series
    for series in ("lr", "observed", "term"):
        np.testing.assert_array_equal(twin[series][:, :AT], found[series][:, :AT], err_msg=series)


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_after_the_end_does_nothing(name):
    text = EVENTS[name].replace(f"at={AT}", f"at={STEPS + 1}")
    assert different(perturbed(request(), text), trajectories(request())) == []


@pytest.mark.parametrize("name", EVENTS)
def test_it_does_not_depend_on_threads_chunks_or_other_arms(name):
    asked = request()
    whole = arrays(perturbed(asked, EVENTS[name], lanes=300))
    part = arrays(perturbed(asked, EVENTS[name], lanes=40, first_lane=129, threads=1))
    alone = arrays(perturbed(asked, EVENTS[name], lanes=300, arms=asked.arms()[2:3]))
    for series, array in whole.items():
        np.testing.assert_array_equal(part[series], array[..., 129:169], err_msg=series)
        np.testing.assert_array_equal(alone[series][0], array[2], err_msg=series)


class TestKick:
    def test_it_moves_every_arm_of_a_seed_alike(self):
        asked = request("none")
        twin, found = arrays(trajectories(asked)), arrays(perturbed(asked, EVENTS["kick"]))
        move = found["x"][:, AT] - twin["x"][:, AT]
        expected = 0.5 / math.sqrt(DIM) * normals()
        # x + move - x: rounded at the size of x.
        np.testing.assert_allclose(move, np.broadcast_to(expected, move.shape), atol=1e-14)

    def test_no_size_is_no_kick(self):
        assert (
            different(perturbed(request(), f"kick:at={AT},size=0"), trajectories(request())) == []
        )

    @pytest.mark.parametrize("dim", [1, 2, 10])
    def test_its_root_mean_square_norm_is_its_size(self, dim):
        """|v|^2 = size^2 chi2(d) / d has mean size^2 and variance 2 size^4 / d; 5 sigma."""
        n = 2**15
        fields = {"x": np.zeros((dim, n)), "direction": normals(dim, n, seed=3)}
        chosen = event("kick:at=0,size=3")
        kernel, numbers = chosen.component.kernel, chosen.component.kernel_values(chosen.values)
        square = np.sum(run_compiled(kernel, fields, numbers)["x"] ** 2, axis=0) / 9.0
        assert abs(square.mean() - 1.0) <= 5 * math.sqrt(2 / dim / n)

    def test_several_kicks_have_directions_of_their_own(self):
        asked = request("none")
        one = arrays(perturbed(asked, EVENTS["kick"]))["x"][:, AT]
        both = arrays(perturbed(asked, EVENTS["kick"], EVENTS["kick"]))["x"][:, AT]
        expected = np.broadcast_to(0.5 / math.sqrt(DIM) * normals(first=1), both.shape)
        np.testing.assert_allclose(both - one, expected, atol=1e-14)


def shifted_bowl(x, value, grad, shift, step, at):
    """|x - v|^2 / 2 from step `at` on, |x|^2 / 2 before; v = (shift, ..., shift)."""
    dim, n = x.shape
    v = shift if step >= at else 0.0
    for k in range(n):
        value[k] = 0.0
    for i in range(dim):
        for k in range(n):
            grad[i, k] = x[i, k] - v
            value[k] = value[k] + 0.5 * grad[i, k] * grad[i, k]


class TestJump:
    def test_it_moves_all_lanes_by_one_vector_of_the_stated_norm(self):
        asked = request("none")
        twin, found = arrays(trajectories(asked)), arrays(perturbed(asked, EVENTS["jump"]))
        move = found["x"][:, AT] - twin["x"][:, AT]
        np.testing.assert_allclose(move, np.full_like(move, -0.5 / math.sqrt(DIM)), atol=1e-14)

    @pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
    def test_it_is_a_jump_of_the_optimum(self, optimizer):
        """The same losses and rates as on a landscape that itself moves at that step."""
        size, dim = 2.0, 2
        asked = request("gaussian", optimizer=optimizer, lr=0.05, schedules=SCHEDULES)
        bowl = Landscape(
            name="shifted-bowl", summary="", source="", formula="", kernel=shifted_bowl,
            facts=lambda values: Facts(dim, 0.0, None, 0.1),
            constants=lambda values: {"shift": values["shift"], "at": float(AT)},
        )  # fmt: skip

        def run(shift, *events):
            scenario = asked.scenario(0.1)
            scenario = type(scenario)(
                Chosen(bowl, {"shift": shift}), scenario.noise, scenario.channel, 0.1
            )
            chosen = [event(text) for text in events]
            arms = asked.arms()
            return arrays(
                simulate(scenario, arms, STEPS, 130, keep=EVERYTHING, perturbations=chosen)
            )

        moved = run(size / math.sqrt(dim))
        jumped = run(0.0, f"jump:at={AT},size={size}")
        for series in ("loss", "lr", "observed"):
            # Positions differ by v, so sums round differently: 1e-12 is 4 digits above that.
            np.testing.assert_allclose(jumped[series], moved[series], rtol=1e-12, err_msg=series)
        v = np.where(np.arange(STEPS) >= AT, size / math.sqrt(dim), 0.0)[:, None, None]
        np.testing.assert_allclose(jumped["x"] + v, moved["x"], rtol=1e-11, atol=1e-12)


class TestRescale:
    def test_from_the_start_it_is_the_landscape_of_that_scale(self):
        """A power of two changes no rounding: the same bits as `scale=4`."""
        small = request("spikes", optimizer="sgd", lr=1e-5)
        large = make_request(
            f"rosenbrock:dim={DIM},scale=4", "spikes", schedules=SCHEDULES, steps=STEPS,
            strength=0.1, optimizer="sgd", lr=1e-5,
        )  # fmt: skip
        assert different(perturbed(small, "rescale:at=0,factor=4"), trajectories(large)) == []

    def test_the_loss_after_the_last_step_is_stretched_too(self):
        asked = request("none")
        twin = trajectories(asked).summary["final"]
        found = perturbed(asked, f"rescale:at={STEPS},factor=4").summary["final"]
        np.testing.assert_array_equal(found, 4.0 * twin)

    def test_it_is_about_the_minimum_and_what_is_shown_is_stretched_too(self):
        fields = {
            "value": np.array([3.0, -1.0]), "seen": np.array([5.0, -2.0]),
            "grad": np.array([[1.0, -2.0]]),
        }  # fmt: skip
        kernel = event("rescale").component.kernel
        after = run_plain(kernel, fields, {"minimum": -1.0, "at": 2, "factor": 10.0}, step=3)
        assert after["value"].tolist() == [39.0, -1.0]
        assert after["seen"].tolist() == [59.0, -11.0]
        assert after["grad"].tolist() == [[10.0, -20.0]]

    def test_where_the_shown_loss_is_the_clean_one_it_is_stretched_once(self):
        value, grad = np.array([3.0, -1.0]), np.zeros((1, 2))
        event("rescale").component.kernel(value, value, grad, -1.0, 0, 10.0, 0)
        assert value.tolist() == [39.0, -1.0]


class TestGradientBurst:
    def test_steps_go_along_the_wrong_direction_at_the_size_of_the_gradient(self):
        asked = request("none", optimizer="sgd", lr=1e-5, schedules=("constant", "greedy"))
        found = arrays(perturbed(asked, f"gradient-burst:at={AT},size=2,length=3"))
        x = found["x"]
        for t in range(STEPS - 1):
            gradient = rosenbrock_gradient(x[:, t])
            if AT <= t < AT + 3:
                norm = np.linalg.norm(gradient, axis=1)[:, None]
                gradient = 2.0 * norm * normals() / math.sqrt(DIM)
            expected = x[:, t] - found["lr"][:, t, None] * gradient
            np.testing.assert_allclose(x[:, t + 1], expected, rtol=1e-11, atol=1e-13)

    def test_the_loss_stays_clean(self):
        asked = request("none", schedules=("constant",))
        twin = arrays(trajectories(asked))
        found = arrays(perturbed(asked, f"gradient-burst:at={AT},size=1e100,length=1"))
        np.testing.assert_array_equal(found["loss"][:, AT], twin["loss"][:, AT])
        np.testing.assert_array_equal(found["observed"][:, AT], twin["observed"][:, AT])


def rosenbrock_gradient(x):
    """Gradient of shape (arms, dim, lanes), written out independently of the kernel."""
    out = np.zeros_like(x)
    for i in range(x.shape[1] - 1):
        valley = x[:, i + 1] - x[:, i] ** 2
        out[:, i] += -400.0 * x[:, i] * valley - 2.0 * (1.0 - x[:, i])
        out[:, i + 1] += 200.0 * valley
    return out


class TestRateShock:
    def rates(self, schedule, factor=5.0, **options):
        asked = request("none", schedules=(schedule,), lr=0.01, **options)
        twin = arrays(trajectories(asked))["lr"][0]
        return twin, arrays(perturbed(asked, f"lr-shock:at={AT},factor={factor}"))["lr"][0]

    @pytest.mark.parametrize("schedule", ["constant", "cosine", "exponential"])
    def test_an_open_loop_schedule_is_back_in_its_table_at_the_next_step(self, schedule):
        twin, found = self.rates(schedule)
        expected = twin.copy()
        expected[AT] = 5.0 * twin[AT]
        np.testing.assert_array_equal(found, expected)

    def test_a_feedback_schedule_goes_on_from_the_wrong_rate(self):
        twin, found = self.rates("greedy:patience=100")
        np.testing.assert_array_equal(found[:AT], twin[:AT])
        np.testing.assert_array_equal(found[AT:], 5.0 * twin[AT:])

    def test_a_schedule_that_acts_before_the_step_moves_the_wrong_rate(self):
        twin, found = self.rates("greedy-simple:F=0.5", factor=4.0)
        np.testing.assert_array_equal(found[AT], 4.0 * twin[AT])

    def test_there_is_no_step_before_the_first(self):
        with pytest.raises(RequestError, match=r"at=0 is not allowed.*\[1, inf\)"):
            event("lr-shock:at=0")


class TestReset:
    @pytest.mark.parametrize("optimizer", ["momentum", "nesterov"])
    def test_momentum_begins_anew(self, optimizer):
        """The step at `at` is the one that a fresh optimizer makes, by its definition."""
        asked = request("none", optimizer=optimizer, lr=1e-5, schedules=("constant",))
        x = arrays(perturbed(asked, f"reset:at={AT}"))["x"]
        gradient = rosenbrock_gradient(x[:, AT])
        share = 1.0 if optimizer == "momentum" else 1.0 + asked.optimizer.values["momentum"]
        expected = x[:, AT] - 1e-5 * share * gradient
        np.testing.assert_allclose(x[:, AT + 1], expected, rtol=1e-11, atol=1e-13)

    def test_adams_moments_begin_anew_and_its_count_goes_on(self):
        asked = request("none", lr=0.01, schedules=("constant",))
        x = arrays(perturbed(asked, f"reset:at={AT}"))["x"]
        g = rosenbrock_gradient(x[:, AT])
        m = 0.1 * g / (1.0 - 0.9 ** (AT + 1))
        v = 0.001 * g**2 / (1.0 - 0.999 ** (AT + 1))
        expected = x[:, AT] - 0.01 * m / (np.sqrt(v) + 1e-8)
        np.testing.assert_allclose(x[:, AT + 1], expected, rtol=1e-11, atol=1e-13)

    def test_sgd_has_nothing_to_lose(self):
        asked = request(optimizer="sgd", lr=1e-5)
        assert different(perturbed(asked, f"reset:at={AT}"), trajectories(asked)) == []


def test_events_of_one_step_act_in_the_order_given():
    """At one step the jump moves before or after: the sum is the same, the rounding is not."""
    asked = request("none", schedules=("constant",))
    twin = arrays(trajectories(asked))["x"][:, AT]
    found = arrays(perturbed(asked, EVENTS["jump"], EVENTS["kick"]))["x"][:, AT]
    kick = 0.5 / math.sqrt(DIM) * normals(first=1)
    expected = twin - 0.5 / math.sqrt(DIM) + kick
    np.testing.assert_allclose(found, expected, atol=1e-14)
