"""The study's schedule against its nine steps in Python, parameters at random."""

import numpy as np
import pytest

from lab.replay import replay
from lab.schedules import SCHEDULES


class Study:
    """The nine steps, with the statistics of numpy."""

    def __init__(self, lr, values):
        self.__dict__.update(values, lr=lr)
        self.original = self.patience
        self.history, self.best, self.k = [], np.inf, 0.0
        self.bad = self.good = self.improvements = self.cooldown = self.warmup = 0

    def step(self, m):
        history = self.history
        history.append(m)
        if self.spike_detection and len(history) > 5 and m > 2 * np.mean(history[-5:]):
            self.bad = max(0, self.bad - 2)
        c = np.mean(history[-self.window_size :]) if self.smooth else m
        threshold = max(1e-6, 0.1 * np.std(history[-10:])) if len(history) > 10 else 1e-6
        if c < self.best - threshold:
            self.best, self.bad = c, 0
            self.good, self.improvements = self.good + 1, self.improvements + 1
        else:
            self.bad, self.good = self.bad + 1, 0
        if self.adaptive_patience:
            self.patience = self.original
            if self.improvements > 10:
                self.patience = max(5, self.original // 2)
            elif self.improvements < 3:
                self.patience = min(30, 2 * self.original)
        if len(history) % 50 == 0:
            self.improvements = 0
        if self.cooldown > 0:
            self.cooldown, self.bad = self.cooldown - 1, 0
        if self.warmup > 0:
            self.warmup, self.good = self.warmup - 1, 0
        if self.bad > self.patience:
            r = self.factor + self.k * self.momentum_factor
            self.lr = max(self.lr * r, self.min_lr)
            self.k, self.bad = r - self.factor, 0
            self.cooldown = max(3, self.patience // 3)
        if self.good > self.patience:
            u = 1 / self.factor - self.k * self.momentum_factor
            self.lr = min(self.lr * u, self.max_lr)
            self.k, self.good = 1 / self.factor - u, 0
            self.warmup = max(3, self.patience // 3)
        return self.lr


def draw(rng):
    return {
        "patience": int(rng.choice([0, 1, 2, 5, 12])),
        "factor": float(rng.uniform(0.4, 0.99)),
        "smooth": bool(rng.random() < 0.6),
        "window_size": int(rng.choice([1, 3, 10, 25])),
        "min_lr": float(rng.choice([1e-5, 0.02])),
        "max_lr": float(rng.choice([0.05, 1.0])),
        "adaptive_patience": bool(rng.random() < 0.5),
        "momentum_factor": float(rng.choice([0.0, 0.9])),
        "spike_detection": bool(rng.random() < 0.7),
    }


def test_rates_are_the_studys():
    rng = np.random.default_rng(6)
    for number in range(120):
        values, lr = draw(rng), float(rng.uniform(0.01, 0.3))
        losses = 5.0 + np.cumsum(rng.normal(-0.05, rng.choice([0.02, 0.3]), 200))
        losses[rng.random(200) < 0.03] *= 4.0
        losses[rng.random(200) < 0.01] = rng.choice([np.inf, np.nan]) if number % 3 == 0 else 9.0
        text = ",".join(f"{k}={str(v).lower()}" for k, v in values.items())
        found = replay(SCHEDULES.choose(f"greedy-research:{text}"), losses, lr)
        study = Study(lr, values)
        with np.errstate(all="ignore"):
            expected = [study.step(loss) for loss in losses]
        np.testing.assert_allclose(found, expected, rtol=1e-12, err_msg=text)


@pytest.mark.parametrize("patience", [2, 12, 40])
def test_patience_and_rests_follow_the_number_of_improvements(patience):
    """So many improvements, then none: the falls and the rests between them are the study's."""
    steps = np.arange(200)
    for improvements in range(14):
        losses = np.where(steps < improvements, -1.0 * steps, -1.0 * improvements)
        values = {
            "patience": patience, "factor": 0.5, "smooth": False, "window_size": 1, "min_lr": 0.0,
            "max_lr": 1.0, "adaptive_patience": True, "momentum_factor": 0.0,
            "spike_detection": False,
        }  # fmt: skip
        text = ",".join(f"{key}={str(value).lower()}" for key, value in values.items())
        found = replay(SCHEDULES.choose(f"greedy-research:{text}"), losses, 0.1)
        study = Study(0.1, values)
        assert found.tolist() == [study.step(loss) for loss in losses], improvements
        assert (np.diff(found) < 0.0).any()


def test_momentum_has_no_effect():
    losses = np.random.default_rng(0).normal(size=(300, 20)).cumsum(axis=0)
    without, with_it = (
        replay(SCHEDULES.choose(f"greedy-research:patience=1,momentum_factor={m}"), losses, 0.01)
        for m in (0.0, 0.9)
    )
    assert np.ptp(without) > 0.0
    np.testing.assert_array_equal(without, with_it)


def test_spikes_are_forgiven_from_the_sixth_loss_on():
    """A spike at loss 5 is a failure like any other; at loss 6 it takes two failures back."""
    fifth = replay(
        SCHEDULES.choose("greedy-research:patience=3,smooth=false"), [1, 1, 1, 1, 9], 0.1
    )
    assert fifth.tolist() == [0.1, 0.1, 0.1, 0.1, 0.1 * 0.95]
    sixth = SCHEDULES.choose("greedy-research:patience=4,smooth=false")
    assert replay(sixth, [1, 1, 1, 1, 1, 9], 0.1).tolist() == [0.1] * 6
