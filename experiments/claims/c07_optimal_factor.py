"""C7: theorem A.2, the optimal factor is F = 1 - 1/L_max."""

from __future__ import annotations

from experiments.claim import AS_PUBLISHED, Arm, Claim, Effect, all_of
from experiments.evidence import Evidence
from experiments.f_cells import make_optimal_f
from experiments.optimal_f import CellResult, run_cells
from lab.statistics.interval import Interval
from lab.statistics.verdict import Direction, decide

#: Decades of score that F = 1 - 1/L may lie behind the best F.
THRESHOLD = 0.1
LIPSCHITZ = (2.0, 5.0, 10.0, 50.0, 100.0, 1000.0)
STEPS = 1000


def evaluate(evidence: Evidence) -> list[Arm]:
    """With an initial rate in proportion to 1/L, and with a fixed one; then under noise."""
    return [
        _arm(evidence, "scaled:0.1", 0.0, "lr_0 = 0.1 / L"),
        _arm(evidence, "fixed:0.01", 0.0, "lr_0 = 0.01"),
        _arm(evidence, "scaled:0.1", 0.1, "lr_0 = 0.1 / L, noisy"),
    ]


def _arm(evidence: Evidence, base_lr: str, strength: float, name: str) -> Arm:
    request = make_optimal_f(
        dim=1, strength=strength, steps=STEPS, base_lr=base_lr, lipschitz=LIPSCHITZ,
        seeds=evidence.seeds,
    )  # fmt: skip
    cells = run_cells(request, evidence.threads)
    effects = tuple(_effect(cell, evidence.seeds) for cell in cells)
    best = ", ".join(f"L {cell.cell.L:g}: {cell.best:g} (1 - 1/L {cell.paper:g})" for cell in cells)
    hits = sum(cell.hits for cell in cells)
    measured = (
        f"best F by L: {best}; 1 - 1/L lies in the interval of the best F for {hits} of"
        f" {len(cells)} L"
    )
    return Arm(AS_PUBLISHED, name, all_of(effects), measured, effects)


def _effect(cell: CellResult, seeds: int) -> Effect:
    """Regret of F = 1 - 1/L in decades, with its interval."""
    ends = cell.regret_interval or (None, None)
    interval = Interval(cell.regret, ends[0], ends[1], seeds)
    label = f"regret in decades at L = {cell.cell.L:g}"
    return Effect(label, interval, decide(interval, THRESHOLD, Direction.BELOW))


CLAIM = Claim(
    id="C7",
    title="the optimal factor is 1 - 1/L_max",
    statement="Theorem A.2: the optimal scaling factor is F = 1 - 1/L_max.",
    paper="derived, not measured",
    measure="regret of F = 1 - 1/L against the best F of 29: decades of the final loss relative to"
    " the first",
    design=f"Algorithm 1 on f = L x^2 / 2, x_0 ~ N(0, 1), T = {STEPS:,}, no clamps, L from 2 to"
    " 1,000; initial rates in proportion to 1/L, and fixed",
    rule=f"supported: for every L the 95 % interval of the regret lies below {THRESHOLD:g} decades;"
    " not supported: for one it lies above; otherwise inconclusive",
    evaluate=evaluate,
    limits="1 - 1/L subtracts a number with a unit from a pure one. Rescaling f by c and the rate"
    " by 1/c changes no decision (bit for bit for powers of two), so no best F can depend on L"
    " alone.",
)
