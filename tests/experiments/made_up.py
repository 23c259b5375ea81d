"""Made-up lanes for the rules of the claims: what a schedule ends at is said, not simulated."""

from types import SimpleNamespace

import numpy as np

from experiments.check.evidence import RIVALS, SUBJECT, Grid
from lab.statistics.verdict import Verdict

YES, NO, OPEN = Verdict.SUPPORTED, Verdict.NOT_SUPPORTED, Verdict.INCONCLUSIVE
NAMES = {name: (name,) for name in (SUBJECT, *RIVALS)}
SEEDS = 200


def lanes(factor=1.0, spread=0.1, seed=0):
    """One cell of lanes, shape (1, seeds), about `factor`."""
    draws = np.random.default_rng(seed).standard_normal((1, SEEDS))
    return factor * np.exp(spread * draws)


def grid(values, noises=("none",)):
    """A grid in which a schedule has the lanes `values(name, noise)` on one function."""
    keys = [(name, noise) for name in NAMES for noise in noises]
    cells = tuple(SimpleNamespace(schedule=s, noise=n, landscape="one") for s, n in keys)
    return Grid(NAMES, cells, {"last": np.concatenate([values(*key) for key in keys])})


def factors(**given):
    """Lanes alike but for a factor by schedule."""
    return grid(lambda name, noise: lanes(given.get(name, 1.0)))


def outcomes(arm):
    return [effect.verdict for effect in arm.effects]
