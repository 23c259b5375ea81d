"""What the page's script needs of all cells: identity, numbers, bands, rates, samples."""

from __future__ import annotations

from typing import Any

import numpy as np

from lab.component import OpenLoop
from lab.errors import LabError
from lab.schedules import SCHEDULES
from reports.labels import short
from reports.page import commands, pack
from reports.page.collect import SCENARIO, Results
from reports.page.streams import Bands, read_bands, read_samples

#: Steps of a rate table that a page shows at most.
TABLE_STEPS = 256


def panel(results: Results) -> dict[str, Any]:
    """All cells as plain JSON, arrays packed as in `reports.page.pack`.

    axes: what scenarios differ in or agree on, each cell's value by its number in `values`. A
    scenario is a number for each cell, equal for cells that are compared with each other.
    """
    cells = results.cells
    bands, samples = read_bands(results), read_samples(results)
    return {
        "count": len(cells["cell"]),
        "first": results.first,
        "command": "" if results.scenario.max() else results.command,
        "seed": _seed(results),
        "options": commands.options(results),
        "axes": [_axis(results, name) for name in SCENARIO],
        "scenario": pack.whole(results.scenario),
        "schedule": pack.whole(_codes(cells["schedule"], results.schedules)),
        "reference": pack.whole(cells["reference"] + 1),
        "inert": pack.whole(cells["inert"].astype(int)),
        "seeds": pack.whole(cells["seeds"].astype(int)),
        "measures": sorted(set(cells["measure"])),
        "measure": pack.whole(_codes(cells["measure"], sorted(set(cells["measure"])))),
        "numbers": {name: pack.numbers(cells[key]) for name, key in NUMBERS.items()},
        "bands": None if bands is None else _bands(results, bands),
        "samples": {
            "levels": samples.levels.tolist(),
            "whole": samples.whole,
            **pack.series(samples.values),
        },
    }


#: Numbers of a cell that the page shows, by the names it has for them.
NUMBERS = {
    "p10": "final_p10", "p50": "final_p50", "p90": "final_p90",
    "ratio": "ratio", "low": "ratio_low", "high": "ratio_high",
    "better": "better", "diverged": "diverged", "effect": "noise_effect",
    "recovered": "recovery", "recovery": "recovery_p50",
}  # fmt: skip


def _seed(results: Results) -> str:
    """The study's seed as text: it may have more digits than the page's numbers."""
    request = results.manifest.get("request")
    return str(request.get("seed", 0)) if isinstance(request, dict) else "0"


def _axis(results: Results, name: str) -> dict[str, Any]:
    column = results.cells[name]
    values = list(dict.fromkeys(column.tolist()))
    word = isinstance(SCENARIO[name], str)
    if not word:
        values.sort()
    texts = [str(value) if word else _number(value) for value in values]
    labels = short(texts) if word else {text: f"{float(text):g}" for text in texts}
    return {
        "name": name,
        "word": word,
        "values": texts if word else values,
        "labels": [labels[text] for text in texts],
        "spelled": [results.spelled(text) for text in texts],
        "codes": pack.whole(_codes(column, values)),
    }


def _number(value: float) -> str:
    """A number as a command line takes it: in full, and whole ones without a point."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _codes(column: np.ndarray, values: list[Any]) -> np.ndarray:
    number = {value: i for i, value in enumerate(values)}
    return np.array([number[value] for value in column.tolist()], dtype=np.int64)


def _bands(results: Results, bands: Bands) -> dict[str, Any]:
    tables, table = _tables(results)
    grids = sorted(bands.grids)
    grid = [grids.index(steps) for steps in results.cells["steps"].astype(int)]
    return {
        "grids": [bands.grids[steps].tolist() for steps in grids],
        "grid": pack.whole(np.array(grid)),
        "there": pack.whole((~np.isnan(bands.values).all(axis=(1, 2))).astype(int)),
        "values": pack.series(bands.values),
        "rates": pack.series(bands.rates),
        "tables": tables,
        "table": pack.whole(table),
    }


def _tables(results: Results) -> tuple[list[dict[str, Any]], np.ndarray]:
    """Rates of open-loop schedules at all steps, and for each cell its table from 1, or 0.

    Few log-spaced steps would lose what restarts do; a table is the same in all cells that share
    schedule, rate and number of steps.
    """
    cells = results.cells
    tables: list[dict[str, Any]] = []
    known: dict[tuple[str, float, int], int] = {}
    found = np.zeros(len(cells["cell"]), dtype=np.int64)
    keys = zip(cells["schedule"], cells["lr"], cells["steps"].astype(int), strict=True)
    for i, key in enumerate(keys):
        if key not in known:
            table = rate_table(results.full("schedule", key[0]), *key[1:])
            tables += [] if table is None else [table]
            known[key] = 0 if table is None else len(tables)
        found[i] = known[key]
    return tables, found


def rate_table(schedule: str, lr: float, steps: int) -> dict[str, Any] | None:
    """Steps and rates of an open-loop schedule; None for the others, and for unknown ones."""
    try:
        chosen = SCHEDULES.choose(schedule).at(lr, steps)
    except LabError:
        return None
    if not isinstance(chosen.component, OpenLoop) or lr <= 0.0:
        return None
    rates = chosen.component.rates(lr, steps, chosen.values)
    at = np.unique(np.linspace(0, steps - 1, TABLE_STEPS).round().astype(int))
    return {"steps": at.tolist(), "rates": [float(f"{rate:.4g}") for rate in rates[at]]}
