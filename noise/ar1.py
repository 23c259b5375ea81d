"""Correlated Gaussian noise: a first-order autoregression."""

from __future__ import annotations

import math

from lab.component import NoiseModel, Parameter


def ar1(size, strength):
    """Fill `size` (lanes,) with the standard deviation, the same at every step."""
    for k in range(size.shape[0]):
        size[k] = strength


def carry(draw, memory, step, correlation):
    """Turn fresh normals `draw` (n, lanes) into those of the autoregression, kept in `memory`."""
    rows, n = draw.shape
    fresh = math.sqrt(1.0 - correlation * correlation) if step > 0 else 1.0
    for i in range(rows):
        for k in range(n):
            past = correlation * memory[i, k] if step > 0 else 0.0
            draw[i, k] = past + fresh * draw[i, k]
            memory[i, k] = draw[i, k]


AR1 = NoiseModel(
    name="ar1",
    summary="normal noise that remembers: each step's is correlated with the one before",
    source="Box, Jenkins & Reinsel, Time Series Analysis, 3rd ed. 1994, section 3.2.3",
    parameters=(
        Parameter("correlation", 0.9, "with the step before, phi in the literature", "(-1, 1)"),
    ),
    notes=(
        "strength is the standard deviation at every step: the sequence is stationary from step 0"
        " on, with the correlation phi^k at a distance of k steps. In a vector channel every"
        " coordinate is such a sequence, so the noise keeps its direction for about 1/(1 - phi)"
        " steps. The metric's sequence and the vector's are independent of each other."
    ),
    formula="eta_t = strength * u_t, u_t = phi u_{t-1} + sqrt(1 - phi^2) z_t, u_0, z_t ~ N(0, 1)",
    kernel=ar1,
    colour=carry,
    gaussian=True,
)
