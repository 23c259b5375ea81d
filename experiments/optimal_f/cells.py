"""The cells of the experiment on the optimal F: which there are, and how they are written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from lab.component import written
from lab.errors import RequestError
from lab.store.manifest import identity_hash

#: Factors that are tried.
FACTORS = (
    0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85,
    0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995, 0.998, 0.999,
)  # fmt: skip
LIPSCHITZ = (0.5, 1.0, 2.0, 5.0, 10.0, 50.0, 100.0, 1000.0)
#: (dimension, condition number).
SPECTRA = ((1, 1.0), (10, 100.0))
STRENGTHS = (0.0, 0.1)
STEPS = (100, 1000)
RATES = ("fixed:0.01", "scaled:0.1")
CLAMPS = ("none", "0.01,1", "0.01,1.9", "fixed:1e-4,0.1")
#: What a single cell is where its flags do not say otherwise.
SINGLE = {"dim": 1, "strength": 0.0, "steps": 1000, "base_lr": "scaled:0.1", "clamp": "none"}


@dataclass(frozen=True)
class Rate:
    """The middle of the initial rates: a number, or a number over L (`scaled`)."""

    text: str
    value: float
    scaled: bool

    def at(self, L: float) -> float:
        """The rate on a landscape of smoothness L."""
        return self.value / L if self.scaled else self.value


@dataclass(frozen=True)
class Clamp:
    """Bounds of the rate, the initial one included: numbers (`fixed`), or numbers over L."""

    text: str
    low: float
    high: float
    scaled: bool

    def at(self, L: float) -> tuple[float, float]:
        """The bounds on a landscape of smoothness L."""
        return (self.low / L, self.high / L) if self.scaled else (self.low, self.high)


@dataclass(frozen=True)
class Cell:
    """One combination; `strength` is the theory page's s, the jitter of the minimiser."""

    dim: int
    condition: float
    strength: float
    steps: int
    rate: Rate
    clamp: Clamp
    L: float

    @property
    def u(self) -> float:
        """The middle of lr_0 L, after the clamp."""
        low, high = self.clamp.at(self.L)
        return min(max(self.rate.at(self.L), low), high) * self.L


@dataclass(frozen=True)
class OptimalF:
    """Axes of the experiment, seeds, and whether it is the whole of the theory page's grid."""

    spectra: tuple[tuple[int, float], ...]
    strengths: tuple[float, ...]
    steps: tuple[int, ...]
    rates: tuple[Rate, ...]
    clamps: tuple[Clamp, ...]
    lipschitz: tuple[float, ...]
    seeds: int
    seed: int
    whole: bool

    #: Short name for a result directory; scenarios of `experiments.request`, of which it has none.
    name: ClassVar[str] = "optimal-f"
    requests: ClassVar[tuple[()]] = ()

    @property
    def cells(self) -> list[Cell]:
        """All combinations; L varies fastest, in its order on the command line."""
        return [
            Cell(dim, condition, strength, steps, rate, clamp, L)
            for dim, condition in self.spectra
            for strength in self.strengths
            for steps in self.steps
            for rate in self.rates
            for clamp in self.clamps
            for L in self.lipschitz
        ]

    def identity(self) -> dict[str, Any]:
        """All that determines the numbers, as plain JSON values."""
        return {
            "experiment": "optimal-f",
            "spectra": [list(spectrum) for spectrum in self.spectra],
            "strengths": list(self.strengths),
            "steps": list(self.steps),
            "rates": [rate.text for rate in self.rates],
            "clamps": [clamp.text for clamp in self.clamps],
            "lipschitz": list(self.lipschitz),
            "seeds": self.seeds,
            "seed": self.seed,
            "whole": self.whole,
        }

    @property
    def hash(self) -> str:
        """Ten hexadecimal digits of the identity."""
        return identity_hash(self.identity())


def make_optimal_f(
    *,
    dim: int | None = None,
    condition: float | None = None,
    strength: float | None = None,
    steps: int | None = None,
    base_lr: str | None = None,
    clamp: str | None = None,
    lipschitz: Sequence[float] | None = None,
    seeds: int = 1000,
    seed: int = 0,
) -> OptimalF:
    """The whole grid, or, where any of the first seven is given, a single cell for each L.

    What a single cell leaves out is taken from `SINGLE`; the condition number of more than one
    coordinate is 100.

    Raises
    ------
    RequestError
        With the value and what is allowed.
    """
    _inside("seeds", seeds, 6, 2**39)
    _inside("seed", seed, 0, 2**64 - 1)
    flags = (dim, condition, strength, steps, base_lr, clamp, lipschitz)
    if all(flag is None for flag in flags):
        return OptimalF(
            SPECTRA, STRENGTHS, STEPS, tuple(map(read_rate, RATES)), tuple(map(read_clamp, CLAMPS)),
            LIPSCHITZ, seeds, seed, True,
        )  # fmt: skip
    dim = SINGLE["dim"] if dim is None else dim
    _inside("dim", dim, 1, 10_000)
    condition = 100.0 if condition is None else condition
    _inside("condition", condition, 1.0, 1e300)
    strength = SINGLE["strength"] if strength is None else strength
    _inside("strength", strength, 0.0, 1e100)
    steps = SINGLE["steps"] if steps is None else steps
    _inside("steps", steps, 1, 2**31 - 1)
    for L in lipschitz or ():
        _inside("lipschitz", L, 1e-100, 1e100)
    spectrum = (dim, float(condition) if dim > 1 else 1.0)  # one coordinate has one eigenvalue
    return OptimalF(
        (spectrum,),
        (float(strength),),
        (steps,),
        (read_rate(base_lr or SINGLE["base_lr"]),),
        (read_clamp(clamp or SINGLE["clamp"]),),
        LIPSCHITZ if lipschitz is None else tuple(float(L) for L in lipschitz),
        seeds,
        seed,
        False,
    )


def read_rate(text: str) -> Rate:
    """`fixed:0.01` or `scaled:0.1`."""
    kind, colon, number = text.partition(":")
    value = _positive(number)
    if kind not in ("fixed", "scaled") or not colon or value is None:
        raise RequestError(f"base-lr: {text!r} is not allowed (allowed: fixed:0.01 or scaled:0.1)")
    return Rate(text, value, kind == "scaled")


def read_clamp(text: str) -> Clamp:
    """`none`, `0.01,1` (over L) or `fixed:1e-4,0.1`."""
    if text == "none":
        return Clamp(text, 0.0, math.inf, False)
    first, _, second = text.removeprefix("fixed:").partition(",")
    low, high = _positive(first), _positive(second)
    if low is None or high is None or low > high:
        raise RequestError(
            f"clamp: {text!r} is not allowed (allowed: none, low,high in units of 1/L, or"
            " fixed:low,high)"
        )
    return Clamp(text, low, high, not text.startswith("fixed:"))


def _positive(text: str) -> float | None:
    """A finite number above 0, or None."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0.0 < number < math.inf else None


def _inside(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise RequestError(
            f"{name}: {value} is not allowed (allowed: {written(low)} to {written(high)})"
        )
