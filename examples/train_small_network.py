"""Train a small network on three noisy spirals with NumPy, and write its log.

    python examples/train_small_network.py [FILE]      (default: examples/training-log.csv)

One hidden layer of 32 tanh units, softmax, plain SGD at a constant rate, batches of 32 of 600
points. The log has a row a step: the loss of the batch (column `loss`, what a schedule in training
would see) and that of all points (column `full_loss`).
"""

import sys
from pathlib import Path

import numpy as np

STEPS, BATCH, HIDDEN, CLASSES, PER_CLASS, LR = 400, 32, 32, 3, 200, 0.3


def spirals(rng):
    """Points (n, 2) on three arms around the origin, and their arms (n,)."""
    radius = np.tile(np.linspace(0.1, 1.0, PER_CLASS), CLASSES)
    arm = np.repeat(np.arange(CLASSES), PER_CLASS)
    angle = 2.0 * np.pi * arm / CLASSES + 4.0 * radius + rng.normal(0.0, 0.35, radius.size)
    return 3.0 * radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1), arm


def loss_and_gradients(weights, points, arms):
    """Mean cross entropy, and its gradient with respect to each array of weights."""
    first, first_bias, second, second_bias = weights
    hidden = np.tanh(points @ first + first_bias)
    logits = hidden @ second + second_bias
    logits -= logits.max(axis=1, keepdims=True)
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    rows = np.arange(len(arms))
    error = np.exp(log_p)
    error[rows, arms] -= 1.0
    error /= len(arms)
    back = (error @ second.T) * (1.0 - hidden**2)
    gradients = (points.T @ back, back.sum(axis=0), hidden.T @ error, error.sum(axis=0))
    return -log_p[rows, arms].mean(), gradients


def train():
    """Loss of the batch and of all points before each step, shape (STEPS, 2)."""
    rng = np.random.default_rng(7)
    points, arms = spirals(rng)
    weights = [
        rng.normal(0.0, 0.5, (2, HIDDEN)),
        np.zeros(HIDDEN),
        rng.normal(0.0, 0.1, (HIDDEN, CLASSES)),
        np.zeros(CLASSES),
    ]
    log = np.empty((STEPS, 2))
    for step in range(STEPS):
        batch = rng.choice(len(arms), BATCH, replace=False)
        full, _ = loss_and_gradients(weights, points, arms)
        seen, gradients = loss_and_gradients(weights, points[batch], arms[batch])
        log[step] = seen, full
        for array, gradient in zip(weights, gradients, strict=True):
            array -= LR * gradient
    return log


def write(log, path):
    """The log as CSV, to six digits: further ones may differ between machines."""
    rows = [f"{step},{seen:.6g},{full:.6g}" for step, (seen, full) in enumerate(log)]
    Path(path).write_text("\n".join(["step,loss,full_loss", *rows]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    default = Path(__file__).with_name("training-log.csv")
    write(train(), sys.argv[1] if len(sys.argv) > 1 else default)
