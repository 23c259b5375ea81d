"""The best F as text: tables, and in words what theory says and what is seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from experiments import closed_forms
from experiments.optimal_f.cells import FACTORS
from experiments.optimal_f.outcome import Outcome
from experiments.optimal_f.run import PLATEAU, CellResult
from experiments.optimal_f.theory import Theory
from reports.numbers import percent, significant
from reports.optimal_f import stability
from reports.text import aligned

#: Factors whose phases the text shows.
SHOWN_PHASES = (0.05, 0.15, 0.2, 0.3, 0.45, 0.5, 0.75, 0.9, 0.95, 0.99)
LEGEND = (
    "* 1 - 1/L lies in the 95 % interval of the best F, its regret may be below 0.1 decade   ="
    " several F share the lowest score, the middle one is shown   ! at the edge of the grid"
)


def text(outcome: Outcome) -> str:
    """Tables, and in words what theory says and what is seen."""
    request = outcome.request
    head = (
        "Which F is best for Algorithm 1 (greedy-simple, sgd) on jittered quadratics, and is it"
        f" 1 - 1/L? n = {request.seeds:,} paired seeds.\n"
        "Score: median over the seeds of the mean of log10(gap / gap_0) over the last 10 % of the"
        " steps, in decades; lower is better, +30 is lost."
    )
    if not request.whole:
        return "\n\n".join([head, _single(outcome.cells), _scores(outcome.cells)])
    assert outcome.theory is not None
    assert outcome.stability is not None
    parts = [head, *_blocks(outcome.cells), LEGEND, _collapse(outcome.theory)]
    parts += [_closed_forms(outcome.theory), _words(outcome)]
    return "\n\n".join([*parts, stability.text(outcome.stability)])


def best(result: CellResult) -> str:
    """The best F with its marks."""
    return f"{result.best:g}{marks(result)}"


def marks(result: CellResult) -> str:
    """The marks of `LEGEND`."""
    return "*" * result.hits + "=" * (result.tied > 1) + "!" * result.at_edge


def ends(interval: Sequence[float] | None) -> str:
    """`[low, high]`."""
    return "" if interval is None else f" [{interval[0]:.3g}, {interval[1]:.3g}]"


def _single(cells: list[CellResult]) -> str:
    """A line an L: best F, plateau, the theorem's F and what it costs."""
    cell = cells[0].cell
    header = [
        "L", "lr_0 L", "best F [95 %]", f"within {PLATEAU:g} decade", "score", "diverged",
        "1 - 1/L", "its regret, decades [95 %]",
    ]  # fmt: skip
    rows = [
        [
            f"{r.cell.L:g}",
            f"{r.cell.u:.3g}",
            f"{best(r)}{ends(r.best_interval)}",
            _plateau(r.plateau),
            f"{r.score.min():.2f}",
            percent(float(r.diverged[FACTORS.index(r.best)])),
            f"{r.paper:.4g}",
            "no factor" if r.regret is None else f"{r.regret:.3g}{ends(r.regret_interval)}",
        ]
        for r in cells
    ]
    title = (
        f"d = {cell.dim}, condition {cell.condition:g}, s = {cell.strength:g}, T = {cell.steps},"
        f" initial rate {cell.rate.text} (times 10^U, U on -1/2 .. 1/2), clamp {cell.clamp.text}"
    )
    return f"{title}\n{aligned([header, *rows])}\n{LEGEND}"


def _plateau(factors: Sequence[float]) -> str:
    """The factors of a plateau: all, or its ends and how many there are."""
    if len(factors) <= 3:
        return " ".join(f"{F:g}" for F in factors)
    if len(factors) == len(FACTORS):
        return "every F"
    return f"{len(factors)} F, {factors[0]:g} to {factors[-1]:g}"


def _scores(cells: list[CellResult]) -> str:
    """Scores of every F and L."""
    header = ["F", *(f"L = {r.cell.L:g}" for r in cells)]
    rows = [
        [f"{F:g}", *(f"{r.score[i]:.2f}{_mark(r, F)}" for r in cells)]
        for i, F in enumerate(FACTORS)
    ]
    note = "< best   ~ within 0.1 decade of it   p 1 - 1/L"
    return f"Scores\n{aligned([header, *rows])}\n{note}"


def _mark(result: CellResult, F: float) -> str:
    near = "<" if result.best == F else "~" if F in result.plateau else " "
    return near + ("p" if result.paper == F else " ")


def _blocks(cells: list[CellResult]) -> list[str]:
    """Two tables for each dimension, jitter and length: the best F, and the regret of 1 - 1/L."""
    groups: dict[tuple, list[CellResult]] = {}
    for r in cells:
        groups.setdefault((r.cell.dim, r.cell.strength, r.cell.steps), []).append(r)
    blocks = []
    for (dim, strength, steps), found in groups.items():
        title = f"d = {dim}, s = {strength:g}, T = {steps}"
        regret = _table(found, lambda r: "" if r.regret is None else f"{r.regret:.2f}")
        blocks.append(f"{title}: best F\n{_table(found, _padded)}")
        blocks.append(f"{title}: regret of F = 1 - 1/L, decades\n{regret}")
    return blocks


def _padded(result: CellResult) -> str:
    """The best F with room for two marks, so that the numbers stand below one another."""
    return f"{result.best:g}{marks(result):<2}"


def _table(found: list[CellResult], show: Callable[[CellResult], str]) -> str:
    """Initial rates and clamps down, L across."""
    lipschitz = list(dict.fromkeys(r.cell.L for r in found))
    rows: dict[tuple[str, str], dict[float, str]] = {}
    for r in found:
        rows.setdefault((r.cell.rate.text, r.cell.clamp.text), {})[r.cell.L] = show(r)
    header = ["lr_0", "clamp", *(f"L={L:g}" for L in lipschitz)]
    body = [[*names, *(values[L] for L in lipschitz)] for names, values in rows.items()]
    return aligned([header, *body], left=2)


def _collapse(theory: Theory) -> str:
    """The best F by lr_0 L, whatever lr_0 and L are."""
    header = ["lr_0 L", "lr_0", "L", "best F [95 %]", "(lr_0 L/2)^(1/T)", "1 - 1/L"]
    found = [r for results in theory.collapse.values() for r in results]
    rows = [
        [
            f"{r.cell.u:g}",
            f"{r.cell.rate.value:g}",
            f"{r.cell.L:g}",
            f"{r.best:g}{ends(r.best_interval)}",
            _swept(r),
            f"{r.paper:.4g}",
        ]
        for r in sorted(found, key=lambda r: (round(r.cell.u, 9), r.cell.L))
    ]
    title = "The best F is a function of lr_0 L (d = 1, s = 0, T = 100, no clamps)"
    return f"{title}\n{aligned([header, *rows], left=0)}"


def _swept(result: CellResult) -> str:
    factor = closed_forms.sweep_factor(result.cell.u, result.cell.steps)
    return f"{factor:.3f}" if factor < 1.0 else "-"


def _closed_forms(theory: Theory) -> str:
    """Phases, scale invariance, decisions."""
    header = ["F", "r(F)", "simulated", "s.e.", "diverging phases", "simulated"]
    rows = [
        [
            f"{row.F:g}",
            significant(row.expected),
            significant(row.simulated),
            f"{row.standard_error:.1e}",
            percent(row.diverging_expected),
            percent(row.diverging),
        ]
        for row in theory.phases
        if row.F in SHOWN_PHASES
    ]
    walk = theory.walk
    lines = [
        "Growth of ln|x| a step, noiseless and without clamps, mean over the phases\n"
        + aligned([header, *rows]),
        "Scale invariance, f -> c f with lr -> lr/c (d = 10, s = 0.1): "
        + "; ".join(
            f"c = {row.scale:g}: {row.different:,} of {row.numbers:,} numbers differ, decisions"
            f" {percent(row.decisions)}"
            for row in theory.invariance
        ),
        f"On a noise floor (F = {walk.F:g}, {walk.steps} steps) {percent(walk.decreases)} of all"
        f" decisions are decreases, and the variance of ln lr is {walk.variance_ratio:.2f} times"
        " T (ln F)^2 / 3.",
    ]
    return "\n\n".join(lines)


def _words(outcome: Outcome) -> str:
    """What theory says and what is seen, in plain words."""
    return "\n".join(["In words", *_sentences(outcome)])


def _sentences(outcome: Outcome) -> list[str]:
    cells = outcome.cells
    groups, same = _scaled_groups(cells)
    factor = [r for r in cells if r.regret is not None]
    alone = [r for r in factor if r.tied == 1]
    hits = sum(r.hits for r in alone)
    near = sum(r.regret is not None and r.regret <= PLATEAU for r in alone)
    regrets = np.array([r.regret for r in alone])
    phases = outcome.theory.phases if outcome.theory is not None else []
    agree = sum(abs(row.simulated - row.expected) <= 2.0 * row.standard_error for row in phases)
    climbing = [
        r for r in cells
        if (r.cell.dim, r.cell.strength, r.cell.steps) == (1, 0.0, 100)
        and (r.cell.rate.text, r.cell.clamp.text) == ("fixed:0.01", "none")
    ]  # fmt: skip
    climb = ", ".join(f"{r.best:g}" for r in climbing)
    hit = ", ".join(f"{r.cell.L:g}" for r in climbing if r.hits) or "no L"
    return [
        "- F = 1 - 1/L takes a number with a unit (that of lr) from one without, and is no factor"
        " for L <= 1. The contraction of its proof, (1 - lr F L)^2, is smallest at F = 1/(lr L).",
        "- Theory: f -> c f with lr -> lr/c changes no comparison of losses and so no decision;"
        " the best F is a function of lr_0 L, clamps L, T, noise and spectrum, never of L alone.",
        f"- Seen, lr_0 = 0.1/L and clamps in units of 1/L: of {groups} combinations of d, s, T and"
        f" clamp, in {same} the best F is the same at all {_lipschitz(cells)} values of L.",
        f"- The trap: with lr_0 = 0.01 whatever L (d = 1, s = 0, T = 100, no clamps) the best F"
        f" climbs with L: {climb} at L = {', '.join(f'{r.cell.L:g}' for r in climbing)}; 1 - 1/L"
        f" lies in its interval at L = {hit}. It climbs because lr_0 L does:"
        " (lr_0 L/2)^(1/T) says where to, and for another lr_0 it is somewhere else.",
        f"- F = 1 - 1/L is a factor in {len(factor)} of {len(cells)} cells (L > 1), and one F is"
        f" best alone in {len(alone)} of them. There 1 - 1/L lies in the 95 % interval of the best"
        f" F in {percent(hits / len(alone))} and within {PLATEAU:g} decade of the best score in"
        f" {percent(near / len(alone))}; its regret has the median {np.median(regrets):.2g} and the"
        f" largest value {regrets.max():.3g} decades.",
        f"- In the other {len(factor) - len(alone)} several F share the lowest score (=), so that"
        " the data name no best: the median lane is at the minimum to rounding (below 1e-250 of"
        " its start), or the clamps leave F nothing to do.",
        f"- The closed form r(F) lies within two standard errors of the simulated growth at {agree}"
        f" of {len(phases)} F. Without noise and clamps about half of the phases diverge at any F"
        " near 1; lr_0 L decides which.",
    ]


def _scaled_groups(cells: list[CellResult]) -> tuple[int, int]:
    """How many sets of cells differ in nothing that theory lets matter; in how many F agrees."""
    groups: dict[tuple, set[float]] = {}
    for r in cells:
        if r.cell.rate.scaled and not r.cell.clamp.text.startswith("fixed:"):
            key = (r.cell.dim, r.cell.strength, r.cell.steps, r.cell.clamp.text)
            groups.setdefault(key, set()).add(r.best)
    return len(groups), sum(len(found) == 1 for found in groups.values())


def _lipschitz(cells: list[CellResult]) -> int:
    return len({r.cell.L for r in cells})
