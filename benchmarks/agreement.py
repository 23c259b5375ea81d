"""Whether two implementations compute the same thing."""

from __future__ import annotations

import math

import numpy as np

Series = tuple[np.ndarray, np.ndarray]

#: Steps in which no path has had time to amplify rounding.
EARLY = 50
#: Relative difference that is rounding there, and what it may have grown to at the end.
ROUNDING, GROWN = 1e-9, 1e-5
#: Share of the lanes that may part later: a comparison of two nearly equal losses falls the other
#: way, or a path comes past a kink.
PARTED = 0.02
#: Levels and steps at which distributions are compared, and the largest share of their standard
#: error that chance explains in some hundred comparisons.
LEVELS, STEPS = (0.1, 0.25, 0.5, 0.75, 0.9), (10, 50, 100, 150, 200)
CHANCE = 4.5


def quiet(reference: Series, found: Series) -> dict[str, float | bool]:
    """Losses and rates lane by lane and step by step; `found` may hold fewer lanes.

    early: the largest relative difference of a loss or rate in the first `EARLY` steps. parted:
    share of the lanes that are further apart than `GROWN` anywhere.
    """
    lanes = found[0].shape[1]
    apart = [np.abs(b / a[:, :lanes] - 1.0) for a, b in zip(reference, found, strict=True)]
    early = max(float(np.nanmax(part[:EARLY])) for part in apart)
    largest = np.maximum(*(np.nanmax(part, axis=0) for part in apart))
    parted = float((largest > GROWN).mean())
    return {"early": early, "parted": parted, "same": early < ROUNDING and parted <= PARTED}


def bands(reference: Series, found: Series) -> dict[str, float | bool]:
    """Distributions of the losses and the mean rates, in units of their standard errors.

    What share of one sample lies below a quantile of the other is known up to the errors of both.
    """
    lanes = reference[0].shape[1]
    worst = 0.0
    for step in STEPS:
        cuts = np.quantile(reference[0][step], LEVELS)
        for cut, level in zip(cuts, LEVELS, strict=True):
            error = math.sqrt(2.0 * level * (1.0 - level) / lanes)
            worst = max(worst, abs(float((found[0][step] <= cut).mean()) - level) / error)
    a, b = (rates.mean(axis=0) for rates in (reference[1], found[1]))
    error = math.sqrt((a.var() + b.var()) / lanes)
    if error > 0.0:
        worst = max(worst, abs(float(a.mean() - b.mean())) / error)
    return {"worst": worst, "same": worst < CHANCE}
