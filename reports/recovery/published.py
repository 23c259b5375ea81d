"""The paper's two recovery measures as text and JSON, with what they measure in each channel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from experiments.recovery.published import ChannelMeasures, Episodes, PublishedRecovery, Ratios
from reports.numbers import json_ends, json_number, percent, ratio, significant, with_interval
from reports.text import aligned


def text(measures: PublishedRecovery) -> str:
    """The ratio without noise, then both measures in each channel."""
    first = measures.requests[0]
    landscapes = ", ".join(request.landscape.text for request in measures.requests)
    return "\n".join(
        [
            f"The paper's two measures, as published: {first.optimizer.component.name}, lr"
            f" {first.lr:g}, {first.steps} steps, strength {measures.strength:g}, n ="
            f" {measures.seeds * len(measures.requests):,} lanes a schedule",
            f"over {landscapes}",
            "",
            "Recovery ratio (largest clean loss / mean of the last 10), without noise",
            _clean_table(measures),
            clean_sentence(measures),
            "",
            "Both measures with noise; schedules that differ are shown as lowest to highest",
            _channel_table(measures),
            *channel_sentences(measures),
        ]
    )


def document(measures: PublishedRecovery) -> dict[str, Any]:
    """The part `published` of the JSON document of `lab recovery`."""
    return {
        "landscapes": [request.landscape.text for request in measures.requests],
        "strength": measures.strength,
        "seeds": measures.seeds,
        "clean": [{"schedule": name, **_ratios(r)} for name, r in measures.clean.items()],
        "channels": [
            {
                "noise": m.noise,
                "channel": m.channel,
                "schedule": m.schedule,
                "same": m.same,
                **_ratios(m.ratios),
                "episodes": vars(m.episodes),
                "quiet_episodes": vars(m.quiet),
            }
            for m in measures.channels
        ],
    }


def grouped(measures: PublishedRecovery) -> dict[tuple[str, str], list[ChannelMeasures]]:
    """All schedules' measures by noise and channel."""
    groups: dict[tuple[str, str], list[ChannelMeasures]] = {}
    for found in measures.channels:
        groups.setdefault((found.noise, found.channel), []).append(found)
    return groups


def clean_sentence(measures: PublishedRecovery) -> str:
    """What the ratio measures without noise, from the lanes themselves."""
    shares = [r.start_is_largest for r in measures.clean.values() if r.start_is_largest is not None]
    if not shares:
        return "No lane has a ratio."
    return (
        f"The largest loss is the first one in {percent(float(np.mean(shares)))} of the lanes: the"
        " ratio is then f_0 over the final loss, the descent of the whole run."
    )


def channel_sentences(measures: PublishedRecovery) -> Iterator[str]:
    """What the measures measure in each channel, from the lanes themselves."""
    for channel in dict.fromkeys(found.channel for found in measures.channels):
        found = [m for m in measures.channels if m.channel == channel]
        said = _what_they_measure(found)
        if not any(m.episodes.closed + m.episodes.open for m in found):
            said += "; no term of the metric is recorded, so no episode opens"
        yield f"  {channel}: {said}."


def _what_they_measure(found: list[ChannelMeasures]) -> str:
    descent = "both measures describe ordinary descent"
    if all(m.same == 1.0 for m in found):
        return f"every loss is that of the lane without noise, bit for bit; {descent}"
    touched = {m.schedule for m in found if m.same < 1.0}
    names = [m.schedule for m in found if m.schedule not in touched]
    if not names:
        return "the noise changes the losses"
    return (
        f"the noise changes the losses, except under {', '.join(dict.fromkeys(names))}, where"
        f" {descent}"
    )


def _clean_table(measures: PublishedRecovery) -> str:
    rows = [["schedule", "median ratio [95 %]", "largest", "largest loss is the first", "lost"]]
    for name, found in measures.clean.items():
        first = _share(found.start_is_largest)
        rows.append(
            [name, with_interval(found.median), ratio(found.best), first, f"{found.undefined}"]
        )
    return aligned(rows)


def _channel_table(measures: PublishedRecovery) -> str:
    rows = [
        [
            "noise", "channel", "lanes as without noise", "median ratio", "episodes", "open",
            "of length 1", "median length", "mean length", "without noise",
        ]
    ]  # fmt: skip
    for (noise, channel), found in grouped(measures).items():
        own, quiet = [m.episodes for m in found], [m.quiet for m in found]
        rows.append(
            [
                noise, channel, _range([m.same for m in found], percent),
                _range([m.ratios.median.estimate for m in found if m.ratios.median], ratio),
                f"{sum(e.closed for e in own):,}", f"{sum(e.open for e in own):,}",
                _share(_one(own)), _range(_some(own, "median"), significant),
                _range(_some(own, "mean"), significant), _range(_some(quiet, "mean"), significant),
            ]
        )  # fmt: skip
    return aligned(rows, left=2)


def _range(values: list[Any], written: Any) -> str:
    """The lowest and the highest of the schedules; once where they are written alike."""
    if not values:
        return "-"
    low, high = written(min(values)), written(max(values))
    return low if low == high else f"{low} to {high}"


def _one(episodes: list[Episodes]) -> float | None:
    """Share of length 1 among the closed episodes of all schedules."""
    closed = sum(e.closed for e in episodes)
    return sum(e.one * e.closed for e in episodes if e.one is not None) / closed if closed else None


def _some(episodes: list[Episodes], name: str) -> list[float]:
    """One number a schedule, where it has one."""
    return [value for e in episodes if (value := getattr(e, name)) is not None]


def _share(value: float | None) -> str:
    return "-" if value is None else percent(value)


def _ratios(ratios: Ratios) -> dict[str, Any]:
    median = ratios.median
    return {
        "ratio": {
            "median": None if median is None else json_number(median.estimate),
            "ci": json_ends(median),
            "best": json_number(ratios.best),
        },
        "start_is_largest": ratios.start_is_largest,
        "n": ratios.n,
        "undefined": ratios.undefined,
    }
