"""A comparison as the JSON document of `lab run --json`; its shape is a contract."""

from __future__ import annotations

from typing import Any

from experiments.comparison import ArmResult, Comparison, Paired, TunedResult
from experiments.request import Request
from experiments.rows import BAND_NAMES
from lab.component import written
from lab.spec import Spec
from lab.statistics.interval import Interval
from reports.numbers import json_number


def document(request: Request, comparisons: list[Comparison], out: str | None) -> dict[str, Any]:
    """One strength: the document itself. Several: one document a strength under `runs`."""
    parts = [_one(request, comparison, out) for comparison in comparisons]
    return parts[0] if len(parts) == 1 else {"schema": 1, "runs": parts, "out": out}


def _one(request: Request, comparison: Comparison, out: str | None) -> dict[str, Any]:
    perturbed = {"perturbations": [event.text for event in request.perturbations]}
    return {
        "schema": 1,
        "measure": request.measure,
        "landscape": request.landscape.text,
        "noise": request.noise.text,
        "channel": request.channel.component.name,
        "strength": comparison.strength,
        "optimizer": request.optimizer.text,
        "lr": request.lr,
        "steps": request.steps,
        "seeds": request.seeds,
        **(perturbed if request.perturbations else {}),
        "schedules": [
            {
                "schedule": arm.written,
                "parameters": _parameters(request, arm),
                "final": _quantiles(arm.final),
                "diverged": arm.diverged,
                "best": _quantiles(arm.best),
                "inert": arm.inert,
                "noise_effect": _ratio(arm.noise_effect),
                "paired": paired(arm.paired),
                "tuned": _tuned(arm.tuned),
            }
            for arm in comparison.arms
        ],
        "out": out,
    }


def _parameters(request: Request, arm: ArmResult) -> dict[str, Any]:
    """What the schedule ran with at the shared rate."""
    values = request.running(arm.schedule).values
    return {name: _plain(value) for name, value in values.items()}


def _quantiles(values: Any) -> dict[str, Any]:
    return {name: json_number(float(v)) for name, v in zip(BAND_NAMES, values, strict=True)}


def _ratio(interval: Interval | None) -> dict[str, Any]:
    if interval is None:
        return {"ratio": None, "ci": None}
    return {"ratio": json_number(interval.estimate), "ci": _ci(interval)}


def _ci(interval: Interval) -> list[Any] | None:
    if interval.low is None or interval.high is None:
        return None
    return [json_number(interval.low), json_number(interval.high)]


def paired(pair: Paired | None) -> dict[str, Any]:
    """One comparison with the reference; null throughout for the reference itself."""
    if pair is None:
        return {"against": None, "ratio": None, "ci": None, "probability_better": None}
    return {
        "against": pair.against,
        "ratio": json_number(pair.ratio.estimate),
        "ci": _ci(pair.ratio),
        "probability_better": json_number(pair.probability_better.estimate),
    }


def _tuned(tuned: TunedResult | None) -> dict[str, Any] | None:
    if tuned is None:
        return None
    return {
        "lr": tuned.rate.lr,
        "at_edge": tuned.rate.at_edge,
        "p50": json_number(tuned.p50),
        "paired": paired(tuned.paired),
    }


def _plain(value: Any) -> Any:
    """A parameter value as JSON: numbers stay numbers, infinity is a string."""
    if isinstance(value, Spec):
        return str(value)
    if isinstance(value, float):
        return json_number(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, bool | int | str) else written(value)
