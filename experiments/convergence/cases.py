"""The problems of the convergence experiment: what runs, from where, at which rates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from experiments.components import OPTIMIZERS, SCHEDULES
from experiments.convergence.bounds import Setting
from lab.simulation import Arm
from lab.spec import Spec
from landscapes.least_squares import problem as least_squares
from landscapes.sample_bias import SIGMA

FACTORS = (0.5, 0.9)
VARIANTS = (
    *(("algorithm-1", F) for F in FACTORS), *(("lagged", F) for F in FACTORS), ("constant", None)
)  # fmt: skip
#: Largest rate of P3: its bias outlives it.
SMALL_RATE = 1e-3


@dataclass(frozen=True)
class Case:
    """Arms that run together: one problem, and the same bounds [a, b] for all of them.

    `stochastic` says whether seeds differ at all.
    """

    problem: str
    landscape: Spec
    start: tuple[float, ...]
    minimum: float
    setting: Setting
    first_rate: float
    variants: Sequence[tuple[str, float | None]]
    stochastic: bool = True

    @property
    def arms(self) -> list[Arm]:
        """An arm a variant."""
        return [self._arm(variant, F) for variant, F in self.variants]

    def _arm(self, variant: str, F: float | None) -> Arm:
        sgd = OPTIMIZERS.choose("sgd")
        if F is None:
            return Arm(SCHEDULES.choose("constant"), sgd, self.setting.high)
        values = {
            "F": repr(F), "min_lr": repr(self.setting.low), "max_lr": repr(self.setting.high),
            "lagged": "true" if variant == "lagged" else "false",
        }  # fmt: skip
        return Arm(SCHEDULES.choose(Spec("greedy-simple", values)), sgd, self.first_rate)


def cases(name: str) -> list[Case]:
    """The runs of one problem of the theory page."""
    if name == "P3":
        varied = [biased_case(F, SMALL_RATE) for F in FACTORS]
        constant = biased_case(1.0, SMALL_RATE, (("constant", None),))
        return [*varied, constant]
    if name == "P4":
        return [huber_case()]
    if name == "P6":
        setting = Setting(0.5, 0.5, 1.0, 1.0, 0.0, math.inf)
        spec = Spec("nonconvex-sum")
        return [Case(name, spec, (1.0,), 0.0, setting, 0.5, (("constant", None),))]
    return [_least_squares_case(name)]


def biased_case(
    F: float,
    high: float,
    variants: Sequence[tuple[str, float | None]] | None = None,
) -> Case:
    """P3 with [a, b] = [F b, b], the narrowest interval in which Algorithm 1 can act."""
    low = F * high
    setting = Setting(low, high, 1.0, 0.0, SIGMA, 0.5 * SIGMA)
    chosen = (("algorithm-1", F), ("lagged", F)) if variants is None else variants
    spec = Spec("sample-bias")
    return Case("P3", spec, (1.0,), 0.5 * SIGMA, setting, math.sqrt(low * high), chosen)


def huber_case() -> Case:
    """P4: Huber's function, delta 0.01, from x_0 = 1 with rates in [0.0009, 0.001]."""
    setting = Setting(0.0009, 0.001, 1.0, 1.0, 0.0, 0.0)
    spec = Spec("huber", {"dim": "1", "delta": "0.01"})
    variants = (("algorithm-1", 0.9),)
    return Case("P4", spec, (1.0,), 0.0, setting, 0.001, variants, stochastic=False)


def _least_squares_case(name: str) -> Case:
    data = least_squares(name)
    low, high = 0.05 / data.L_max, 0.5 / data.L_max
    r2 = float(data.minimiser @ data.minimiser)
    setting = Setting(low, high, data.L_max, r2, data.sigma, data.minimum)
    spec = Spec("least-squares", {"problem": name})
    start = (0.0,) * len(data.minimiser)
    return Case(name, spec, start, data.minimum, setting, math.sqrt(low * high), VARIANTS)
