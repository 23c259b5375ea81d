"""Variance-based sensitivity: how much of a response's variance each of its inputs makes.

With independent inputs the variance of a response splits into parts V_u, one for each set u of
inputs (the functional ANOVA). Of the variance V of everything,

    first order  S_i = V_i / V                     what input i does by itself
    total        T_i = sum of V_u / V over u with i       with all its interactions
    interaction  I_ij = sum of V_u / V over u with i and j    what i and j do only together

They are estimated from a design of n (d + 2) points: n rows A, n rows B, and for each input A with
that one column of B (AB_i). S and T are those of `scipy.stats.sobol_indices`, but for V, which is
that of all points: every AB_i is a sample like A and B, and where a response moves at few of its
points, A and B alone may show next to none of its variance. I needs no further points: T_i + T_j
less the total index of the pair, whose Jansen estimate compares AB_i with AB_j, comes to

    I_ij = mean of (f(A) - f(AB_i)) (f(A) - f(AB_j)) / V.

Rows are resampled for intervals; all responses share the rows. scipy's own `bootstrap` of its
result does nearly the same and takes no seed. The rows are scrambled Sobol points, more even than
independent ones, so that the intervals are rather too wide.

References
----------
Saltelli, Annoni, Azzini, Campolongo, Ratto and Tarantola, Computer Physics Communications 181
(2010) 259-270. Liu and Owen, "Estimating mean dimensionality of analysis of variance
decompositions", JASA 101 (2006) 712-721: the sum over all u that hold i and j. Efron, JASA 82
(1987): BCa.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from lab.statistics.bca import acceleration, bca_levels
from lab.statistics.generator import generator_of
from lab.statistics.quantiles import quantiles

RESAMPLES = 500
#: Keeps this generator apart from others that are keyed by the same seed.
STREAM = 0x736F626F
#: Variance of a response, in decades squared, below which there is nothing to explain: a standard
#: deviation of 0.01, or 2.3 %.
FLAT = 1e-4
#: Share of the squared deviations in one row of the design above which there is nothing to estimate
#: from: other rows would have given another variance, and indices up to half of d + 2.
ALONE = 0.5


def unit_design(n: int, inputs: int, seed: int) -> np.ndarray:
    """Points of the unit cube, shape (n (inputs + 2), inputs): A, B, then AB_1, AB_2, ...

    n: a power of 2.
    """
    from scipy.stats import qmc

    rows = qmc.Sobol(2 * inputs, rng=seed).random(n)
    a, b = rows[:, :inputs], rows[:, inputs:]
    mixed = [np.where(np.arange(inputs) == i, b, a) for i in range(inputs)]
    return np.concatenate([a, b, *mixed])


@dataclass(frozen=True)
class Indices:
    """Indices of some responses, columns: inputs for S, then inputs for T, then pairs for I.

    estimates, low, high: (responses, columns), NaN for a response that does not vary, or whose
    variance one row makes (`ALONE`); the ends are those of 95 % BCa intervals. replicates:
    (resamples, responses, columns). variance: (responses,).
    """

    inputs: int
    estimates: np.ndarray
    low: np.ndarray
    high: np.ndarray
    replicates: np.ndarray
    variance: np.ndarray

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """The inputs of each I, in the order of the columns."""
        return list(combinations(range(self.inputs), 2))

    @property
    def first(self) -> slice:
        return slice(0, self.inputs)

    @property
    def total(self) -> slice:
        return slice(self.inputs, 2 * self.inputs)

    @property
    def interaction(self) -> slice:
        return slice(2 * self.inputs, None)


def estimate(responses: np.ndarray, inputs: int, seed: int) -> Indices:
    """Indices of responses of shape (responses, n (inputs + 2)), in the order of `unit_design`."""
    from scipy.stats import sobol_indices

    count = len(responses)
    parts = responses.reshape(count, inputs + 2, -1)
    n = parts.shape[2]
    f_a, f_b, f_ab = parts[:, 0], parts[:, 1], np.moveaxis(parts[:, 2:], 1, 0)
    method: Any = saltelli
    found = sobol_indices(func={"f_A": f_a, "f_B": f_b, "f_AB": f_ab}, n=n, method=method)
    products = _products(parts)
    estimates = _ratios(products.mean(axis=1), inputs)
    estimates[:, :inputs] = np.reshape(found.first_order, (count, inputs))
    estimates[:, inputs : 2 * inputs] = np.reshape(found.total_order, (count, inputs))
    variance = np.var(parts, axis=(1, 2))
    estimates[(variance <= FLAT) | (_largest_row(parts) > ALONE)] = np.nan
    replicates = _ratios(np.tensordot(row_weights(n, seed), products, (1, 1)), inputs)
    left_out = _ratios((products.sum(axis=1, keepdims=True) - products) / (n - 1), inputs)
    low, high = _ends(estimates, replicates, left_out)
    return Indices(inputs, estimates, low, high, replicates, variance)


def _largest_row(parts: np.ndarray) -> np.ndarray:
    """Share of the squared deviations that the row with the most of them has; 0 where all agree."""
    rows = np.sum((parts - parts.mean(axis=(1, 2), keepdims=True)) ** 2, axis=1)
    return rows.max(axis=1) / np.maximum(rows.sum(axis=1), 1e-300)


def saltelli(f_A: np.ndarray, f_B: np.ndarray, f_AB: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """S and T as scipy asks for them: its default `saltelli_2010`, with the V of all points.

    f_A, f_B: (responses, n). f_AB: (inputs, responses, n). Returns two of (responses, inputs).
    """
    variance = np.var([f_A, f_B, *f_AB], axis=(0, -1))
    first = np.mean(f_B * (f_AB - f_A), axis=-1) / variance
    total = 0.5 * np.mean((f_A - f_AB) ** 2, axis=-1) / variance
    return first.T, total.T


def row_weights(n: int, seed: int) -> np.ndarray:
    """Weights of the rows in each resample, shape (resamples, n), each summing to 1."""
    generator = generator_of(seed, STREAM)
    return generator.multinomial(n, np.full(n, 1.0 / n), RESAMPLES) / n


def _products(parts: np.ndarray) -> np.ndarray:
    """What the means over the rows are taken of, shape (responses, n, columns).

    Those of S, T and I before the division by V; then what `_ratios` needs to centre S and for V:
    the changes f(AB_i) - f(A), and the means over a row's points of f in A and B, of f, of f^2.
    """
    centred = parts - parts[:, :2].mean(axis=(1, 2), keepdims=True)
    f_a, f_b = centred[:, :1], centred[:, 1:2]
    change = centred[:, 2:] - f_a
    pairs = np.array(list(combinations(range(change.shape[1]), 2)), dtype=int).reshape(-1, 2)
    columns = [
        f_b * change,
        0.5 * change**2,
        change[:, pairs[:, 0]] * change[:, pairs[:, 1]],
        change,
        0.5 * (f_a + f_b),
        centred.mean(axis=1, keepdims=True),
        (centred**2).mean(axis=1, keepdims=True),
    ]
    return np.moveaxis(np.concatenate(columns, axis=1), 1, 2)


def _ratios(means: np.ndarray, inputs: int) -> np.ndarray:
    """Indices from the means of the products; NaN where nothing varies.

    f is centred on the mean of A and B of the rows at hand, a resample's on its own: a resample in
    which f hardly varies would otherwise divide a constant by next to nothing.
    """
    change, centre = means[..., -inputs - 3 : -3], means[..., -3:-2]
    variance = means[..., -1:] - means[..., -2:-1] ** 2
    indices = means[..., : -inputs - 3].copy()
    indices[..., :inputs] -= centre * change
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(variance > 0.0, indices / variance, np.nan)


def _ends(
    estimates: np.ndarray, replicates: np.ndarray, left_out: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Both ends of the intervals; NaN where an index is undefined, also in a resample."""
    ends = np.full((2, *estimates.shape), np.nan)
    undefined = np.isnan(estimates) | np.isnan(replicates).any(axis=0)
    for place in zip(*np.nonzero(~undefined), strict=True):
        drawn = replicates[:, place[0], place[1]]
        accelerate = acceleration(left_out[place[0], :, place[1]])
        levels = bca_levels(float(estimates[place]), drawn, accelerate, 0.95)
        ends[:, place[0], place[1]] = quantiles(drawn, levels)
    return ends[0], ends[1]
