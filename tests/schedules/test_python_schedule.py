"""Schedules that are Python classes: the bits of a compiled one, and clear words when they fail."""

import math

import numpy as np
import pytest

from experiments.request import make_request
from experiments.trace import trace
from lab.component import Chosen, Parameter, PythonSchedule
from lab.errors import RequestError, WorkError
from lab.replay import replay
from lab.schedules import SCHEDULES
from lab.simulation import Arm, Cadence, Keep, Spread
from tests.trajectories import different, run, trajectories

LR = 0.002


class Plateau:
    """torch's ReduceLROnPlateau, mode min, threshold_mode rel."""

    def __init__(self, lr, factor, patience, threshold):
        self.lr, self.factor, self.patience = lr, factor, patience
        self.threshold, self.eps = threshold, 1e-8
        self.best, self.bad = math.inf, 0

    def step(self, loss):
        if loss < self.best * (1.0 - self.threshold):
            self.best, self.bad = loss, 0
        else:
            self.bad += 1
        if self.bad > self.patience:
            lower = max(self.lr * self.factor, 0.0)
            if self.lr - lower > self.eps:
                self.lr = lower
            self.bad = 0
        return self.lr


class Greedy:
    """transformers' GreedyLR without smoothing or rests."""

    def __init__(self, lr, factor, patience):
        self.lr, self.factor, self.patience = lr, factor, patience
        self.best, self.good, self.bad = math.inf, 0, 0

    def step(self, loss):
        if loss < self.best - 1e-6:
            self.best, self.good, self.bad = loss, self.good + 1, 0
        else:
            self.good, self.bad = 0, self.bad + 1
        if self.good > self.patience:
            self.move(min(self.lr / self.factor, 1.0))
            self.good = 0
        elif self.bad > self.patience:
            self.move(max(self.lr * self.factor, 1e-3))
            self.bad = 0
        return self.lr

    def move(self, lr):
        if abs(lr - self.lr) > 1e-8:
            self.lr = lr


def python(factory, name="mine", **values) -> Chosen:
    parameters = tuple(Parameter(key, value, "a number") for key, value in values.items())
    component = PythonSchedule(
        name=name, summary="", source="here", factory=factory, parameters=parameters
    )
    return Chosen(component, values)


PAIRS = {
    "reduce-on-plateau:factor=0.7,patience=1,threshold=0.2": python(
        Plateau, factor=0.7, patience=1, threshold=0.2
    ),
    "greedy:factor=0.8,patience=1": python(Greedy, factor=0.8, patience=1),
}


@pytest.fixture(params=PAIRS)
def pair(request):
    """A compiled schedule and the same as a Python class."""
    return SCHEDULES.choose(request.param), PAIRS[request.param]


def compared(pair, lr=LR, lanes=130, noise="gaussian", steps=60, **options):
    """Both schedules in one noisy run."""
    request = make_request("rosenbrock", noise, strength=20.0, steps=steps, lr=lr)
    arms = [Arm(schedule, request.optimizer, lr) for schedule in pair]
    return trajectories(request, lanes, arms=arms, **options)


@pytest.mark.parametrize(
    "cadence", [Cadence(), Cadence(3, "mean"), Cadence(4, "clean"), Cadence(7, "last")], ids=str
)
def test_it_runs_as_the_compiled_one(pair, cadence):
    found = compared(pair, cadence=cadence)
    assert (np.ptp(found.lr[1], axis=0) > 0.0).mean() > 0.2
    assert different(found, found, 0, 1) == []
    np.testing.assert_array_equal(found.lr_mean[0], found.lr_mean[1])


def test_the_number_of_threads_changes_nothing(pair):
    keep = {"lanes": 300, "steps": 30}
    one, two = (compared(pair, threads=threads, **keep) for threads in (1, 2))
    assert different(one, two) == []


def test_a_lane_does_not_depend_on_the_others(pair):
    whole = compared(pair, lanes=300)
    alone = compared(pair, lanes=1, first_lane=200)
    np.testing.assert_array_equal(alone.lr[1, :, 0], whole.lr[1, :, 200])


def test_it_starts_from_rates_that_differ_by_lane(pair):
    found = compared(pair, spread=Spread(1.0))
    assert len(set(found.lr[1, 0])) > 100
    np.testing.assert_array_equal(found.lr[1, 0], found.lr[0, 0])
    kept = compared((pair[0], python(Constant)), spread=Spread(1.0)).lr[1]
    np.testing.assert_array_equal(kept, np.broadcast_to(kept[0], kept.shape))


class Constant:
    def __init__(self, lr):
        self.lr = lr

    def step(self, loss):
        return self.lr


def test_a_diverged_lane_is_told_no_more():
    told: dict[int, list[float]] = {}

    class Listener(Constant):
        def __init__(self, lr):
            super().__init__(lr)
            self.heard = told.setdefault(len(told), [])

        def step(self, loss):
            self.heard.append(loss)
            return self.lr

    schedules = (SCHEDULES.choose("constant"), python(Listener))
    request = make_request("rosenbrock", optimizer="sgd", steps=40)
    arms = [Arm(schedule, request.optimizer, 0.002) for schedule in schedules]
    found = trajectories(request, 130, arms=arms, threads=1)
    ends = found.summary["diverged"][1]
    assert 0 < np.isfinite(ends).sum() < 130
    assert different(found, found, 0, 1) == []
    assert len(told) == 130, "one object a lane, none for the rest of the block"
    for k, end in enumerate(ends):
        count = 40 if np.isinf(end) else int(end)
        assert told[k] == found.loss[1, :count, k].tolist(), k


def test_it_is_replayed_as_the_compiled_one(pair, golden_feedback):
    losses = golden_feedback["losses"] * golden_feedback["factors"]
    losses = losses[:, np.isfinite(losses).all(axis=0)]
    assert losses.shape[1] > 20
    for cadence in (Cadence(), Cadence(5, "mean"), Cadence(5, "last")):
        compiled, python = (replay(schedule, losses, 0.01, cadence) for schedule in pair)
        np.testing.assert_array_equal(python, compiled)


def test_run_and_replay_agree(pair):
    for cadence in (Cadence(), Cadence(4, "mean")):
        found = compared(pair, cadence=cadence)
        replayed = replay(pair[1], found.observed[1], LR, cadence)
        np.testing.assert_array_equal(found.lr[1, 1:], replayed[:-1])


def failing(answer, at=3):
    """A schedule whose fifth object says or does something odd at one step."""
    made = []

    class Odd(Constant):
        def __init__(self, lr):
            super().__init__(lr)
            self.number, self.steps = len(made), 0
            made.append(self)

        def step(self, loss):
            self.steps += 1
            if self.number == 4 and self.steps == at + 1:
                return answer()
            return self.lr

    return python(Odd)


def broken():
    raise ValueError("no\nidea")


REFUSED = {
    "nothing": (lambda: None, "returned None, which is no rate"),
    "zero": (lambda: 0.0, "returned 0.0, which is no rate"),
    "negative": (lambda: -1, "returned -1, which is no rate"),
    "nan": (lambda: math.nan, "returned nan, which is no rate"),
    "infinity": (lambda: math.inf, "returned inf, which is no rate (a finite number above 0)"),
    "text": (lambda: "0.1", "returned '0.1', which is no rate"),
    "array": (lambda: np.ones((9, 9)), "which is no rate"),
    "raises": (broken, "raised ValueError: no idea (test_python_schedule.py line "),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("threads", [1, 2])
def test_what_is_no_rate_is_refused_in_one_line(name, threads):
    answer, complaint = REFUSED[name]
    request = make_request("rosenbrock", steps=10)
    arms = [Arm(failing(answer), request.optimizer, 0.01)]
    with pytest.raises(WorkError) as caught:
        trajectories(request, 20, arms=arms, threads=threads)
    message = str(caught.value)
    assert message.startswith("schedule 'mine': Odd in lane 4, step 3: step(")
    assert complaint in message
    assert "\n" not in message
    assert caught.value.exit_code == 1


def test_it_is_refused_in_a_replay_as_well():
    with pytest.raises(WorkError, match=r"Odd in lane 4, step 7: step\(0.5\) returned None"):
        replay(failing(lambda: None, at=3), np.full((9, 6), 0.5), 0.1, Cadence(2))


def test_objects_that_cannot_be_made_are_refused():
    def factory(lr):
        raise KeyError("size")

    request = make_request("rosenbrock", steps=3)
    for maker, complaint in [
        (factory, "schedule 'mine': factory in lane 0: cannot be made: KeyError: 'size' (test_py"),
        (lambda lr: lr, "schedule 'mine': float in lane 0: has no method step(loss)"),
    ]:
        with pytest.raises(WorkError) as caught:
            trajectories(request, 2, arms=[Arm(python(maker), request.optimizer, 0.01)])
        assert str(caught.value).startswith(complaint)


def test_an_interrupt_inside_the_class_is_an_interrupt():
    def interrupted():
        raise KeyboardInterrupt

    request = make_request("rosenbrock", steps=10)
    with pytest.raises(KeyboardInterrupt):
        trajectories(request, 5, arms=[Arm(failing(interrupted), request.optimizer, 0.01)])


def test_no_object_is_called_after_a_failure():
    calls = []

    class Bad(Constant):
        def step(self, loss):
            calls.append(loss)
            raise RuntimeError

    request = make_request("rosenbrock", steps=50)
    with pytest.raises(WorkError):
        trajectories(request, 128, arms=[Arm(python(Bad), request.optimizer, 0.01)], threads=1)
    assert len(calls) == 1


def test_it_can_be_traced_and_handed_over(pair):
    declared = PythonSchedule(
        name="mine", summary="", source="here", factory=PAIRS_FACTORY[pair[0].component.name]
    )
    request = make_request("rosenbrock", "spikes", schedules=("constant", declared), steps=30)
    assert request.written == ("constant", "mine")
    lane = trace(request, 131)[1]
    whole = run("rosenbrock", "spikes", schedules=("constant", declared), steps=30, lanes=140)
    np.testing.assert_array_equal(lane.lr, whole.lr[1, :, 131])
    assert request.warnings() == ["mine: slow path: Python class"]


PAIRS_FACTORY = {
    "reduce-on-plateau": lambda lr: Plateau(lr, 0.7, 1, 0.2),
    "greedy": lambda lr: Greedy(lr, 0.8, 1),
}

PLUGIN = """
from lab.component import Parameter, PythonSchedule


class Halving:
    def __init__(self, lr, alpha):
        self.lr, self.alpha, self.last = lr, alpha, None

    def step(self, loss):
        if self.last is not None and loss >= self.last:
            self.lr *= self.alpha
        self.last = loss
        return self.lr


MINE = PythonSchedule(
    name="mine", summary="less after a rise", source="here", factory=Halving,
    parameters=(Parameter("alpha", 0.5, "factor", "(0, 1]"),),
)
"""
RUN = ("run", "--landscape", "rosenbrock", "--noise", "gaussian", "--seeds", "20", "--steps", "15")


def test_the_command_line_runs_it_and_says_that_it_is_slow(answer, tmp_path):
    (tmp_path / "mine.py").write_text(PLUGIN)
    done = answer(*RUN, "--plugin", "mine.py", "--schedule", "mine:alpha=0.25", "--no-tune")
    assert done.returncode == 0, done.stderr
    assert "  mine:alpha=0.25: alpha 0.25 (slow path: Python class)\n" in done.stdout
    assert "note: mine:alpha=0.25: slow path: Python class" in done.stderr
    log = answer("replay", "mine", "--plugin", "mine.py", "--losses", "-", stdin="3\n4\n2\n2\n")
    rows = [line.split("\t") for line in log.stdout.splitlines()]
    assert rows[0] == ["step", "loss", "lr"]
    assert [row[2] for row in rows[1:]] == ["0.01", "0.005", "0.005", "0.0025"]
    assert "slow path" in log.stderr
    assert answer("replay", "mine:alpha=2", "--plugin", "mine.py", "--losses", "-").returncode == 2


def test_a_class_that_fails_ends_the_command_with_one_line(answer, tmp_path):
    (tmp_path / "mine.py").write_text(PLUGIN.replace("loss >= self.last", "loss >= self.lost"))
    done = answer(*RUN, "--plugin", "mine.py", "--schedule", "mine", "--quiet")
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if line.startswith("lab: ")]
    assert lines == [line for line in done.stderr.splitlines() if not line.startswith("[")]
    assert lines[0].startswith("lab: schedule 'mine': Halving in lane 0, step 1: step(")
    assert "raised AttributeError: 'Halving' object has no attribute 'lost'" in lines[0]
    assert lines[0].endswith("(mine.py line 10)")
    assert not (tmp_path / "results").exists() or not list((tmp_path / "results").glob("run-*"))


def test_a_study_runs_it(answer, tmp_path):
    import pandas as pd

    (tmp_path / "mine.py").write_text(PLUGIN)
    (tmp_path / "s.toml").write_text(
        'seeds = 20\n[constants]\nnoise = "gaussian"\nsteps = 15\nlandscape = "rosenbrock"\n'
        'metric_every = 2\n[axes]\nschedule = ["mine", "greedy"]\nmetric = ["last", "mean"]\n'
    )
    done = answer("sweep", "s.toml", "--plugin", "mine.py", "--out", "out", "--quiet")
    assert done.returncode == 0, done.stderr
    assert done.stderr == "note: mine: slow path: Python class\n"
    rows = pd.read_parquet(tmp_path / "out" / "runs")
    for metric in ("last", "mean"):
        expected = run(
            "rosenbrock", "gaussian", schedules=("mine",), steps=15, lanes=20, metric_every=2,
            metric=metric,
        ).summary["final"][0]  # fmt: skip
        found = rows[(rows.schedule == "mine") & (rows.metric == metric)].sort_values("seed").final
        np.testing.assert_array_equal(found, np.maximum(expected, 0.0))


def test_a_recording_has_no_clean_loss():
    with pytest.raises(RequestError, match=r"'clean' is not allowed in a replay \(allowed: last"):
        replay(SCHEDULES.choose("greedy"), [1.0], 0.1, Cadence(1, "clean"))


def test_summaries_alone_need_no_series(pair):
    full = compared(pair)
    bare = compared(pair, keep=Keep(loss=False, lr_mean=False))
    np.testing.assert_array_equal(bare.summary["final"], full.summary["final"])
