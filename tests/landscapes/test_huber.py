"""Huber's function on both sides of its joint, and the constants that it attains."""

import numpy as np

from landscapes import LANDSCAPES
from tests.kernels import evaluate


def test_both_pieces_and_the_joint_have_their_values_and_slopes():
    x = np.array([[-2.0, -0.25, 0.0, 0.125, 0.25, 1.0]])
    value, grad = evaluate(LANDSCAPES.choose("huber:dim=1,delta=0.25"), x)
    assert value.tolist() == [0.46875, 0.03125, 0.0, 0.0078125, 0.03125, 0.21875]
    assert grad[0].tolist() == [-0.25, -0.25, 0.0, 0.125, 0.25, 0.25]


def test_the_start_of_the_counterexample_has_its_value():
    # delta = 0.01 and x_0 = 1: delta (1 - delta / 2).
    value, grad = evaluate(LANDSCAPES.choose("huber:dim=1,delta=0.01"), np.array([[1.0]]))
    assert value[0] == 0.01 * (1.0 - 0.005)
    assert grad[0, 0] == 0.01
