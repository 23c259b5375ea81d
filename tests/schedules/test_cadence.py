"""`--metric-every` and `--metric` mean the same in a run, a trace, a replay and a study."""

import json

import numpy as np
import pytest

from lab.replay import replay
from lab.schedules import SCHEDULES
from lab.simulation import Cadence
from tests.schedules.examples import FEEDBACK, REPLAYED, example
from tests.trajectories import run

STEPS, LR = 60, 0.002
CADENCES = [Cadence(3, "last"), Cadence(4, "mean"), Cadence(7, "mean"), Cadence(100, "last")]
TABLES = [name for name in REPLAYED if name not in FEEDBACK]


def noisy(texts, cadence, **rest):
    return run(
        "rosenbrock", "gaussian", schedules=texts, steps=STEPS, lr=LR, strength=20.0, lanes=130,
        metric_every=cadence.every, metric=cadence.metric, **rest,
    )  # fmt: skip


def short(name):
    """The schedule with a patience at which it moves in few calls."""
    patient = any(p.name == "patience" for p in SCHEDULES.find(name).parameters)
    return example(name, **({"patience": 0} if patient else {}))


@pytest.mark.parametrize("cadence", CADENCES, ids=str)
def test_a_replay_of_a_run_sets_its_rates(cadence):
    texts = tuple(short(name) for name in FEEDBACK)
    found = noisy(texts, cadence)
    for text, rates, observed in zip(texts, found.lr, found.observed, strict=True):
        replayed = replay(SCHEDULES.choose(text), observed, LR, cadence)
        assert (np.ptp(rates) > 0.0) == (cadence.every <= STEPS), text
        if SCHEDULES.choose(text).component.before:
            np.testing.assert_array_equal(rates, replayed, text)
        else:
            np.testing.assert_array_equal(rates[1:], replayed[:-1], text)


@pytest.mark.parametrize("cadence", CADENCES, ids=str)
def test_a_rate_changes_at_evaluations_only(cadence):
    for rates in noisy(tuple(short(name) for name in FEEDBACK), cadence).lr:
        changed = np.flatnonzero((np.diff(rates, axis=0) != 0.0).any(axis=1))
        # Entry t is the change from step t to t + 1: acting after step t, or before step t + 1.
        assert set((changed + 1) % cadence.every) <= {0, cadence.every - 1}


def test_it_is_the_schedule_on_every_kth_loss():
    losses = np.random.default_rng(5).normal(size=(60, 9))
    greedy = SCHEDULES.choose("greedy:patience=1")
    last = replay(greedy, losses[4::5], 0.1)
    mean = replay(greedy, losses.reshape(12, 5, 9).sum(axis=1) / 5, 0.1)
    np.testing.assert_array_equal(replay(greedy, losses, 0.1, Cadence(5))[4::5], last)
    np.testing.assert_allclose(
        replay(greedy, losses, 0.1, Cadence(5, "mean"))[4::5], mean, rtol=1e-14
    )
    assert (replay(greedy, losses, 0.1, Cadence(5))[:4] == 0.1).all()


def test_tables_step_every_step():
    texts = tuple(example(name) for name in TABLES)
    one, other = noisy(texts, Cadence()), noisy(texts, Cadence(5, "mean"))
    np.testing.assert_array_equal(one.lr, other.lr)
    losses = np.ones(30)
    for name in TABLES:
        schedule = SCHEDULES.choose(example(name))
        np.testing.assert_array_equal(
            replay(schedule, losses, LR, Cadence(4)), replay(schedule, losses, LR)
        )


SCENE = ("--landscape", "rosenbrock", "--noise", "gaussian", "--strength", "20", "--steps", "30",
         "--lr", "0.002", "--seeds", "20")  # fmt: skip
WHEN = ("--metric-every", "4", "--metric", "mean")


def test_the_commands_agree(answer, tmp_path):
    text = "greedy:patience=0,min_lr=0"
    lane = json.loads(
        answer("trace", *SCENE, *WHEN, "--schedule", text, "--index", "3", "--json").stdout
    )
    whole = json.loads(
        answer("run", *SCENE, *WHEN, "--schedule", text, "--no-tune", "--json").stdout
    )
    expected = run(
        "rosenbrock", "gaussian", schedules=(text,), steps=30, lr=LR, strength=20.0, lanes=20,
        metric_every=4, metric="mean",
    )  # fmt: skip
    assert lane["lr"] == expected.lr[0, :, 3].tolist()
    assert whole["schedules"][0]["final"]["p50"] == np.median(expected.summary["final"][0])
    log = "".join(f"{loss!r}\n" for loss in lane["observed"])
    given = ("--losses", "-", "--lr", "0.002", "--json")
    replayed = json.loads(answer("replay", text, *given, *WHEN, stdin=log).stdout)
    assert replayed["lr"][:-1] == lane["lr"][1:]
    every = json.loads(answer("replay", text, *given, stdin=log).stdout)
    assert every["lr"] != replayed["lr"]


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--metric", "clean"), "metric: 'clean' is not allowed in a replay (allowed: last, mean)"),
        (("--metric", "meen"), "unknown metric 'meen'; did you mean 'mean'?"),
        (("--metric-every", "0"), "metric-every: 0 is not allowed (allowed: 1 to "),
    ],
)
def test_what_a_replay_refuses(answer, options, complaint):
    done = answer("replay", "greedy", "--losses", "-", *options, stdin="1\n2\n")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].startswith(f"lab: {complaint}")
