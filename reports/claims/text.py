"""Verdicts as text, as JSON, and as a page for each claim."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments.check.claim import Arm, Effect
from experiments.check.run import Judged
from reports.numbers import json_number, with_interval
from reports.text import aligned


def table(judged: Sequence[Judged]) -> str:
    """A line a claim and arm: reading, verdict, the effect it rests on most."""
    rows = [["claim", "reading", "arm", "verdict", "ratio [interval]", "against"]]
    for result in judged:
        for i, arm in enumerate(result.arms):
            name = f"{result.claim.id} {result.claim.title}" if i == 0 else ""
            effect = arm.headline
            rows.append(
                [name, arm.reading, arm.name, str(arm.verdict),
                 with_interval(effect.interval) if effect else "-",
                 effect.label if effect else ""]
            )  # fmt: skip
    return aligned(rows, left=True)


def details(judged: Judged) -> str:
    """One claim at length: statement, figure, rule, and what each arm measured."""
    claim = judged.claim
    lines = [
        f"{claim.id}  {claim.title}: {judged.verdict}",
        f"  claim     {claim.statement}",
        f"  paper     {claim.paper}",
        f"  measure   {claim.measure}",
        f"  design    {claim.design}",
        f"  rule      {claim.rule}",
    ]
    if claim.limits:
        lines.append(f"  limits    {claim.limits}")
    for arm in judged.arms:
        lines.append(f"  {arm.reading}, {arm.name}: {arm.verdict}; {arm.measured}")
    return "\n".join(lines)


def document(judged: Sequence[Judged]) -> dict[str, Any]:
    """The JSON of `lab check`."""
    return {"schema": 1, "claims": [_claim(result) for result in judged]}


def differences(judged: Sequence[Judged], expected: dict[str, Any]) -> list[str]:
    """Verdicts that differ from a recorded document, a line each."""
    recorded = {
        (claim["id"], arm["reading"], arm["arm"]): arm["verdict"]
        for claim in expected["claims"]
        for arm in claim["arms"]
    }
    lines = []
    for result in judged:
        for arm in result.arms:
            key = (result.claim.id, arm.reading, arm.name)
            if key in recorded and recorded[key] != arm.verdict:
                lines.append(f"{', '.join(key)}: {arm.verdict}, recorded {recorded[key]}")
    return lines


def _claim(result: Judged) -> dict[str, Any]:
    claim, first = result.claim, result.arms[0]
    effect = first.headline
    return {
        "id": claim.id,
        "title": claim.title,
        "verdict": str(result.verdict),
        "paper": claim.paper,
        "measured": first.measured,
        "ci": _ci(effect) if effect else None,
        "n": effect.interval.n if effect else None,
        "rule": claim.rule,
        "arms": [_arm(arm) for arm in result.arms],
    }


def _arm(arm: Arm) -> dict[str, Any]:
    return {
        "reading": arm.reading,
        "arm": arm.name,
        "verdict": str(arm.verdict),
        "measured": arm.measured,
        "effects": [
            {
                "label": effect.label,
                "estimate": json_number(effect.interval.estimate),
                "ci": _ci(effect),
                "confidence": effect.interval.confidence,
                "n": effect.interval.n,
                "verdict": str(effect.verdict),
            }
            for effect in arm.effects
        ],
    }


def _ci(effect: Effect) -> list[Any] | None:
    interval = effect.interval
    if interval.low is None or interval.high is None:
        return None
    return [json_number(interval.low), json_number(interval.high)]
