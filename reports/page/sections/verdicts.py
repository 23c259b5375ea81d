"""The verdicts of `lab check`: every claim, each of its readings, and what it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from reports.page.collect import Results
from reports.page.section import Figure, Section
from reports.tables import Table

PLACE = 5


def sections(results: Results) -> Iterator[Section]:
    """A table of verdicts, where the directory holds claims."""
    claims = results.document.get("claims")
    if not isinstance(claims, list) or not claims:
        return
    rows = [row for claim in claims for row in _rows(claim)]
    counts = Counter(str(claim.get("verdict")) for claim in claims)
    finding = ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())
    yield Section(
        "verdicts", "Verdicts", f"Of {len(claims)} claims: {finding}.",
        figures=[figure for claim in claims if (figure := _effects(claim))], facets="claim",
        tables=[Table("verdicts", "", ("claim", "reading", "arm", "verdict", "measured"), rows)],
        note="A claim's own verdict is that of its first arm, the paper's setting.",
        command=results.command,
    )  # fmt: skip


def _rows(claim: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for number, arm in enumerate(claim.get("arms", ())):
        name = f"{claim.get('id', '')} {claim.get('title', '')}" if number == 0 else ""
        keys = ("reading", "arm", "verdict", "measured")
        yield (name, *(str(arm.get(key, "")) for key in keys))


def _effects(claim: Mapping[str, Any]) -> Figure | None:
    """Every effect of a claim with its interval."""
    rows = [
        {"schedule": None, "name": f"{arm.get('reading', '')}: {effect.get('label', '')}",
         "estimate": effect["estimate"],
         "low": (effect.get("ci") or [None])[0], "high": (effect.get("ci") or [None])[-1],
         "note": f"{effect.get('verdict', '')}, n = {effect.get('n', 0):,}"}
        for arm in claim.get("arms", ())
        for effect in arm.get("effects", ())
        if effect.get("estimate") is not None
    ]  # fmt: skip
    if not rows:
        return None
    finding = f"{claim.get('id', '')} {claim.get('title', '')}: {claim.get('verdict', '')}."
    return Figure("forest", finding, {"rows": rows, "label": "effect"}, str(claim.get("id", "")))
