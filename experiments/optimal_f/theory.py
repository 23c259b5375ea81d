"""Algorithm 1 beside its closed forms: phases, scale invariance, decisions, the collapse onto lr L.

All on quadratics with sgd and without clamps; `experiments.closed_forms` says what is expected.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from experiments import closed_forms
from experiments.optimal_f.cells import FACTORS, LIPSCHITZ, Cell, OptimalF, read_clamp, read_rate
from experiments.optimal_f.run import CellResult, arm_of, landscape_of, run_cells, scenario_of
from lab.simulation import Keep, Spread, Trajectories, simulate
from lab.spec import Spec

FREE = read_clamp("none")
PARABOLA = Spec("quadratic", {"dim": "1", "L": "1", "condition": "1"})
#: Steps over which a growth rate is taken: an even number, so that both rates of an orbit count.
SPAN = 20
#: Scales of the invariance check: exact for powers of two, in real numbers for all.
POWERS, OTHERS = (2.0**-10, 2.0, 1024.0), (10.0,)
#: Fixed initial rates of the collapse.
COLLAPSE_RATES = ("fixed:0.001", "fixed:0.01", "fixed:0.1")


@dataclass(frozen=True)
class Phases:
    """Growth of ln|x| a step with one F, over phases that are spread evenly.

    expected, simulated: its mean, from `closed_forms.phase_rate` and from lanes, with the standard
    error. diverging_expected, diverging: share of the phases that diverge.
    """

    F: float
    expected: float
    simulated: float
    standard_error: float
    diverging_expected: float
    diverging: float


@dataclass(frozen=True)
class PhaseMap:
    """Growth of ln|x| a step once the rate has settled, by lr_0 L (columns) and F (rows).

    edges: of the columns, lr_0 L. growth: mean of the lanes in a column, shape (factors, columns).
    """

    factors: np.ndarray
    edges: np.ndarray
    growth: np.ndarray


@dataclass(frozen=True)
class Invariance:
    """f -> c f with lr -> lr / c: how many of the numbers x_t, c lr_t and f_t / c differ.

    decisions: share of the rate's moves that differ.
    """

    scale: float
    numbers: int
    different: int
    decisions: float


@dataclass(frozen=True)
class Walk:
    """Decisions on a noise floor.

    decreases: their share. variance_ratio: the variance of ln lr after all steps over that of
    `closed_forms.walk_variance`.
    """

    F: float
    steps: int
    decreases: float
    variance_ratio: float


def phases(F: float, lanes: int = 4096, seed: int = 0) -> Phases:
    """One F: lanes start in their orbits, with ln v spread evenly over one period."""
    rates = _growth(F, 2.0 * F**-0.5, -math.log10(F), 0, lanes, seed)[0]
    return Phases(
        F,
        float(closed_forms.phase_rate(F)),
        float(rates.mean()),
        float(rates.std(ddof=1) / math.sqrt(lanes)),
        float(closed_forms.diverging_fraction(F)),
        float(np.mean(rates > 0.0)),
    )


def phase_map(
    factors: np.ndarray, low: float = 0.1, high: float = 4.0, columns: int = 160, lanes: int = 8192
) -> PhaseMap:
    """Lanes with lr_0 L spread evenly in its logarithm from `low` to `high`, for every F."""
    edges = np.geomspace(low, high, columns + 1)
    growth = np.empty((len(factors), columns))
    for row, F in enumerate(factors):
        settle = math.ceil(math.log(high / low) / -math.log(F)) + 2
        rates, u = _growth(
            float(F), math.sqrt(low * high), math.log10(high / low), settle, lanes, 0
        )
        column = np.clip(np.searchsorted(edges, u, side="right") - 1, 0, columns - 1)
        counts = np.bincount(column, minlength=columns)
        sums = np.bincount(column, weights=rates, minlength=columns)
        growth[row] = sums / np.maximum(counts, 1)
    return PhaseMap(np.asarray(factors), edges, growth)


def scale_invariance(steps: int = 300, lanes: int = 256, seed: int = 0) -> list[Invariance]:
    """The same lanes on f and on c f, for each scale c."""
    one = _scaled(1.0, steps, lanes, seed)
    return [_compare(c, one, _scaled(c, steps, lanes, seed)) for c in (*POWERS, *OTHERS)]


def walk(F: float = 0.99, steps: int = 400, lanes: int = 8192, seed: int = 0) -> Walk:
    """Lanes that start at the minimum of a jittered parabola with a rate that moves them hardly."""
    cell = Cell(1, 1.0, 1.0, steps, read_rate("fixed:1e-6"), FREE, 1.0)
    found = simulate(
        scenario_of(landscape_of(cell)), [arm_of(F, 1e-6, FREE, 1.0)], steps, lanes,
        seed=seed, keep=Keep(loss=False, lr_mean=False, lr=True), start=(0.0,),
    )  # fmt: skip
    assert found.lr is not None
    moves = np.diff(np.log(found.lr[0]), axis=0)
    variance = np.log(found.lr[0, -1]).var(ddof=1)
    expected = closed_forms.walk_variance(F, steps - 1)
    return Walk(F, steps, float(np.mean(moves < 0.0)), float(variance / expected))


def collapse(
    seeds: int = 1000, seed: int = 0, threads: int | None = None
) -> dict[str, list[CellResult]]:
    """The best F against L for three fixed initial rates; d = 1, s = 0, T = 100, no clamps."""
    rates = tuple(map(read_rate, COLLAPSE_RATES))
    request = OptimalF(((1, 1.0),), (0.0,), (100,), rates, (FREE,), LIPSCHITZ, seeds, seed, False)
    found = run_cells(request, threads)
    return {rate.text: [r for r in found if r.cell.rate == rate] for rate in rates}


def all_phases(seed: int = 0) -> list[Phases]:
    """`phases` for every F of the experiment's grid."""
    return [phases(F, seed=seed + number) for number, F in enumerate(FACTORS)]


def _growth(
    F: float, u: float, decades: float, settle: int, lanes: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Growth of ln|x| a step after `settle` steps, and lr_0 L, of lanes spread around u."""
    found = simulate(
        scenario_of(PARABOLA), [arm_of(F, u, FREE, 1.0)], settle + SPAN, lanes,
        seed=seed, spread=Spread(decades),
        keep=Keep(lr_mean=False, lr=True, loss_at=(settle, settle + SPAN)),
    )  # fmt: skip
    assert found.loss is not None
    assert found.lr is not None
    first, last = np.log(found.loss[0])
    return 0.5 * (last - first) / SPAN, found.lr[0, 0]


def _scaled(c: float, steps: int, lanes: int, seed: int) -> Trajectories:
    """Two factors on c f, d = 10, from rates around 0.1 / c."""
    cell = Cell(10, 100.0, 0.1, steps, read_rate("scaled:0.1"), FREE, c)
    return simulate(
        scenario_of(landscape_of(cell)), [arm_of(F, 0.1 / c, FREE, c) for F in (0.9, 0.99)],
        steps, lanes, seed=seed, spread=Spread(1.0), keep=Keep(lr_mean=False, lr=True, x=True),
    )  # fmt: skip


def _compare(c: float, one: Trajectories, other: Trajectories) -> Invariance:
    assert one.lr is not None
    assert other.lr is not None
    assert one.loss is not None
    assert other.loss is not None
    assert one.x is not None
    assert other.x is not None
    pairs = [(one.x, other.x), (one.lr, c * other.lr), (one.loss, other.loss / c)]
    moves = [np.sign(np.diff(run.lr, axis=1)) for run in (one, other) if run.lr is not None]
    return Invariance(
        c,
        sum(a.size for a, _ in pairs),
        sum(int(np.sum(a != b)) for a, b in pairs),
        float(np.mean(moves[0] != moves[1])),
    )


@dataclass(frozen=True)
class Theory:
    """All of the above; `collapse` by the text of the initial rate."""

    phases: list[Phases]
    map: PhaseMap
    invariance: list[Invariance]
    walk: Walk
    collapse: dict[str, list[CellResult]]


def run_theory(seeds: int, seed: int = 0, threads: int | None = None) -> Theory:
    """Every comparison with a closed form; `seeds` are those of the collapse."""
    return Theory(
        all_phases(seed),
        phase_map(np.arange(5, 96) / 100.0),
        scale_invariance(seed=seed),
        walk(seed=seed),
        collapse(seeds, seed, threads),
    )
