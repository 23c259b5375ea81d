"""Loss series that try a feedback schedule: descents, ties, plateaus, spikes, infinities, NaN."""

import numpy as np

LENGTH = 240
SERIES = 128
SPIKES = np.array([1e3, 1e12, -1e6, np.inf, -np.inf])


def make(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """`SERIES` series as float32 of shape (LENGTH, SERIES), and a float64 factor for each.

    The product of the two in float64 has full mantissas, and its parts compress well.
    """
    columns = [_series(rng, nan=number % 4 == 0) for number in range(SERIES)]
    factors = 10.0 ** rng.uniform(-4.0, 1.0, SERIES) / 3.0
    return np.array(columns, dtype=np.float32).T, factors


def _series(rng: np.random.Generator, nan: bool) -> np.ndarray:
    pieces = []
    level = rng.uniform(-2.0, 20.0)
    while sum(map(len, pieces)) < LENGTH:
        piece = _piece(rng, level, int(rng.integers(5, 60)))
        pieces.append(piece)
        level = piece[-1]
    series = np.concatenate(pieces)[:LENGTH]
    series = np.round(series, int(rng.integers(1, 4)))
    _sprinkle(rng, series, SPIKES[: 5 if rng.random() < 0.4 else 3], 0.01)
    if nan:
        _sprinkle(rng, series, np.array([np.nan]), 0.01)
    return series


def _piece(rng: np.random.Generator, level: float, length: int) -> np.ndarray:
    """A stretch of one character, beginning near `level`."""
    t = np.arange(1, length + 1)
    kind = rng.integers(5)
    if kind == 0:
        return level - rng.uniform(0.01, 0.3) * t
    if kind == 1:
        return np.full(length, level)
    if kind == 2:
        return level + np.cumsum(rng.normal(0.0, 0.2, length))
    if kind == 3:
        return level * 0.9**t
    return level + rng.integers(-1, 2, length) * 0.5


def _sprinkle(
    rng: np.random.Generator, series: np.ndarray, values: np.ndarray, share: float
) -> None:
    where = rng.random(LENGTH) < share
    series[where] = rng.choice(values, where.sum())
