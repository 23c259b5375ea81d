"""The generator behind resampling: one for each seed and purpose."""

from __future__ import annotations

import numpy as np


def generator_of(seed: int, stream: int) -> np.random.Generator:
    """A generator for a seed, 0 to 2^64 - 1; `stream` keeps it apart from others of that seed."""
    # As a list, a key with a number from 2^63 on is rounded: NumPy makes floats of it.
    key = np.array([seed, stream], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key))
