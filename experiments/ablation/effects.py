"""In which direction a knob acts: its mean response over parts of its range, all others varied."""

from __future__ import annotations

import numpy as np

from experiments.ablation.indices import row_weights

#: Equal parts of a knob's range.
PARTS = 4


def main_effects(
    unit: np.ndarray, responses: np.ndarray, rows: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Mean response in each part of each input's range less the mean over all of it.

    Of the rows A and B of a design of `experiments.ablation.indices`, whose other points are not
    independent of these.

    unit: (points, inputs). responses: (scenarios, points). Returns (scenarios, inputs, `PARTS`),
    and the same from resampled rows, (resamples, scenarios, inputs, `PARTS`).
    """
    inputs, scenarios = unit.shape[1], len(responses)
    inside = (unit[: 2 * rows, :, None] * PARTS).astype(int) == np.arange(PARTS)
    flags = inside.reshape(2, rows, -1).astype(float)
    # A and B of a row belong together: a resample takes both.
    counts = flags.sum(axis=0)
    pair = responses[:, : 2 * rows].reshape(scenarios, 2, rows)
    sums = np.einsum("sar,ark->rsk", pair, flags)
    both = pair.sum(axis=1).T

    def effects(weights: np.ndarray) -> np.ndarray:
        inner = np.maximum(weights @ counts, 1e-300)[:, None]
        means = np.tensordot(weights, sums, (1, 0)) / inner
        return means - (weights @ both)[:, :, None] / 2.0

    shape = (-1, scenarios, inputs, PARTS)
    once = effects(np.full((1, rows), 1.0 / rows)).reshape(shape)[0]
    return once, effects(row_weights(rows, seed)).reshape(shape)
