"""Convergence of SGD under Algorithm 1 as text and JSON.

The JSON document of `lab convergence --json`:

    {"schema": 1, "seeds", "steps", "seed", "rows": [
      {"problem", "variant", "F", "T", "average_iterate", "average_iterate_half_width",
       "averaged_loss", "averaged_loss_half_width", "last_iterate", "last_iterate_half_width",
       "bound_a", "bound_b", "bound_reconstructed"}],
     "slopes": [{"problem", "variant", "F", "quantity", "from", "to", "slope", "ci"}],
     "sample_bias": [{"F", "rate", "expected", "algorithm_1", "algorithm_1_half_width", "lagged",
                      "lagged_half_width", "bound_a"}],
     "explosion": [{"T", "mean", "half_width", "median", "expected"}], "out"}

P1, P2, P5 have [a, b] = [0.05, 0.5] / L_max; P3 b = 0.001 and a = F b (constant: a = b); P4
[0.0009, 0.001]; P6 the rate 1/2. Gaps to f*, means over the seeds, half widths at 95 %. The bounds
of a row are those of its problem, whatever the variant: A is proved for rates that are fixed before
the term is drawn (lagged, constant, and P4, which has one term), B for all, both for convex terms
only (not P6).
`bound_reconstructed` is the leading term of the paper's bound. An infinite bound is "inf".
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from experiments.convergence.run import QUANTITIES, Row, Slope
from experiments.convergence.theory import Bias, Explosion, Study
from lab.store.tables import Optional, Repeated
from reports.convergence import figures
from reports.convergence import text as convergence_text
from reports.numbers import json_ends, json_number


def text(study: Study) -> str:
    """Tables, and in words what theory says and what is seen."""
    return convergence_text.text(study)


def document(study: Study, out: str) -> dict[str, Any]:
    """The JSON document; the module's docstring shows its shape."""
    request = study.request
    return {
        "schema": 1,
        "seeds": request.seeds,
        "steps": request.steps,
        "seed": request.seed,
        "rows": [_row(row) for row in study.outcome.rows],
        "slopes": [_slope(slope) for slope in study.outcome.slopes],
        "sample_bias": [_bias_row(row) for row in study.biases],
        "explosion": [_explosion_row(row) for row in study.explosions],
        "out": out,
    }


def tables(study: Study) -> Mapping[str, Mapping[str, Any]]:
    """`rows/`: the rows of the JSON document."""
    rows = [_row(row) for row in study.outcome.rows]
    words = ("problem", "variant")
    numbers = [name for name in rows[0] if name not in words]
    found: dict[str, Any] = {name: Repeated([(row[name], 1) for row in rows]) for name in words}
    for name in numbers:
        values = [np.nan if row[name] is None else float(row[name]) for row in rows]
        found[name] = Optional(np.array(values))
    return {"rows/convergence.parquet": found}


def draw(study: Study, directory: Path) -> list[Path]:
    """The three gaps against their bounds, P3's bias, P4's ratios."""
    return figures.draw(study, directory)


def _row(row: Row) -> dict[str, Any]:
    gaps = {}
    for quantity, half_width in zip(QUANTITIES, row.half_widths, strict=True):
        gaps[quantity] = json_number(getattr(row, quantity))
        gaps[f"{quantity}_half_width"] = json_number(half_width)
    return {
        "problem": row.problem,
        "variant": row.variant,
        "F": row.F,
        "T": row.steps,
        **gaps,
        "bound_a": json_number(row.setting.bound_a(row.steps)),
        "bound_b": json_number(row.setting.bound_b(row.steps)),
        "bound_reconstructed": json_number(row.setting.bound_reconstructed(row.steps)),
    }


def _slope(slope: Slope) -> dict[str, Any]:
    return {
        "problem": slope.problem,
        "variant": slope.variant,
        "F": slope.F,
        "quantity": slope.quantity,
        "from": slope.first,
        "to": slope.last,
        "slope": json_number(slope.slope.estimate),
        "ci": json_ends(slope.slope),
    }


def _bias_row(row: Bias) -> dict[str, Any]:
    return {
        "F": row.F,
        "rate": row.rate,
        "expected": row.expected,
        "algorithm_1": row.algorithm_1.value,
        "algorithm_1_half_width": row.algorithm_1.half_width,
        "lagged": row.lagged.value,
        "lagged_half_width": row.lagged.half_width,
        "bound_a": row.bound_a,
    }


def _explosion_row(row: Explosion) -> dict[str, Any]:
    return {
        "T": row.steps,
        "mean": row.mean.value,
        "half_width": row.mean.half_width,
        "median": row.median,
        "expected": row.expected,
    }
