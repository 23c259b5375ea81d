"""`lab.replay`: shapes, and what it does with more series than a block holds."""

import numpy as np

from lab.replay import replay
from lab.schedules import SCHEDULES


def test_one_series_or_several():
    greedy = SCHEDULES.choose("greedy:patience=1")
    losses = np.random.default_rng(1).normal(size=(50, 300))
    together = replay(greedy, losses, 0.1)
    assert together.shape == losses.shape
    for k in (0, 127, 128, 299):
        np.testing.assert_array_equal(together[:, k], replay(greedy, losses[:, k], 0.1))


def test_open_loop_fills_every_series():
    rates = replay(SCHEDULES.choose("exponential:gamma=0.5"), np.zeros((3, 2)), 1.0)
    assert rates.tolist() == [[0.5, 0.5], [0.25, 0.25], [0.125, 0.125]]


def test_lists_and_an_empty_series():
    greedy = SCHEDULES.choose("greedy")
    assert replay(greedy, [1.0, 2.0], 0.5).tolist() == [0.5, 0.5]
    assert replay(greedy, np.array([]), 0.5).shape == (0,)
