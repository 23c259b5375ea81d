"""Series step by step, for `lab trace` and `lab replay`."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from experiments.trace import Trace
from reports.numbers import json_number


def trace_document(lane: Trace) -> dict[str, Any]:
    """The JSON of `lab trace`: T entries of each series and one `final`."""
    return {
        "step": list(range(len(lane.loss))),
        "loss": _numbers(lane.loss),
        "observed": _numbers(lane.observed),
        "term": _numbers(lane.term),
        "lr": _numbers(lane.lr),
        "x": [_numbers(x) for x in lane.x],
        "final": json_number(lane.final),
    }


def trace_table(lane: Trace) -> str:
    """A line a step, tab-separated, numbers in full precision."""
    out = io.StringIO()
    names = [f"x{i}" for i in range(lane.x.shape[1])]
    print("step", "loss", "observed", "term", "lr", *names, sep="\t", file=out)
    for t in range(len(lane.loss)):
        row = [lane.loss[t], lane.observed[t], lane.term[t], lane.lr[t], *lane.x[t]]
        print(t, *(_written(value) for value in row), sep="\t", file=out)
    print(f"final\t{_written(lane.final)}", end="", file=out)
    return out.getvalue()


def replay_document(schedule: str, rates: np.ndarray) -> dict[str, Any]:
    """The JSON of `lab replay`: lr[i] is the rate after loss i was seen."""
    return {"schedule": schedule, "lr": _numbers(rates)}


def replay_table(losses: np.ndarray, rates: np.ndarray) -> str:
    """A line a loss, tab-separated, numbers in full precision."""
    lines = ["step\tloss\tlr"]
    for i, (loss, lr) in enumerate(zip(losses, rates, strict=True)):
        lines.append(f"{i}\t{_written(loss)}\t{_written(lr)}")
    return "\n".join(lines)


def _numbers(values: np.ndarray) -> list[Any]:
    return [json_number(float(value)) for value in values]


def _written(value: float) -> str:
    return repr(float(value))
