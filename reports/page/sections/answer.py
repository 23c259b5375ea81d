"""The answer first: who is ahead, in a sentence and a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from experiments.comparison import Paired
from experiments.study.ranking import Rank, rank
from lab.statistics.bootstrap import FEWEST
from lab.statistics.interval import Interval
from reports import numbers, tables
from reports.aggregate import heat
from reports.labels import short
from reports.page.collect import Results, runs_of
from reports.page.section import Section
from reports.page.sections import heatmaps
from reports.text import answer

PLACE = 10


def sections(results: Results) -> Iterator[Section]:
    """The two questions of a comparison, or the ranking of a study in each channel."""
    if runs_of(results.document):
        yield from _comparison(results)
    elif results.cells:
        yield _ranking(results)


def _ranking(results: Results) -> Section:
    found = rank(results.cells, ("channel",))
    points = [_ahead(results, str(channel), ranks) for (channel,), ranks in found.items()]
    figures = []
    if len(found) > 1:
        everything = np.ones(len(results.cells["cell"]), dtype=bool)
        overview = heat(results, "channel", everything)
        figures = [heatmaps.figure(results, "", overview, "channel")]
    return Section(
        "answer", "Who is ahead", _first(results, found), points, figures,
        tables=tables.rankings(results),
        note="Median / lowest: a schedule's median divided by the lowest median of the scenario,"
        " geometric mean over scenarios, at the rates the study declares; 1 is best."
        f" n = {tables.seeds_of(results)} paired seeds a cell.",
        command=results.command,
    )  # fmt: skip


def _first(results: Results, found: Mapping[tuple[Any, ...], list[Rank]]) -> str:
    """Whether one schedule is ahead in all channels."""
    if not found:
        return "In every scenario more than half of the lanes diverged under every schedule."
    labels = short(results.schedules)
    ahead = Counter(labels[ranks[0].schedule] for ranks in found.values())
    if len(found) == 1:
        return f"{next(iter(ahead))} is nearest to the best."
    if len(ahead) == 1:
        return f"{next(iter(ahead))} is nearest to the best in all {len(found)} channels."
    parts = [f"{name} in {count}" for name, count in ahead.most_common()]
    return f"Nearest to the best is {', '.join(parts)} of {len(found)} channels."


def _ahead(results: Results, channel: str, ranks: list[Rank]) -> str:
    """One channel's ranking as a sentence."""
    labels = short(results.schedules)
    first = ranks[0]
    here = results.cells["channel"] == channel
    inert = results.cells["inert"][here & (results.cells["noise"] != "none")]
    text = f"Channel {channel}"
    text += ", where the noise acts on nothing: " if inert.size and inert.all() else ": "
    text += (
        f"{labels[first.schedule]} has {numbers.ratio(first.to_best)} times the lowest median on"
        f" average over {first.scenarios:,} scenarios, and the lowest itself in"
        f" {numbers.percent(first.lowest)} of them"
    )
    if len(ranks) > 1:
        text += f"; next is {labels[ranks[1].schedule]}, {numbers.ratio(ranks[1].to_best)} times"
    return text + "."


def _comparison(results: Results) -> Iterator[Section]:
    """At the shared rate and at each schedule's own, a sentence and a table a strength."""
    cells, parts = results.cells, runs_of(results.document)
    shared, tuned = [], []
    for part in parts:
        chosen = np.flatnonzero(cells["strength"] == part["strength"])
        prefix = f"Strength {part['strength']:g}: " if len(parts) > 1 else ""
        shared.append(prefix + _sentence(results, chosen, ""))
        if not np.isnan(cells["tuned_p50"][chosen]).any():
            tuned.append(prefix + _sentence(results, chosen, "tuned_"))
    rate = f"{cells['lr'][0]:g}"
    yield Section(
        "answer", f"At the shared rate {rate}", *_said(shared),
        tables=[*tables.shared(results), tables.parameters(results)],
        note="Noise effect: median / median of the same lanes without noise.",
        command=results.command,
    )  # fmt: skip
    if tuned:
        yield Section(
            "tuned", "Each schedule at its own rate", *_said(tuned), tables=tables.tuned(results),
            note="Tuned on 250 other seeds over 9 rates in 4 decades; ! marks a rate at the edge of"
            " that grid: a better one may lie beyond.",
            command=results.command,
        )  # fmt: skip


def _said(sentences: list[str]) -> tuple[str, list[str]]:
    """One sentence as the finding, several as points."""
    return (sentences[0], []) if len(sentences) == 1 else ("", sentences)


def _sentence(results: Results, chosen: np.ndarray, prefix: str) -> str:
    """The plain answer for some cells, as the terminal gives it."""
    cells = results.cells
    names = [str(name) for name in cells["schedule"][chosen]]
    reference = int(np.flatnonzero(chosen == cells["reference"][chosen[0]])[0])
    pairs = [
        None if i == reference else _pair(cells, int(cell), names[reference], prefix)
        for i, cell in enumerate(chosen)
    ]
    medians = cells[f"{prefix or 'final_'}p50"][chosen].tolist()
    text = answer(names, reference, medians, pairs)
    return text[0].upper() + text[1:] if text.startswith("more") else text


def _pair(cells: Mapping[str, np.ndarray], cell: int, against: str, prefix: str) -> Paired:
    names = (f"{prefix}ratio", f"{prefix}ratio_low", f"{prefix}ratio_high", f"{prefix}better")
    ratio, low, high, better = (_known(cells[name][cell]) for name in names)
    n = int(cells["seeds"][cell])
    note = ""
    if ratio is None:
        note = "both medians are zero or infinite"
    elif low is None:
        few = f"no interval from fewer than {FEWEST} seeds"
        note = few if n < FEWEST else "too few seeds lie on different sides of the two medians"
    return Paired(against, Interval(ratio, low, high, n, note), Interval(better, None, None, n))


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
