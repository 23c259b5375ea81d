"""Algorithms 2-3 of the paper against their statement in Python, parameters at random."""

import numpy as np
import pytest

from lab.replay import replay
from lab.schedules import SCHEDULES


class Algorithm:
    """The paper's Algorithms 2 and 3, line by line."""

    def __init__(self, lr, values):
        self.__dict__.update(values, lr=lr)
        self.restored, self.history = self.reset_start, []
        self.start_anew()

    def start_anew(self):
        self.best, self.bad, self.good = np.inf, 0, 0
        self.cooldown_counter = self.warmup_counter = 0
        self.reset_start = self.restored

    def step(self, metric):
        self.history.append(metric)
        if self.smooth:
            window = self.history[-self.window_size :]
            metric = sum(window) / len(window)
        if metric < self.best * (1 - self.threshold):
            self.best = metric
            self.good, self.bad = self.good + 1, 0
        else:
            self.good, self.bad = 0, self.bad + 1
        if self.cooldown_counter > 0:
            self.cooldown_counter, self.bad = self.cooldown_counter - 1, 0
        if self.warmup_counter > 0:
            self.warmup_counter, self.good = self.warmup_counter - 1, 0
        if self.bad > self.patience:
            lower = max(self.lr * self.factor, self.min_lr)
            if self.lr - lower > self.eps:
                self.lr = lower
            self.cooldown_counter, self.bad = self.cooldown, 0
        if self.good > self.patience:
            self.lr = min(self.lr / self.factor, self.max_lr)
            self.warmup_counter, self.good = self.warmup, 0
        if self.reset_start == 0:
            self.start_anew()
        if self.reset == "printed" or self.lr <= self.min_lr:
            self.reset_start -= 1
        return self.lr


def draw(rng):
    return {
        "factor": float(rng.uniform(0.4, 0.99)),
        "patience": int(rng.choice([0, 1, 2, 5])),
        "threshold": float(rng.choice([0.0, 1e-6, 0.1])),
        "cooldown": int(rng.choice([0, 1, 4])),
        "warmup": int(rng.choice([0, 1, 4])),
        "min_lr": float(rng.choice([0.0, 1e-3, 0.02])),
        "max_lr": float(rng.choice([0.05, 0.3])),
        "eps": float(rng.choice([0.0, 1e-8, 1e-3])),
        "smooth": bool(rng.random() < 0.5),
        "window_size": int(rng.choice([1, 5, 50])),
        "reset_start": int(rng.choice([1, 2, 20])),
        "reset": str(rng.choice(["bound", "printed"])),
    }


@pytest.fixture(scope="module")
def series(golden_feedback):
    return (golden_feedback["losses"].astype(np.float64) * golden_feedback["factors"]).T


def test_rates_are_the_algorithms(series):
    rng = np.random.default_rng(8)
    moved = 0
    for losses in series:
        values, lr = draw(rng), float(rng.uniform(0.01, 0.3))
        text = ",".join(f"{k}={str(v).lower()}" for k, v in values.items())
        found = replay(SCHEDULES.choose(f"greedy-paper:{text}"), losses, lr)
        algorithm = Algorithm(lr, values)
        with np.errstate(all="ignore"):
            expected = [algorithm.step(loss) for loss in losses]
        assert found.tolist() == expected, text
        moved += np.ptp(found) > 0.0
    assert moved > 100


def test_a_reset_leaves_the_rate():
    """Where the release returns to the initial rate, the printed algorithm does not."""
    common = "patience=0,factor=0.5,min_lr=0.05,reset_start=2"
    paper = replay(SCHEDULES.choose(f"greedy-paper:{common}"), np.full(20, 1.0), 0.1)
    release = replay(SCHEDULES.choose(f"greedy:{common}"), np.full(20, 1.0), 0.1)
    assert 0.1 in release[3:]
    # A new start makes the next loss an improvement, which doubles the rate from the bound.
    assert set(paper[3:]) == {0.05, 0.1}
