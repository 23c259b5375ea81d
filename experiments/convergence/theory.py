"""Theorem A.1's counterexamples beside their closed forms: P3, P4 and P6 of the theory page."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace

import numpy as np

from experiments import closed_forms
from experiments.convergence.bounds import Setting
from experiments.convergence.cases import biased_case, cases, huber_case
from experiments.convergence.run import Z95, Convergence, Outcome, Progress, run_convergence
from experiments.optimal_f.run import scenario_of
from lab.engine.abi import BLOCK
from lab.simulation import Keep, simulate

#: Factors and largest rates of P3.
BIAS_FACTORS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
BIAS_RATES = (0.1, 0.01, 0.001)
BIAS_LANES = 256
#: Where the theory page looks at Huber's function.
HUBER_STEPS = 4_000
EXPLOSION_STEPS, EXPLOSION_LANES = (2, 5, 10), 131_072


@dataclass(frozen=True)
class Mean:
    """A mean over seeds and the half width of its 95 % interval."""

    value: float
    half_width: float

    @staticmethod
    def of(sample: np.ndarray) -> Mean:
        """The mean of a sample of at least two."""
        half = Z95 * float(sample.std(ddof=1)) / math.sqrt(len(sample))
        return Mean(float(sample.mean()), half)


@dataclass(frozen=True)
class Bias:
    """P3 with one F and one largest rate: gaps of the average iterate after all steps.

    expected: the gap that Algorithm 1 keeps as the rates go to 0. variance: the gap that any
    unbiased rule has left, sigma / (2 T). bound_a: what the gap would be below if the bound for
    rates that are fixed before the draw held.
    """

    F: float
    rate: float
    expected: float
    algorithm_1: Mean
    lagged: Mean
    variance: float
    bound_a: float


@dataclass(frozen=True)
class HuberCurve:
    """P4: gaps of the average iterate, mean loss and last iterate after `steps` (arrays)."""

    steps: np.ndarray
    average_iterate: np.ndarray
    averaged_loss: np.ndarray
    last_iterate: np.ndarray
    setting: Setting

    def ratio_a(self) -> np.ndarray:
        """The averaged loss over bound A."""
        return self.averaged_loss / np.array([self.setting.bound_a(int(T)) for T in self.steps])

    def ratio_reconstructed(self) -> np.ndarray:
        """The average iterate's gap over the reconstructed leading term of theorem A.1."""
        bounds = [self.setting.bound_reconstructed(int(T)) for T in self.steps]
        return self.average_iterate / np.array(bounds)


@dataclass(frozen=True)
class Explosion:
    """P6 after so many steps: mean and median of f(x_T) over lanes, and E f(x_T)."""

    steps: int
    mean: Mean
    median: float
    expected: float


def bias(
    F: float, rate: float, steps: int, lanes: int, seed: int = 0, threads: int | None = None
) -> Bias:
    """P3 for one F and largest rate; it needs many times 1 / rate steps to settle."""
    case = biased_case(F, rate)
    found = simulate(
        scenario_of(case.landscape), case.arms, steps, lanes, seed=seed,
        keep=Keep(loss=False, lr_mean=False, average=(steps,)), threads=threads,
    )  # fmt: skip
    assert found.loss_of_mean is not None
    algorithm_1, lagged = found.loss_of_mean[:, 0] - case.minimum
    return Bias(
        F, rate, float(closed_forms.biased_gap(F)), Mean.of(algorithm_1), Mean.of(lagged),
        case.setting.sigma / (2.0 * steps), case.setting.bound_a(steps),
    )  # fmt: skip


def huber_curve(longest: int) -> HuberCurve:
    """P4 at numbers of steps from 10 on, evenly spread in their logarithms, 4,000 among them."""
    case = huber_case()
    spread = 10 * np.unique(np.geomspace(1, longest // 10, 60).round().astype(int))
    steps = np.unique([*spread, min(HUBER_STEPS, longest // 10 * 10)])
    at = tuple(int(T) for T in steps)
    found = simulate(
        scenario_of(case.landscape), case.arms, at[-1], 1,
        keep=Keep(lr_mean=False, loss_at=at, average=at), start=case.start,
    )  # fmt: skip
    assert found.loss is not None
    assert found.mean_loss is not None
    assert found.loss_of_mean is not None
    return HuberCurve(
        steps, found.loss_of_mean[0, :, 0], found.mean_loss[0, :, 0], found.loss[0, :, 0],
        case.setting,
    )  # fmt: skip


def explosion(seed: int = 0, threads: int | None = None) -> list[Explosion]:
    """P6 while so many lanes still show its mean: later it is made by lanes too rare to be met."""
    (case,) = cases("P6")
    found = simulate(
        scenario_of(case.landscape), case.arms, max(EXPLOSION_STEPS), EXPLOSION_LANES,
        seed=seed, keep=Keep(lr_mean=False, loss_at=EXPLOSION_STEPS), threads=threads,
    )  # fmt: skip
    assert found.loss is not None
    return [
        Explosion(
            steps, Mean.of(losses), float(np.median(losses)),
            float(closed_forms.exploding_mean(steps)),
        )
        for steps, losses in zip(EXPLOSION_STEPS, found.loss[0], strict=True)
    ]  # fmt: skip


@dataclass(frozen=True)
class Study:
    """All that `lab convergence` shows."""

    request: Convergence
    outcome: Outcome
    biases: list[Bias]
    huber: HuberCurve
    explosions: list[Explosion]


def run_study(
    request: Convergence, threads: int | None = None, progress: Progress = lambda text: None
) -> Study:
    """Say how long it will take, then run."""
    seconds = estimate_seconds(request, threads)
    progress(f"{request.seeds:,} seeds, {request.steps:,} steps: about {seconds:.0f} s")
    outcome = run_convergence(request, threads, progress)
    progress("P3 over F and the rates")
    return Study(
        request, outcome, bias_curves(request, threads), huber_curve(request.checkpoints[-1]),
        explosion(request.seed, threads),
    )  # fmt: skip


def bias_curves(request: Convergence, threads: int | None = None) -> list[Bias]:
    """P3 for every F and largest rate."""
    lanes, steps = min(request.seeds, BIAS_LANES), request.checkpoints[-1]
    return [
        bias(F, rate, steps, lanes, request.seed, threads)
        for rate in BIAS_RATES
        for F in BIAS_FACTORS
    ]


def estimate_seconds(request: Convergence, threads: int | None = None) -> float:
    """Wall time of `run_study`, from a small run of each part."""
    few = replace(request, seeds=min(request.seeds, 2 * BLOCK), steps=min(request.steps, 1000))
    scale = request.steps / few.steps
    seconds = 0.0
    for part, seeds in ((run_convergence, request.seeds), (bias_curves, few.seeds)):
        part(replace(few, steps=10), threads)  # compiles
        begun = time.perf_counter()
        part(few, threads)
        seconds += (time.perf_counter() - begun) * scale * seeds / few.seeds
    return seconds
