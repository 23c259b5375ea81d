"""The whole of `lab optimal-f`: the cells, and for the whole grid theory and stability beside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from experiments.optimal_f.cells import OptimalF
from experiments.optimal_f.run import CellResult, estimate_seconds, run_cells
from experiments.optimal_f.stability import SEEDS, Stability, run_stability, standing
from experiments.optimal_f.theory import Theory, run_theory

#: Seconds that theory, and stability on one landscape, take on two cores.
THEORY_SECONDS, STABILITY_SECONDS = 5.0, 0.25


@dataclass(frozen=True)
class Outcome:
    """Cells in the order of the request; theory and stability are None for a single cell."""

    request: OptimalF
    cells: list[CellResult]
    theory: Theory | None
    stability: list[Stability] | None


def run_optimal_f(
    request: OptimalF,
    threads: int | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> Outcome:
    """Say how long it will take, then run."""
    seconds = estimate_seconds(request, threads)
    if request.whole:
        seconds += THEORY_SECONDS + STABILITY_SECONDS * len(standing())
    progress(f"{len(request.cells)} cells, {request.seeds:,} seeds: about {seconds:.0f} s")
    cells = run_cells(request, threads, progress)
    if not request.whole:
        return Outcome(request, cells, None, None)
    progress("closed forms")
    theory = run_theory(request.seeds, request.seed, threads)
    few = min(request.seeds, SEEDS)
    return Outcome(request, cells, theory, run_stability(few, request.seed, threads, progress))
