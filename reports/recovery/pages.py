"""Recovery from perturbations as text, JSON and figures.

The JSON document of `lab recovery --json`:

    {"schema": 1, "factor", "hold", "tuned", "cells": [
      {"landscape", "noise", "channel", "strength", "optimizer", "lr", "steps", "seeds",
       "event", "kind", "at", "horizon", "schedules": [
         {"schedule", "lr", "n", "excluded", "diverged", "twin", "recovered", "unaffected",
          "median": {"steps", "ci"}, "mean": {"steps", "ci"},
          "curve": {"step": [...], "waiting": [...], "low": [...], "high": [...]},
          "against": {"reference", "difference", "ci", "n", "p", "log_rank_z", "log_rank_p"}}]}],
     "published": {"landscapes", "strength", "seeds",
       "clean": [{"schedule", "ratio": {"median", "ci", "best"}, "start_is_largest", "n",
                  "undefined"}],
       "channels": [{"noise", "channel", "schedule", "same", "ratio", "start_is_largest", "n",
                     "undefined", "episodes": {"closed", "open", "median", "mean", "one"},
                     "quiet_episodes": {...}}]},
     "out"}

Times are steps from the event; n are lanes at risk (in `against`: pairs); `twin` is the twins'
median loss at the event; `waiting` the Kaplan-Meier share not yet recovered from each step on (1
before the first). p-values are Holm-corrected over the document; the log-rank test is unpaired.
`against` is null for the reference, what is undefined is null, infinity is "inf".
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from experiments.recovery.run import LEVEL, ArmRecovery, EventResult, Recovery
from lab.statistics.interval import Interval
from lab.statistics.survival import SurvivalCurve
from lab.store.tables import Repeated
from reports.numbers import (
    json_ends,
    json_number,
    p_value,
    percent,
    significant,
    with_interval,
)
from reports.recovery import figures
from reports.recovery import published as published_recovery
from reports.scenario import heading, identity, inert_note, names
from reports.text import aligned


def text(result: Recovery) -> str:
    """Every scenario's table, the count of differences, and the published measures."""
    grid = result.grid
    parts = [
        f"Recovery: the first step from which the loss stays within {grid.factor:g} times that of"
        f" the unperturbed twin for {grid.hold} losses in a row.\n"
        "Steps are counted from the event; each lane is judged against its own twin (same seed,"
        " same draws, same schedule)."
    ]
    if grid.tuned:
        parts[0] += "\nEach schedule runs at the rate tuned for it on other seeds, without events."
    for request in grid.requests:
        found = [r for r in result.results if r.request is request]
        parts.append(f"{heading(request)}\n{_table(found)}{inert_note(request)}{_notes(found)}")
    parts.append(_verdicts(result))
    if result.published is not None:
        parts.append(published_recovery.text(result.published))
    return "\n\n".join(parts)


def document(result: Recovery, out: str) -> dict[str, Any]:
    """The JSON document; the module's docstring shows its shape."""
    published = result.published
    return {
        "schema": 1,
        "factor": result.grid.factor,
        "hold": result.grid.hold,
        "tuned": result.grid.tuned,
        "cells": [_cell(found) for found in result.results],
        "published": None if published is None else published_recovery.document(published),
        "out": out,
    }


def tables(result: Recovery) -> Mapping[str, Mapping[str, Any]]:
    """`runs/`: a row a lane of every schedule and event, a file a scenario.

    time: steps from the event, -1 where there was no recovery within the horizon; excluded,
    diverged: as in `experiments.recovery.times`.
    """
    return {
        f"runs/{number:05d}.parquet": _lanes([r for r in result.results if r.request is request])
        for number, request in enumerate(result.grid.requests)
    }


def draw(result: Recovery, directory: Path) -> list[Path]:
    """Kaplan-Meier curves of every scenario, differences from greedy, the published measures."""
    return figures.draw(result, directory)


def _table(results: list[EventResult]) -> str:
    reference = results[0].request.written[results[0].request.reference]
    rows = [
        [
            "schedule", "lr", "twin's loss", "back at once", "recovered", "median [95 %]",
            "restricted mean [95 %]", f"less {reference} [95 %]", "p", "log-rank p",
        ]
    ]  # fmt: skip
    for found in results:
        for name, arm in zip(names(found.request), found.arms, strict=True):
            rows.append([name, *_cells(arm, found.horizon, arm.written == reference)])
    lines = aligned(rows).split("\n")
    # From the last event up: two lines of header, then as many as there are schedules.
    for number, found in reversed(list(enumerate(results))):
        title = f"{found.event.text}   (horizon {found.horizon} steps)"
        lines.insert(2 + number * len(found.arms), title)
    return "\n".join(lines)


def _cells(arm: ArmRecovery, horizon: int, reference: bool) -> list[str]:
    against = arm.against
    return [
        f"{arm.lr:.3g}",
        significant(arm.twin),
        *("-" if share is None else percent(share) for share in (arm.unaffected, arm.recovered)),
        steps(arm.median, horizon),
        steps(arm.mean, horizon),
        with_interval(against.difference) if against else "reference" if reference else "-",
        p_value(against.p_difference) if against else "",
        p_value(against.p_log_rank) if against else "",
    ]


def steps(interval: Interval | None, horizon: int) -> str:
    """A time with its interval; what lies beyond the horizon is said so."""
    if interval is None or interval.estimate is None:
        return "-"
    parts = [interval.estimate, interval.low, interval.high]
    shown = [f">{horizon}" if part is None or np.isinf(part) else f"{part:.3g}" for part in parts]
    if interval.low is None or shown[1] == f">{horizon}":
        return shown[0]
    return f"{shown[0]} [{shown[1]}, {shown[2]}]"


def _notes(results: list[EventResult]) -> str:
    """The lanes that were left out or lost."""
    lines = []
    for found in results:
        for arm in found.arms:
            if arm.excluded:
                lines.append(
                    f"{found.event.text}, {arm.written}: {arm.excluded:,} lanes excluded, their"
                    " twin diverges"
                )
            if arm.diverged:
                lines.append(
                    f"{found.event.text}, {arm.written}: {arm.diverged:,} lanes diverged after the"
                    " event and stay at risk to the horizon"
                )
    return "".join(f"\n{line}" for line in lines)


def _verdicts(result: Recovery) -> str:
    """How often each schedule recovers sooner and later than the reference."""
    reference = result.grid.first.written[result.grid.first.reference]
    rows = [["schedule", f"sooner than {reference}", "later", "not told apart", "comparisons"]]
    for arm, written in enumerate(result.grid.first.written):
        tests = [found.arms[arm].against for found in result.results]
        signs = [test.sign for test in tests if test is not None]
        if signs:
            counts = [signs.count(sign) for sign in (-1, 1, 0)]
            rows.append([written, *(f"{count}" for count in counts), f"{len(signs)}"])
    if len(rows) == 1:
        return f"{reference} has nothing to be compared with."
    return (
        f"Restricted mean recovery times against {reference}: differences at the {100 * LEVEL:g} %"
        " level, paired t-tests, Holm-corrected over all of them\n"
        f"{aligned(rows)}\n"
        "p: of that test. log-rank p: unpaired, Holm-corrected over all log-rank tests. A schedule"
        " that has come less far by the event\n(twin's loss) has less to lose: its twin is easily"
        " met again."
    )


def _cell(found: EventResult) -> dict[str, Any]:
    return {
        **identity(found.request),
        "event": found.event.text,
        "kind": found.event.component.name,
        "at": found.event.values["at"],
        "horizon": found.horizon,
        "schedules": [_arm(arm) for arm in found.arms],
    }


def _arm(arm: ArmRecovery) -> dict[str, Any]:
    against = arm.against
    return {
        "schedule": arm.written,
        "lr": arm.lr,
        "n": arm.n,
        "excluded": arm.excluded,
        "diverged": arm.diverged,
        "twin": json_number(arm.twin),
        "recovered": arm.recovered,
        "unaffected": arm.unaffected,
        "median": _steps(arm.median),
        "mean": _steps(arm.mean),
        "curve": _curve(arm.curve),
        "against": None
        if against is None
        else {
            "reference": against.reference,
            "difference": json_number(against.difference.estimate),
            "ci": json_ends(against.difference),
            "n": against.difference.n,
            "p": against.p_difference,
            "log_rank_z": against.log_rank.statistic,
            "log_rank_p": against.p_log_rank,
        },
    }


def _steps(interval: Interval | None) -> dict[str, Any]:
    estimate = None if interval is None else interval.estimate
    return {"steps": json_number(estimate), "ci": json_ends(interval)}


def _curve(curve: SurvivalCurve | None) -> dict[str, Any] | None:
    if curve is None:
        return None
    parts = {"step": curve.time, "waiting": curve.survival, "low": curve.low, "high": curve.high}
    return {name: values.tolist() for name, values in parts.items()}


def _lanes(results: list[EventResult]) -> dict[str, Any]:
    """A row a lane: what the scenario and event are, the schedule, and the time."""
    request = results[0].request
    arms, seeds = results[0].times.time.shape
    whole = arms * seeds * len(results)
    time = np.concatenate([found.times.time.ravel() for found in results])
    return {
        "landscape": Repeated([(request.landscape.text, whole)]),
        "optimizer": Repeated([(request.optimizer.text, whole)]),
        "strength": np.full(whole, request.strengths[0]),
        "event": Repeated([(found.event.text, arms * seeds) for found in results]),
        "horizon": np.repeat([found.horizon for found in results], arms * seeds),
        "schedule": Repeated([(name, seeds) for _ in results for name in request.written]),
        "seed": np.tile(np.arange(seeds), arms * len(results)),
        "time": np.where(np.isfinite(time), time, -1).astype(np.int32),
        **{
            name: np.concatenate([getattr(found.times, name).ravel() for found in results])
            for name in ("excluded", "diverged")
        },
    }
