"""What a lane's numbers depend on: its seed index and its own arm, and nothing else."""

import threading

import numpy as np
import pytest

import lab.assembly
from experiments.request import make_request
from lab.component import Chosen, Facts, Feedback, Landscape, OpenLoop
from lab.engine import philox
from lab.engine.abi import BLOCK
from lab.simulation import Arm, Cadence, Keep, Scenario, simulate
from tests.kernels import run_compiled
from tests.trajectories import EVERYTHING, arrays, different, run, trajectories

#: Feedback that acts before and after the step, a table, and two whose state is a ring or a count.
SCHEDULES = (
    "greedy:patience=2",
    "greedy-simple:F=0.9,max_lr=0.1",
    "cosine:T_max=50",
    "reduce-on-plateau:patience=3",
    "greedy:patience=1,smooth=true,window_size=5",
)
REQUEST = make_request("rosenbrock:dim=3", "spikes:probability=0.2", schedules=SCHEDULES, steps=50)


@pytest.fixture(scope="module")
def whole():
    return trajectories(REQUEST, 300)


def lanes_of(found, part) -> dict[str, np.ndarray]:
    return {name: array[..., part] for name, array in arrays(found).items()}


def assert_same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> None:
    assert one.keys() == other.keys()
    for name, array in one.items():
        np.testing.assert_array_equal(array, other[name], err_msg=name, strict=True)


def test_the_lanes_are_not_all_alike(whole):
    for name in ("loss", "x", "observed"):
        final = arrays(whole)[name][:, -1].reshape(len(SCHEDULES), -1, 300)[:, 0]
        assert all(len(np.unique(row)) == 300 for row in final), name


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_change_nothing(threads, whole):
    found = trajectories(REQUEST, 300, threads=threads)
    assert_same(arrays(found), arrays(whole))
    np.testing.assert_array_equal(found.lr_mean, whole.lr_mean)


@pytest.mark.parametrize(("first", "count"), [(0, 128), (128, 172), (0, 1), (37, 200), (299, 1)])
def test_any_range_of_lanes_gives_the_same_lanes(first, count, whole):
    found = trajectories(REQUEST, count, first_lane=first)
    assert_same(arrays(found), lanes_of(whole, slice(first, first + count)))


@pytest.mark.parametrize("chosen", [(0,), (2,), (1, 4), (4, 3, 2, 1, 0), (1, 1)])
def test_other_arms_change_nothing(chosen, whole):
    arms = [REQUEST.arms()[i] for i in chosen]
    found = trajectories(REQUEST, 140, arms=arms)
    expected = {name: array[list(chosen)] for name, array in lanes_of(whole, slice(140)).items()}
    assert_same(arrays(found), expected)


@pytest.mark.parametrize("steps", [1, 3, 4, 31, 32, 33, 49])
def test_a_shorter_run_is_the_beginning_of_a_longer_one(steps, whole):
    found = arrays(trajectories(REQUEST, 130, steps=steps))
    longer = lanes_of(whole, slice(130))
    for name in ("lr", "observed", "term", "x"):
        np.testing.assert_array_equal(found[name], longer[name][:, :steps], err_msg=name)
    np.testing.assert_array_equal(found["loss"], longer["loss"][:, : steps + 1])
    np.testing.assert_array_equal(found["final"], longer["loss"][:, steps])
    np.testing.assert_array_equal(found["last"], longer["loss"][:, steps - 1])


@pytest.mark.parametrize("tile", [4, 8, 16])
@pytest.mark.parametrize("noise", ["spikes:probability=0.2", "gaussian"])
def test_the_size_of_a_tile_changes_nothing(tile, noise, monkeypatch):
    request = make_request("rosenbrock:dim=3", noise, schedules=SCHEDULES, steps=50)
    expected = trajectories(request, 3)
    monkeypatch.setattr(lab.assembly, "tile_steps", lambda *_: tile)
    assert different(trajectories(request, 3), expected) == []


@pytest.mark.parametrize("seed", [1, 2**32, 2**64 - 1])
def test_another_seed_is_another_problem(seed, whole):
    found = trajectories(REQUEST, 3, seed=seed)
    for name in ("x", "observed", "loss"):
        assert (arrays(found)[name] != lanes_of(whole, slice(3))[name]).any(), name


def test_lane_indices_may_be_large():
    far = trajectories(REQUEST, 2, first_lane=2**40)
    again = trajectories(REQUEST, 1, first_lane=2**40 + 1)
    assert_same(arrays(again), lanes_of(far, slice(1, 2)))


def test_what_was_not_asked_for_is_not_kept():
    found = trajectories(REQUEST, 2, keep=Keep(loss=False, lr_mean=False))
    kept = (found.loss, found.lr, found.lr_mean, found.observed, found.term, found.x)
    assert all(series is None for series in kept)
    full = trajectories(REQUEST, 2)
    assert_same(found.summary, full.summary)


def test_shapes_are_the_documented_ones():
    found = trajectories(REQUEST, 5)
    arms, steps = len(SCHEDULES), 50
    shapes = {name: array.shape for name, array in arrays(found).items() if array.ndim > 2}
    series = (arms, steps, 5)
    assert shapes == {
        "loss": (arms, steps + 1, 5), "lr": series, "observed": series, "term": series,
        "x": (arms, steps, 3, 5),
    }  # fmt: skip
    assert all(array.shape == (arms, 5) for array in found.summary.values())
    assert found.lr_mean.shape == (arms, steps)


def test_every_arm_starts_from_the_same_point(whole):
    x = arrays(whole)["x"][:, 0]
    assert all(np.array_equal(x[0], other) for other in x)
    normals = run_compiled(
        philox.fill_normals, {"out": np.zeros((4, 300))}, {"stream": philox.START, "first": 0}
    )["out"]
    np.testing.assert_array_equal(x[0], normals[:3])


def test_a_start_point_holds_for_all_lanes():
    found = trajectories(REQUEST, 130, start=(1.0, -2.0, 0.5))
    assert np.array_equal(
        arrays(found)["x"][:, 0], np.broadcast_to([[1], [-2], [0.5]], (5, 3, 130))
    )


@pytest.mark.parametrize("threads", [1, 2])
def test_progress_counts_the_blocks(threads):
    seen, lock = [], threading.Lock()

    def progress(blocks):
        with lock:
            seen.append(blocks)

    trajectories(REQUEST, 4 * BLOCK + 1, threads=threads, progress=progress)
    assert sum(seen) == 5


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_in_a_thread_is_an_error_of_the_call(threads):
    def progress(blocks):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trajectories(REQUEST, 3 * BLOCK, threads=threads, progress=progress)


def chosen(component, **values) -> Chosen:
    return Chosen(component, values)


def scenario(landscape: str = "rosenbrock:dim=2", noise: str = "gaussian") -> Scenario:
    return make_request(landscape, noise).scenario(0.5)


def adam() -> Chosen:
    return make_request("rosenbrock").optimizer


def counting(lr):
    for k in range(lr.shape[0]):
        lr[k] = lr[k] + 1.0


def copying(metric, lr):
    for k in range(lr.shape[0]):
        lr[k] = SMALL * metric[k]


#: What keeps rates that are losses from driving the losses.
SMALL = 1e-6
COUNTING = Feedback(name="counting", summary="", source="", kernel=counting)
COPYING = Feedback(name="copying", summary="", source="", kernel=copying)
COPYING_BEFORE = Feedback(name="copying-before", summary="", source="", kernel=copying, before=True)


@pytest.mark.parametrize("every", [1, 3, 7, 32, 33, 100])
def test_a_feedback_schedule_acts_at_evaluations_only(every):
    arm = Arm(chosen(COUNTING), adam(), 1.0)
    found = simulate(scenario(), [arm], 80, 2, keep=EVERYTHING, cadence=Cadence(every, "last"))
    expected = 1.0 + np.arange(80) // every
    np.testing.assert_array_equal(arrays(found)["lr"][0], np.stack([expected] * 2, axis=1))


@pytest.mark.parametrize("metric", ["last", "mean", "clean"])
@pytest.mark.parametrize("every", [1, 4])
@pytest.mark.parametrize("schedule", [COPYING, COPYING_BEFORE])
def test_it_hears_the_metric_that_was_asked_for(metric, every, schedule):
    arm = Arm(chosen(schedule), adam(), 0.25)
    cadence = Cadence(every, metric)
    found = arrays(simulate(scenario(), [arm], 43, 130, keep=EVERYTHING, cadence=cadence))
    observed, loss = found["observed"][0], found["loss"][0]
    heard = {"last": observed, "mean": observed, "clean": loss}[metric]
    rate = np.full(130, 0.25)
    for t in range(43):
        acts = (t + 1) % every == 0
        value = heard[t]
        if metric == "mean" and acts:
            total = np.zeros(130)
            for row in heard[t + 1 - every : t + 1]:
                total = total + row
            value = total / every
        if acts and schedule.before:
            rate = SMALL * value
        np.testing.assert_array_equal(found["lr"][0, t], rate, err_msg=f"step {t}")
        if acts and not schedule.before:
            rate = SMALL * value


def drawn(x, value, grad, instance, table, scale, lane):
    for k in range(value.shape[0]):
        value[k] = instance[0, k] + scale * instance[4, k] + table[0, 1] + 1e-9 * lane
        grad[0, k] = 0.0


def shifted(start):
    for k in range(start.shape[1]):
        start[0, k] = 10.0 + start[0, k]


DRAWN = Landscape(
    name="drawn",
    summary="",
    source="",
    formula="",
    kernel=drawn,
    facts=lambda values: Facts(1, None, None, 0.1),
    constants=lambda values: {"table": np.array([[1.0, 2.0], [3.0, 4.0]]), "scale": 3.0},
    instance_normals=lambda values: 5,
    start=shifted,
)


def test_an_instance_belongs_to_its_seed():
    arms = [Arm(chosen(COUNTING), adam(), 1.0)] * 2
    quiet = Scenario(chosen(DRAWN), scenario().noise, scenario().channel, 0.0)
    found = arrays(simulate(quiet, arms, 3, 130, seed=5, first_lane=9, keep=EVERYTHING))

    def normals(stream):
        fields = {"out": np.zeros((8, 130))}
        numbers = {"stream": stream, "first": 0}
        return run_compiled(philox.fill_normals, fields, numbers, lane=9, seed=5)["out"]

    instance = normals(philox.INSTANCE)
    blocks = 9.0 + np.repeat([0, 128], [128, 2])
    expected = instance[0] + 3.0 * instance[4] + 2.0 + 1e-9 * blocks
    np.testing.assert_array_equal(found["loss"], np.broadcast_to(expected, (2, 4, 130)))
    np.testing.assert_array_equal(found["x"][1, 0, 0], 10.0 + normals(philox.START)[0])


def test_a_loss_without_known_minimum_is_reported_as_it_is():
    arm = Arm(chosen(COUNTING), adam(), 1.0)
    quiet = Scenario(chosen(DRAWN), scenario().noise, scenario().channel, 0.0)
    found = simulate(quiet, [arm], 3, 130).summary
    assert found["best"].min() < 0.0
    np.testing.assert_array_equal(found["best"], found["final"])
    assert np.isinf(found["log_area"]).all()


@pytest.fixture(scope="module")
def descent():
    """Lanes whose losses are well above rounding."""
    return run("quadratic", "gaussian", schedules=SCHEDULES, steps=70, strength=0.01)


def test_best_and_its_step_are_those_of_the_losses(descent):
    loss = arrays(descent)["loss"]
    np.testing.assert_array_equal(descent.summary["best"], loss.min(axis=1))
    np.testing.assert_array_equal(descent.summary["best_step"], loss.argmin(axis=1))


def test_log_area_is_the_mean_log_loss(descent):
    expected = np.log10(arrays(descent)["loss"]).mean(axis=1)
    np.testing.assert_allclose(descent.summary["log_area"], expected, rtol=1e-12, atol=1e-13)


def test_a_lane_that_did_not_diverge_says_so(descent):
    assert np.isinf(descent.summary["diverged"]).all()


def test_mean_rates_are_the_means_of_the_rates(descent):
    rates = arrays(descent)["lr"]
    assert rates.std(axis=2).max() > 0.0
    np.testing.assert_allclose(descent.lr_mean, rates.mean(axis=2), rtol=1e-14)


def harmonic(lr, steps, values):
    return lr / (1 + np.arange(steps))


SHRINKING = OpenLoop(name="shrinking", summary="", source="", rates=harmonic)


def test_an_open_loop_schedule_follows_its_table():
    arm = Arm(chosen(SHRINKING), adam(), 0.5)
    found = simulate(scenario(), [arm], 40, 2, keep=EVERYTHING)
    expected = 0.5 / (1 + np.arange(40))
    np.testing.assert_array_equal(arrays(found)["lr"][0, :, 1], expected)
    np.testing.assert_array_equal(found.lr_mean[0], expected)
