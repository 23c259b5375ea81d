"""The verdicts of `lab check`: every claim, each of its readings, and what it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from reports.page.collect import Results
from reports.page.section import Figure, Section
from reports.tables import Table

PLACE = 5
MARKS = {"supported": "✓", "not supported": "✗", "inconclusive": "?"}


def sections(results: Results) -> Iterator[Section]:
    """A verdict on each claim, then all readings with their effects; nothing without claims."""
    claims = results.document.get("claims")
    if not isinstance(claims, list) or not claims:
        return
    counts = Counter(str(claim.get("verdict")) for claim in claims)
    finding = ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())
    header = ("claim", "verdict", "the paper", "measured")
    yield Section(
        "verdicts", "Verdicts", f"Of {len(claims)} claims: {finding}.",
        tables=[Table("verdicts", "", header, [_row(claim) for claim in claims], words=True)],
        note="A claim's own verdict is that of its first arm, the paper's setting.",
        command=results.command,
    )  # fmt: skip
    header = ("claim", "reading", "arm", "verdict", "measured")
    rows = [row for claim in claims for row in _arms(claim)]
    yield Section(
        "arms", "What they rest on",
        figures=[figure for claim in claims if (figure := _effects(claim))], facets="claim",
        tables=[Table("arms", "", header, rows, words=True)], command=results.command,
    )  # fmt: skip


def _row(claim: Mapping[str, Any]) -> tuple[str, ...]:
    verdict = str(claim.get("verdict", ""))
    return (
        _name(claim), f"{MARKS.get(verdict, '')} {verdict}".strip(),
        str(claim.get("paper", "")), str(claim.get("measured", "")),
    )  # fmt: skip


def _arms(claim: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for number, arm in enumerate(claim.get("arms", ())):
        keys = ("reading", "arm", "verdict", "measured")
        yield (_name(claim) if number == 0 else "", *(str(arm.get(key, "")) for key in keys))


def _name(claim: Mapping[str, Any]) -> str:
    return f"{claim.get('id', '')} {claim.get('title', '')}".strip()


def _effects(claim: Mapping[str, Any]) -> Figure | None:
    """Every effect of a claim with its interval."""
    rows = [
        {"schedule": None, "name": f"{arm.get('arm', '')}: {effect.get('label', '')}",
         "estimate": effect["estimate"],
         "low": (effect.get("ci") or [None])[0], "high": (effect.get("ci") or [None])[-1],
         "note": f"{effect.get('verdict', '')}, n = {effect.get('n', 0):,}"}
        for arm in claim.get("arms", ())
        for effect in arm.get("effects", ())
        if effect.get("estimate") is not None
    ]  # fmt: skip
    if not rows:
        return None
    finding = f"{_name(claim)}: {claim.get('verdict', '')}, by {len(rows)} effects."
    return Figure("forest", finding, {"rows": rows, "label": "effect"}, str(claim.get("id", "")))
