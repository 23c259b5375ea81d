"""The best F as text and JSON.

The JSON document of `lab optimal-f --json`:

    {"schema": 1, "seeds", "seed", "cells": [
      {"d", "condition", "strength", "steps", "base_lr", "clamp", "L",
       "F": [...], "score": [...], "ci": [[low, high], ...], "diverged": [...],
       "f_emp", "f_emp_ci", "tied", "plateau": [...], "f_paper", "regret", "regret_ci"}],
     "theory": {"phases": [{"F", "rate", "simulated", "standard_error", "diverging",
                            "diverging_simulated"}],
                "invariance": [{"scale", "numbers", "different", "decisions"}],
                "walk": {"F", "steps", "decreases", "variance_ratio"}},
     "stability": [...], "out"}

Scores are decades: medians over the seeds of the mean of log10(gap / gap_0) over the last 10 % of
the steps. `tied` says how many F share the lowest score, `f_emp` is the middle one of them;
`regret` is null where 1 - 1/L is no factor. `theory` and `stability`
(`reports.optimal_f.stability`) are null where single cells were asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from experiments.optimal_f.cells import FACTORS
from experiments.optimal_f.outcome import Outcome
from experiments.optimal_f.run import CellResult
from experiments.optimal_f.theory import Theory
from lab.store.tables import Repeated
from reports.numbers import json_number
from reports.optimal_f import figures
from reports.optimal_f import stability as f_stability
from reports.optimal_f import text as f_text


def text(outcome: Outcome) -> str:
    """Tables, and in words what theory says and what is seen."""
    return f_text.text(outcome)


def document(outcome: Outcome, out: str) -> dict[str, Any]:
    """The JSON document; the module's docstring shows its shape."""
    stability = outcome.stability
    return {
        "schema": 1,
        "seeds": outcome.request.seeds,
        "seed": outcome.request.seed,
        "cells": [_cell(result) for result in outcome.cells],
        "theory": None if outcome.theory is None else _theory(outcome.theory),
        "stability": None if stability is None else f_stability.document(stability),
        "out": out,
    }


def tables(outcome: Outcome) -> Mapping[str, Mapping[str, Any]]:
    """`factors/`: a row a cell and F; of the whole grid also the stability of F."""
    count = len(FACTORS)
    cells = [result.cell for result in outcome.cells]
    words = {
        "base_lr": [cell.rate.text for cell in cells],
        "clamp": [cell.clamp.text for cell in cells],
    }
    numbers = {
        "d": [cell.dim for cell in cells],
        "condition": [cell.condition for cell in cells],
        "strength": [cell.strength for cell in cells],
        "steps": [cell.steps for cell in cells],
        "L": [cell.L for cell in cells],
    }
    found = {
        "factors/cells.parquet": {
            **{name: np.repeat(column, count) for name, column in numbers.items()},
            **{
                name: Repeated([(word, count) for word in column]) for name, column in words.items()
            },
            "F": np.tile(FACTORS, len(cells)),
            "score": np.concatenate([result.score for result in outcome.cells]),
            "low": np.concatenate([result.intervals[:, 0] for result in outcome.cells]),
            "high": np.concatenate([result.intervals[:, 1] for result in outcome.cells]),
            "diverged": np.concatenate([result.diverged for result in outcome.cells]),
        }
    }
    if outcome.stability is not None:
        found["factors/stability.parquet"] = f_stability.columns(outcome.stability)
    return found


def draw(outcome: Outcome, directory: Path) -> list[Path]:
    """Scores, and for the whole grid the collapse and the phases."""
    return figures.draw(outcome, directory)


def _cell(result: CellResult) -> dict[str, Any]:
    cell = result.cell
    return {
        "d": cell.dim,
        "condition": cell.condition,
        "strength": cell.strength,
        "steps": cell.steps,
        "base_lr": cell.rate.text,
        "clamp": cell.clamp.text,
        "L": cell.L,
        "F": list(FACTORS),
        "score": [float(score) for score in result.score],
        "ci": [[json_number(float(end)) for end in ends] for ends in result.intervals],
        "diverged": [float(share) for share in result.diverged],
        "f_emp": result.best,
        "f_emp_ci": list(result.best_interval),
        "tied": result.tied,
        "plateau": list(result.plateau),
        "f_paper": result.paper,
        "regret": result.regret,
        "regret_ci": None if result.regret_interval is None else list(result.regret_interval),
    }


def _theory(theory: Theory) -> dict[str, Any]:
    return {
        "phases": [
            {
                "F": row.F,
                "rate": row.expected,
                "simulated": row.simulated,
                "standard_error": row.standard_error,
                "diverging": row.diverging_expected,
                "diverging_simulated": row.diverging,
            }
            for row in theory.phases
        ],
        "invariance": [vars(row) for row in theory.invariance],
        "walk": vars(theory.walk),
    }
